import { type Command } from 'commander';
import { LiveConfig, type LiveRuleSet } from '../config/live.js';
import { callData } from '../domain/call-data.js';
import { nearest } from '../lib/nearest.js';
import { type ExplainNode } from '../rules/condition.js';
import { isSelected } from '../rules/rule-book.js';
import { type CommandContext } from './command-context.js';
import { describeCondition } from './describe-condition.js';
import { CliError, EXIT, usageError } from './exit-codes.js';
import { type GivenOptions, readGivenCall } from './given-call.js';
import { type Colours, coloursFor, type Io } from './io.js';
import { loadConfig } from './load-config.js';
import { atOption, configOption, labelOption, type Output, outputOption, sourceOption } from './options.js';
import { printable, printJson } from './print.js';
import { type SimulatedCall, simulateCall, type Simulation } from './simulation.js';

interface ExplainOptions extends GivenOptions {
  config: string;
  output: Output;
}

type Decision = Simulation['decisions'][number];

/** One rule's verdict with its condition, as `explain -o json` prints it. */
type ExplainedRule = Decision & { condition: ExplainNode | null };

export function addExplain(program: Command, { io, finish }: CommandContext): void {
  program
    .command('explain')
    .description('show why rules fire or do not: each condition with the values it saw')
    .argument('<call>', 'a file, - for standard input, the id of a stored event, or a sample')
    .argument('[rule]', 'only this rule')
    .addOption(configOption())
    .addOption(atOption())
    .addOption(sourceOption())
    .addOption(labelOption())
    .addOption(outputOption())
    .addHelpText('after', '\nA stored event is explained by the rules of today.')
    .action(async (given: string, rule: string | undefined, options: ExplainOptions) =>
      finish(await explain(io, given, rule, options)),
    );
}

async function explain(
  io: Io,
  given: string,
  rule: string | undefined,
  options: ExplainOptions,
): Promise<number> {
  const { config } = await loadConfig(io, options.config);
  const live = new LiveConfig(config).current();
  if (rule !== undefined && !live.rules.has(rule)) throw unknownRule(rule, live);
  const call = await readGivenCall(given, options, io, config);
  if (call.reading.as === 'unreadable') throw new CliError(EXIT.findings, 'there is no call to explain');
  const { event, decisions } = simulateCall(live, call);
  const wanted = decisions.filter((decision) => rule === undefined || decision.rule === rule);
  const data = dataOf(call);
  const rules = wanted.map((decision) => ({
    ...decision,
    condition: live.book.explain(decision.rule, data),
  }));
  if (options.output === 'json') printJson(io, { event, rules });
  else
    io.stdout(rules.map((each) => describe(each, verdictWords(each, call, live), coloursFor(io))).join('\n'));
  return EXIT.fine;
}

function dataOf({ reading, source, labels, eventId, receivedAt }: SimulatedCall) {
  const call = reading.as === 'unreadable' ? {} : reading.call;
  return callData(call, { source: source.name, labels, eventId, receivedAt });
}

function describe({ rule, condition }: ExplainedRule, verdict: string, colours: Colours): string {
  const tree = condition === null ? '' : describeCondition(condition, colours);
  return `${colours.bold(rule)}  ${printable(verdict)}\n${tree}`;
}

function verdictWords(decision: ExplainedRule, { source, labels }: SimulatedCall, live: LiveRuleSet): string {
  const { verdict, shadow, because } = decision;
  const rule = live.rules.get(decision.rule);
  const words = `${verdict.replaceAll('_', ' ')}${shadow ? ' (shadow)' : ''}`;
  if (because.length > 0)
    return `${words}: ${because.map(({ path, problem }) => `${path} ${problem}`).join(', ')}`;
  if (verdict === 'not_matched' && rule?.catchAll && decision.condition?.result === 'true')
    return `${words}: it catches the rest, and a rule before it in the file fired`;
  if (verdict !== 'not_evaluated' || !rule) return words;
  if (rule.state === 'disabled') return `${words}: it is disabled`;
  const isForSource = isSelected(rule.sources, { name: source.name, labels });
  return isForSource ? `${words}: a rule before it stopped the file` : `${words}: it is for other sources`;
}

function unknownRule(rule: string, live: LiveRuleSet): CliError {
  const near = nearest(rule, live.rules.keys());
  const hint =
    near === null ? `there are ${[...live.rules.keys()].join(', ') || 'none'}` : `did you mean ${near}?`;
  return usageError(`there is no rule ${rule}; ${hint}`);
}
