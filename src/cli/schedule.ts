import { type Command, Option } from 'commander';
import { type Config, type SourceConfig } from '../config/config.js';
import { LiveConfig, type LiveRuleSet } from '../config/live.js';
import { callData } from '../domain/call-data.js';
import { asPhone } from '../domain/contact.js';
import { type Call } from '../domain/event.js';
import { type TimedCall } from '../plan/plan-timing.js';
import { type RuleContent } from '../rules/rule.js';
import { chooseSource } from './choose-source.js';
import { type CommandContext } from './command-context.js';
import { describeSchedule } from './describe-schedule.js';
import { CliError, EXIT, usageError } from './exit-codes.js';
import { unknownRule } from './explain.js';
import { type GivenOptions, readGivenCall } from './given-call.js';
import { type Io } from './io.js';
import { loadConfig } from './load-config.js';
import { atOption, configOption, labelOption, type Output, outputOption, sourceOption } from './options.js';
import { printJson } from './print.js';
import { scheduleRule } from './schedule-rule.js';

interface ScheduleOptions extends GivenOptions {
  config: string;
  output: Output;
  /** Names the call that the times are for. */
  call?: string;
  /** Phone number, as it was typed. */
  contact?: string;
}

export function addSchedule(program: Command, { io, finish }: CommandContext): void {
  program
    .command('schedule')
    .description('show when the follow-ups of a rule would be due: the next ten slots of each')
    .argument('<rule>', 'id of a rule')
    .addOption(configOption())
    .addOption(new Option('--contact <phone>', 'for this contact: slots at which it may be reached'))
    .addOption(atOption())
    .addOption(
      new Option(
        '--call <call>',
        'of this call, for times and campaigns that it names: a file, - or a sample',
      ),
    )
    .addOption(sourceOption())
    .addOption(labelOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nWithout --at the call is received now. Nothing is looked up: the list of stopped contacts and limits count when it is due.',
    )
    .action(async (rule: string, options: ScheduleOptions) => finish(await schedule(io, rule, options)));
}

async function schedule(io: Io, id: string, options: ScheduleOptions): Promise<number> {
  const { config } = await loadConfig(io, options.config);
  const live = new LiveConfig(config).current();
  const rule = requireRule(live, id);
  const scheduled = scheduleRule(live, rule, await readTimedCall(io, config, options));
  if (options.output === 'json') printJson(io, scheduled);
  else io.stdout(describeSchedule(scheduled, io));
  return EXIT.fine;
}

function requireRule(live: LiveRuleSet, id: string): RuleContent {
  const rule = live.rules.get(id);
  if (rule === undefined) throw unknownRule(id, live);
  return rule;
}

/** The call that is named, or one of which nothing is known but its contact. */
async function readTimedCall(io: Io, config: Config, options: ScheduleOptions): Promise<TimedCall> {
  const phone = options.contact === undefined ? null : readPhone(options.contact);
  const { call, ...facts } = await readFacts(io, config, options);
  const { source, labels, eventId, receivedAt } = facts;
  const asked = phone === null ? call : { ...call, customer_phone: phone };
  const data = callData(asked, { source: source.name, labels, eventId, receivedAt });
  return { source, data, receivedAt };
}

function readPhone(written: string): string {
  const phone = asPhone(written, null);
  if (phone !== null) return phone;
  throw usageError('--contact: expected a phone number with its country, such as +436641234567');
}

interface CallFacts {
  source: SourceConfig;
  labels: Record<string, string>;
  eventId: string;
  receivedAt: number;
  call: Call;
}

async function readFacts(io: Io, config: Config, options: ScheduleOptions): Promise<CallFacts> {
  if (options.call === undefined) {
    const source = chooseSource(config, options.source, io);
    const labels = { ...source.labels, ...options.label };
    return { source, labels, eventId: '', receivedAt: options.at ?? io.now(), call: {} };
  }
  const { reading, ...given } = await readGivenCall(options.call, options, io, config);
  if (reading.as === 'unreadable') throw new CliError(EXIT.findings, 'there is no call to plan for');
  return { ...given, call: reading.call };
}
