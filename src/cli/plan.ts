import { type Command, Option } from 'commander';
import { type Config } from '../config/config.js';
import { type JsonObject } from '../lib/json.js';
import { PENDING_CHOICES, type PendingChoice } from '../replay/queries.js';
import { type AppliedView } from '../replay/plan-views.js';
import { runBulk } from './bulk.js';
import { type CommandContext } from './command-context.js';
import { describeApplied, describeRulePlan, foretellApply } from './describe-plan.js';
import { addDeskOptions, type BulkFlags, type DeskOptions } from './desk-options.js';
import { EXIT, usageError } from './exit-codes.js';
import { coloursFor, type Io } from './io.js';
import { loadConfig } from './load-config.js';
import { type OpenDesk, withDesk } from './open-desk.js';
import { printJson } from './print.js';

type ApplyFlags = DeskOptions & Pick<BulkFlags, 'yes' | 'dryRun'> & { pending?: PendingChoice };

export function addPlan(program: Command, { io, finish }: CommandContext): void {
  const command = program
    .command('plan')
    .description('show what changed rules mean for the follow-ups that wait; changes nothing');
  addDeskOptions(command)
    .addHelpText(
      'after',
      '\nWith --url the rules of a folder that is named with --config are looked at, else those in force there.' +
        '\nFollow-ups keep the rules that planned them until `aftercall apply` says otherwise.',
    )
    .action(async () => finish(await plan(io, command)));
}

export function addApply(program: Command, { io, finish }: CommandContext): void {
  const command = program
    .command('apply')
    .description('settle what becomes of follow-ups that rules planned which have changed since');
  addDeskOptions(command)
    .addOption(
      new Option(
        '--pending <how>',
        'keep them by their old rules, migrate them to the rules in force, or cancel those that differ',
      ).choices(PENDING_CHOICES),
    )
    .option('-y, --yes', 'do not ask', false)
    .option('--dry-run', 'only count', false)
    .addHelpText(
      'after',
      '\nIt goes by the rules in force. With --url and --config it is refused where these are other ones.',
    )
    .action(async () => finish(await apply(io, command)));
}

async function plan(io: Io, command: Command): Promise<number> {
  const config = await namedConfig(io, command);
  const options = config === null ? {} : { rule_set: config.ruleSet as unknown as JsonObject };
  return withDesk(io, command, 'read', async ({ desk, flags }) => {
    const view = await desk.rules.planChange(options);
    if (command.opts<DeskOptions>().output === 'json') printJson(io, view);
    else io.stdout(describeRulePlan(view, { colours: coloursFor(io), now: io.now(), flags }));
    return EXIT.fine;
  });
}

async function apply(io: Io, command: Command): Promise<number> {
  const { pending, ...flags } = command.opts<ApplyFlags>();
  if (pending === undefined)
    throw usageError('apply wants --pending keep, migrate or cancel; `aftercall plan` shows what each means');
  const config = await namedConfig(io, command);
  const fingerprint = config === null ? {} : { fingerprint: config.fingerprint };
  return withDesk(io, command, 'change', (open) => applyChoice(io, open, { ...flags, pending }, fingerprint));
}

async function applyChoice(
  io: Io,
  { desk }: OpenDesk,
  flags: Required<Pick<ApplyFlags, 'pending'>> & Omit<ApplyFlags, 'pending'>,
  fingerprint: { fingerprint?: string },
): Promise<number> {
  const { pending, output } = flags;
  const options = { pending, ...fingerprint };
  const print = (view: AppliedView, words: string) =>
    output === 'json' ? printJson(io, view) : io.stdout(words);
  return runBulk(io, flags, {
    count: () => desk.rules.applyChange({ ...options, dry_run: true }),
    announce: foretellApply,
    run: () => desk.rules.applyChange(options),
    report: (view) => {
      print(view, describeApplied(view));
      return EXIT.fine;
    },
    reportCount: (view) => print(view, `${foretellApply(view)}\n`),
  });
}

/** The configuration that is meant, where a server is asked and a folder was named beside it; null: the server's own. */
async function namedConfig(io: Io, command: Command): Promise<Config | null> {
  const { url, config: folder } = command.opts<DeskOptions>();
  const isNamed = command.getOptionValueSource('config') !== 'default';
  return url !== undefined && isNamed ? (await loadConfig(io, folder)).config : null;
}
