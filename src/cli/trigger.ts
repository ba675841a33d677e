import { randomInt } from 'node:crypto';
import { type Command, Option } from 'commander';
import { type Config, type SourceConfig } from '../config/config.js';
import { type ServerAnswer } from './ask-server.js';
import { chooseSource } from './choose-source.js';
import { type CommandContext } from './command-context.js';
import { editCall, hasId, parseValue } from './edit-call.js';
import { CliError, EXIT } from './exit-codes.js';
import { localUrl } from './hook-urls.js';
import { coloursFor, type Io } from './io.js';
import { loadConfig } from './load-config.js';
import { readTokens } from './open-store.js';
import {
  collectPair,
  configOption,
  labelOption,
  type Output,
  outputOption,
  sourceOption,
} from './options.js';
import { postCall } from './post-call.js';
import { printable } from './print.js';
import { readSample } from './read-call.js';

interface TriggerOptions {
  config: string;
  url?: string;
  token?: string;
  source?: string;
  label: Record<string, string>;
  set: Record<string, string>;
  unset: string[];
  sameId: boolean;
  output: Output;
}

export function addTrigger(program: Command, { io, finish }: CommandContext): void {
  program
    .command('trigger')
    .description('post a sample call to a running server, with its token')
    .argument('<call>', 'a file, - for standard input, or a sample such as autocalls/completed-campaign')
    .addOption(
      new Option('--set <path=value>', 'set a value (JSON, else text); may be repeated')
        .argParser(collectPair)
        .default({}, 'nothing'),
    )
    .addOption(
      new Option('--unset <path>', 'take a value out; may be repeated')
        .argParser((path: string, before: string[]) => [...before, path])
        .default([], 'nothing'),
    )
    .option('--same-id', "keep the sample's id; without it every call gets a fresh one", false)
    .addOption(
      new Option('--url <url>', 'address of the server; default: that of the configuration').env(
        'AFTERCALL_URL',
      ),
    )
    .addOption(
      new Option('--token <token>', 'hook token; default: from the configuration or the store').env(
        'AFTERCALL_HOOK_TOKEN',
      ),
    )
    .addOption(sourceOption())
    .addOption(labelOption())
    .addOption(configOption())
    .addOption(outputOption())
    .action(async (given: string, options: TriggerOptions) => finish(await trigger(io, given, options)));
}

async function trigger(io: Io, given: string, options: TriggerOptions): Promise<number> {
  const body = changeCall(await readSample(given, io), options);
  const target = await findTarget(io, options);
  const answer = await postCall({ ...target, labels: options.label, body });
  io.stdout(options.output === 'json' ? `${answer.body}\n` : describe(answer, io));
  return answer.ok ? EXIT.fine : EXIT.findings;
}

/** A fresh id each time: the same content under the same id would only be a duplicate. */
function changeCall(text: string, { set, unset, sameId }: TriggerOptions): string {
  const values = Object.fromEntries(Object.entries(set).map(([path, value]) => [path, parseValue(value)]));
  const fresh = sameId || !hasId(text) ? {} : { id: freshId() };
  return editCall(text, { set: { ...fresh, ...values }, unset });
}

/** Microseconds and a little chance: a whole number that still is exact, as the vendor's ids are. */
function freshId(): number {
  return Date.now() * 1000 + randomInt(1000);
}

interface Target {
  url: string;
  source: string;
  token: string;
}

/** With address, source and token given, no configuration is needed. */
async function findTarget(io: Io, { config: folder, url, source, token }: TriggerOptions): Promise<Target> {
  if (url !== undefined && source !== undefined && token !== undefined) return { url, source, token };
  const { config } = await loadConfig(io, folder);
  const chosen = chooseSource(config, source, io);
  const { host, port } = config.server;
  return {
    url: url ?? localUrl(host, port),
    source: chosen.name,
    token: token ?? (await tokenOf(chosen, config)),
  };
}

async function tokenOf(source: SourceConfig, config: Config): Promise<string> {
  const [configured] = source.tokens;
  if (configured !== undefined) return configured;
  const { hooks } = await readTokens(config);
  const kept = hooks.get(source.name)?.[0];
  if (kept !== undefined) return kept;
  throw new CliError(EXIT.findings, `source ${source.name} has no token; name one with --token`);
}

function describe({ ok, status, body }: ServerAnswer, io: Io): string {
  const colours = coloursFor(io);
  const word = ok ? colours.green(String(status)) : colours.red(String(status));
  return `${word} ${printable(body)}\n`;
}
