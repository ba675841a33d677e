import { type Command } from 'commander';
import { type ConfigProblem } from '../config/config.js';
import { formatProblem } from '../config/read-config.js';
import { type AskedDestination, type checkOnline } from './check-online.js';
import { type CommandContext } from './command-context.js';
import { EXIT } from './exit-codes.js';
import { coloursFor, type Io } from './io.js';
import { type ConfigReading, readConfigFolder } from './load-config.js';
import { configOption, type Output, outputOption } from './options.js';
import { count, printJson } from './print.js';

interface CheckOptions {
  config: string;
  output: Output;
  strict: boolean;
  online: boolean;
}

export function addCheck(program: Command, { io, finish }: CommandContext): void {
  program
    .command('check')
    .description('find all problems of all files at once')
    .addOption(configOption())
    .option('--strict', 'warnings count as errors', false)
    .option(
      '--online',
      'also asks every destination, by reading only, whether credentials and names are good',
      false,
    )
    .addOption(outputOption())
    .action(async (options: CheckOptions) => finish(await check(io, options)));
}

async function check(io: Io, { config, output, strict, online }: CheckOptions): Promise<number> {
  const read = await readConfigFolder(io, config);
  const asked = online && read.ok ? await askDestinations(read, io.env) : [];
  const found = read.ok ? read.config.warnings : read.problems;
  const problems = [...found, ...asked.flatMap((destination) => destination.problems)];
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  const ok = read.ok && errors === 0 && !(strict && warnings > 0);
  if (output === 'json')
    printJson(io, { ok, errors, warnings, problems, ...(online && { destinations: asked }) });
  else io.stdout(`${problems.map(formatProblem).join('\n')}${problems.length > 0 ? '\n\n' : ''}`);
  if (output === 'text' && online) io.stdout(describeAsked(asked));
  if (output === 'text') io.stdout(`${summary(io, read, problems, ok)}\n`);
  return ok ? EXIT.fine : EXIT.findings;
}

/** Loaded only here: the clients of the network would make every other command slower. */
const askDestinations: typeof checkOnline = async (...args) =>
  (await import('./check-online.js')).checkOnline(...args);

/** A line for each destination: what it is, and what it answered. */
function describeAsked(asked: readonly AskedDestination[]): string {
  const width = (pick: (one: AskedDestination) => string) =>
    Math.max(0, ...asked.map((one) => pick(one).length));
  const [names, kinds] = [width(({ name }) => name), width(({ kind }) => kind)];
  const lines = asked.map(
    (one) => `${one.name.padEnd(names)}  ${one.kind.padEnd(kinds)}  ${answerOf(one)}\n`,
  );
  return lines.length === 0 ? '' : `${lines.join('')}\n`;
}

function answerOf({ asked, account, problems }: AskedDestination): string {
  if (!asked) return 'not asked: it can only be tried by sending';
  if (problems.length > 0) return count(problems.length, 'problem');
  return account === null ? 'fine' : `fine (${account})`;
}

function summary(io: Io, read: ConfigReading, problems: readonly ConfigProblem[], ok: boolean): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const found = `${count(errors, 'error')}, ${count(problems.length - errors, 'warning')}`;
  const colours = coloursFor(io);
  if (!read.ok || !ok) return colours.red(found);
  const { ruleSet, destinations, sources } = read.config;
  const parts = [count(ruleSet.rules.length, 'rule'), count(destinations.size, 'destination')];
  return colours.green(`${found}: ${[...parts, count(sources.size, 'source')].join(', ')}`);
}
