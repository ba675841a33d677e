import { type Command, Option } from 'commander';
import { LiveConfig, type LiveRuleSet } from '../config/live.js';
import { callData } from '../domain/call-data.js';
import { nearest } from '../lib/nearest.js';
import { REPLAY_RULES, type ReplayRules } from '../replay/queries.js';
import { type CommandContext } from './command-context.js';
import { describeExplained, type ExplainedBy, type ExplainedRule } from './describe-explained.js';
import { addDeskOptions, type DeskOptions } from './desk-options.js';
import { CliError, EXIT, usageError } from './exit-codes.js';
import { type GivenOptions, readGivenCall } from './given-call.js';
import { coloursFor, type Io } from './io.js';
import { loadConfig } from './load-config.js';
import { withDesk } from './open-desk.js';
import { atOption, labelOption, sourceOption } from './options.js';
import { printJson } from './print.js';
import { isEventId } from './read-call.js';
import { type SimulatedCall } from './simulated-call.js';
import { simulateCall } from './simulation.js';

interface ExplainOptions extends GivenOptions, DeskOptions {
  rules: ReplayRules;
}

export function addExplain(program: Command, { io, finish }: CommandContext): void {
  const command = program
    .command('explain')
    .description('show why rules fire or do not: each condition with the values it saw')
    .argument('<call>', 'a file, - for standard input, the id of a stored event, or a sample')
    .argument('[rule]', 'only this rule');
  addDeskOptions(command)
    .addOption(
      new Option('--rules <when>', 'a stored event by the rules that decided it, or by those in force')
        .choices(REPLAY_RULES)
        .default('then'),
    )
    .addOption(atOption())
    .addOption(sourceOption())
    .addOption(labelOption())
    .addHelpText(
      'after',
      '\nWhat is changed by --at, --source or --label is explained by the rules in force.',
    )
    .action(async (given: string, rule: string | undefined) =>
      finish(await explain(io, command, given, rule)),
    );
}

function explain(io: Io, command: Command, given: string, rule: string | undefined): Promise<number> {
  const options = command.opts<ExplainOptions>();
  const isChanged = options.at !== undefined || options.source !== undefined || hasAny(options.label);
  const isStored = isEventId(given) && options.rules === 'then' && !isChanged;
  return isStored ? explainStored(io, command, given, rule) : explainNow(io, options, given, rule);
}

function hasAny(labels: Record<string, string>): boolean {
  return Object.keys(labels).length > 0;
}

/** By the rule set that is stored with the event. */
async function explainStored(
  io: Io,
  command: Command,
  id: string,
  rule: string | undefined,
): Promise<number> {
  const explained = await withDesk(io, command, 'read', ({ desk }) => desk.explain(id.toLowerCase(), rule));
  return print(io, command.opts<ExplainOptions>(), explained, null);
}

async function explainNow(
  io: Io,
  options: ExplainOptions,
  given: string,
  rule: string | undefined,
): Promise<number> {
  const { config } = await loadConfig(io, options.config);
  const live = new LiveConfig(config).current();
  if (rule !== undefined && !live.rules.has(rule)) throw unknownRule(rule, live);
  const call = await readGivenCall(given, options, io, config);
  if (call.reading.as === 'unreadable') throw new CliError(EXIT.findings, 'there is no call to explain');
  const { event, decisions } = simulateCall(live, call);
  const wanted = decisions.filter((decision) => rule === undefined || decision.rule === rule);
  const data = dataOf(call);
  const rules = wanted.map((each) => ({ ...each, condition: live.book.explain(each.rule, data) }));
  const { source, labels } = call;
  return print(io, options, { event, rules }, { live, source: { name: source.name, labels } });
}

function print(
  io: Io,
  { output }: ExplainOptions,
  explained: { event: object; rules: ExplainedRule[] },
  by: ExplainedBy | null,
): number {
  if (output === 'json') printJson(io, explained);
  else io.stdout(describeExplained(explained.rules, by, coloursFor(io)));
  return EXIT.fine;
}

function dataOf({ reading, source, labels, eventId, receivedAt }: SimulatedCall) {
  const call = reading.as === 'unreadable' ? {} : reading.call;
  return callData(call, { source: source.name, labels, eventId, receivedAt });
}

export function unknownRule(rule: string, live: LiveRuleSet): CliError {
  const near = nearest(rule, live.rules.keys());
  const hint =
    near === null ? `there are ${[...live.rules.keys()].join(', ') || 'none'}` : `did you mean ${near}?`;
  return usageError(`there is no rule ${rule}; ${hint}`);
}
