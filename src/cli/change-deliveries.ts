import { type Command, Option } from 'commander';
import { BULK_STATES, type DeliveryCommand, type DeliveryState } from '../domain/delivery.js';
import { type DeskMethods } from '../replay/desk.js';
import { type BulkOptions, type DeliveryQuery, type ReleaseOptions } from '../replay/queries.js';
import { type CountView, type DeliveryView } from '../replay/views.js';
import { choose, runBulk } from './bulk.js';
import { type CommandContext } from './command-context.js';
import { actionName, stateWords, targetName } from './describe-deliveries.js';
import {
  addBulkFlags,
  addDeliveryFilters,
  addDeskOptions,
  type BulkFlags,
  type DeliveryFilters,
  deliveryQuery,
  type DeskOptions,
} from './desk-options.js';
import { forEachId } from './each-id.js';
import { EXIT } from './exit-codes.js';
import { coloursFor, type Io } from './io.js';
import { type OpenDesk, withDesk } from './open-desk.js';
import { count, printable, printJson } from './print.js';
import { collectInput, IF_MISSING, type ReleaseFlags, releaseOptions } from './release-flags.js';
import { statePaint } from './state-colours.js';

type ChangeOptions = DeskOptions & DeliveryFilters & BulkFlags & ReleaseFlags;

/** One of the three commands: how it is asked of a desk, and its words. */
interface Change {
  name: DeliveryCommand['do'];
  description: string;
  /** `will be tried again at once` */
  future: string;
  /** `retried` */
  past: string;
  one: (desk: DeskMethods, id: string, options: ReleaseOptions) => Promise<DeliveryView>;
  many: (
    desk: DeskMethods,
    query: DeliveryQuery,
    options: ReleaseOptions & BulkOptions,
  ) => Promise<CountView>;
}

const RETRY: Change = {
  name: 'retry',
  description: 'try dead deliveries again, at once, under the same idempotency key',
  future: 'will be tried again at once',
  past: 'retried',
  one: (desk, id) => desk.retry(id),
  many: (desk, query, { dry_run }) => desk.retryMany(query, { dry_run }),
};

const RELEASE: Change = {
  name: 'release',
  description: 'let held deliveries go, with other input if need be',
  future: 'will be let go and sent',
  past: 'released',
  one: (desk, id, options) => desk.release(id, options),
  many: (desk, query, options) => desk.releaseMany(query, options),
};

const CANCEL: Change = {
  name: 'cancel',
  description: 'take deliveries back that are pending, held or dead',
  future: 'will be taken back for good',
  past: 'canceled',
  one: (desk, id) => desk.cancel(id),
  many: (desk, query, { dry_run }) => desk.cancelMany(query, { dry_run }),
};

export function addChangeCommands(deliveries: Command, context: CommandContext): void {
  addChange(deliveries, context, RETRY);
  addChange(deliveries, context, RELEASE)
    .addOption(
      new Option('--set <field=value>', 'a field of the input, as it is (JSON, else text); may be repeated')
        .argParser(collectInput)
        .default({}, 'nothing'),
    )
    .addOption(
      new Option(
        '--if-missing <how>',
        'send in spite of missing values: show, leave out or blank them',
      ).choices(IF_MISSING),
    );
  addChange(deliveries, context, CANCEL);
}

function addChange(deliveries: Command, { io, finish }: CommandContext, change: Change): Command {
  const command = deliveries
    .command(change.name)
    .description(change.description)
    .argument('[id...]', 'ids of deliveries; without any, those that the filters match');
  return addBulkFlags(addDeliveryFilters(addDeskOptions(command), io))
    .addHelpText('after', '\nWith filters it says how many and asks first.')
    .action(async (ids: string[]) => finish(await changeDeliveries(io, command, change, ids)));
}

function changeDeliveries(io: Io, command: Command, change: Change, ids: string[]): Promise<number> {
  const options = command.opts<ChangeOptions>();
  const query = deliveryQuery(options);
  const hasFilter = Object.keys(query).length > 0;
  const choice = choose(command, ids, { hasFilter, all: options.all });
  return withDesk(io, command, 'change', (open) =>
    choice === 'ids'
      ? changeEach(io, open, change, ids, options)
      : changeMatching(io, open, change, query, options),
  );
}

async function changeEach(
  io: Io,
  { desk, isRunning }: OpenDesk,
  change: Change,
  ids: string[],
  options: ChangeOptions,
): Promise<number> {
  let changed = 0;
  const exitCode = await forEachId(io, ids, async (id) => {
    const delivery = await change.one(desk, id, releaseOptions(options));
    changed += 1;
    if (options.output === 'json') printJson(io, delivery);
    else io.stdout(describeChanged(delivery, change, io));
  });
  if (options.output === 'text' && changed > 0) io.stdout(whenSent(change, isRunning));
  return exitCode;
}

function describeChanged(delivery: DeliveryView, { past }: Change, io: Io): string {
  const state = statePaint(delivery.state, coloursFor(io))(printable(stateWords(delivery)));
  const what = `${past} ${delivery.id}  ${actionName(delivery)} -> ${targetName(delivery)}`;
  return `${printable(what)}  ${state}\n`;
}

function changeMatching(
  io: Io,
  { desk, isRunning }: OpenDesk,
  change: Change,
  query: DeliveryQuery,
  options: ChangeOptions,
): Promise<number> {
  const { output } = options;
  const release = releaseOptions(options);
  const which = statesOf(query, change);
  const nouns = (amount: number) => count(amount, `${which} delivery`).replace(/ys$/, 'ies');
  const print = (view: CountView, words: string) =>
    output === 'json' ? printJson(io, view) : io.stdout(`${words}\n`);
  return runBulk(io, options, {
    count: async () => (await change.many(desk, query, { ...release, dry_run: true })).count,
    announce: (amount) => `${nouns(amount)} ${change.future}`,
    run: () => change.many(desk, query, release),
    report: (view) => {
      print(view, `${change.past} ${nouns(view.count)}`);
      if (output === 'text' && view.count > 0) io.stdout(whenSent(change, isRunning));
      return EXIT.fine;
    },
    reportCount: (amount) => print({ count: amount }, `${nouns(amount)} match${amount === 1 ? 'es' : ''}`),
  });
}

/** `dead`; `pending, held or dead` */
function statesOf({ state }: DeliveryQuery, { name }: Change): string {
  const states: readonly DeliveryState[] = [state ?? BULK_STATES[name]].flat();
  return states.join(', ').replace(/, (?=[^,]*$)/, ' or ');
}

function whenSent({ name }: Change, isRunning: boolean): string {
  return name === 'cancel' || isRunning ? '' : 'what is due goes out once the server runs: aftercall serve\n';
}
