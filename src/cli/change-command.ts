import { type Command } from 'commander';
import { type DeskMethods } from '../replay/desk.js';
import { type BulkOptions } from '../replay/queries.js';
import { type CountView, type DeliveryView } from '../replay/views.js';
import { choose, runBulk } from './bulk.js';
import { type CommandContext } from './command-context.js';
import { actionName, stateWords, targetName } from './describe-deliveries.js';
import { addBulkFlags, addDeskOptions, type BulkFlags, type DeskOptions } from './desk-options.js';
import { forEachId } from './each-id.js';
import { EXIT } from './exit-codes.js';
import { coloursFor, type Io } from './io.js';
import { type OpenDesk, withDesk } from './open-desk.js';
import { count, printable, printJson } from './print.js';
import { statePaint } from './state-colours.js';
import { timeWords } from './time-words.js';

/** Which deliveries a command changes: its filters, and what they are called. */
export interface ChangedThings<Query extends object> {
  /** `deliveries` */
  nouns: string;
  addFilters: (command: Command, io: Io) => Command;
  /** Nothing but the filters that were given. */
  readQuery: (options: object) => Query;
}

/** A command that changes deliveries, by ids or all that its filters match: how it is asked of a desk, and its words. */
export interface Change<Query extends object, Options extends object> {
  name: string;
  description: string;
  /** `will be tried again at once` */
  future: string;
  /** `retried` */
  past: string;
  /** One of them, in bulk: `dead delivery`. */
  noun: (query: Query) => string;
  /** Whether something may be due by it, which only a running server sends. */
  makesDue: boolean;
  /** What the flags of this command say beside filters. */
  readOptions: (flags: object) => Options;
  one: (desk: DeskMethods, id: string, options: Options) => Promise<DeliveryView>;
  many: (desk: DeskMethods, query: Query, options: Options & BulkOptions) => Promise<CountView>;
}

type Flags = DeskOptions & BulkFlags;

/** Adds such a command; answers it, so that flags of its own can be added. */
export function addChange<Query extends object, Options extends object>(
  parent: Command,
  { io, finish }: CommandContext,
  things: ChangedThings<Query>,
  change: Change<Query, Options>,
): Command {
  const command = parent
    .command(change.name)
    .description(change.description)
    .argument('[id...]', `ids of ${things.nouns}; without any, those that the filters match`);
  return addBulkFlags(things.addFilters(addDeskOptions(command), io))
    .addHelpText('after', '\nWith filters it says how many and asks first.')
    .action(async (ids: string[]) => finish(await changeThem(io, command, change, things.readQuery, ids)));
}

function changeThem<Query extends object, Options extends object>(
  io: Io,
  command: Command,
  change: Change<Query, Options>,
  readQuery: ChangedThings<Query>['readQuery'],
  ids: string[],
): Promise<number> {
  const flags = command.opts<Flags>();
  const query = readQuery(flags);
  const options = change.readOptions(flags);
  const hasFilter = Object.keys(query).length > 0;
  const choice = choose(command, ids, { hasFilter, all: flags.all });
  return withDesk(io, command, 'change', (open) =>
    choice === 'ids'
      ? changeEach(io, open, change, { ids, options, flags })
      : changeMatching(io, open, change, { query, options, flags }),
  );
}

async function changeEach<Query extends object, Options extends object>(
  io: Io,
  { desk, isRunning }: OpenDesk,
  change: Change<Query, Options>,
  { ids, options, flags }: { ids: string[]; options: Options; flags: Flags },
): Promise<number> {
  let changed = 0;
  const exitCode = await forEachId(io, ids, async (id) => {
    const delivery = await change.one(desk, id, options);
    changed += 1;
    if (flags.output === 'json') printJson(io, delivery);
    else io.stdout(describeChanged(delivery, change.past, io));
  });
  if (flags.output === 'text' && changed > 0) io.stdout(whenSent(change.makesDue, isRunning));
  return exitCode;
}

function describeChanged(delivery: DeliveryView, past: string, io: Io): string {
  const state = statePaint(delivery.state, coloursFor(io))(printable(outcomeWords(delivery, io.now())));
  const what = `${past} ${delivery.id}  ${actionName(delivery)} -> ${targetName(delivery)}`;
  return `${printable(what)}  ${state}\n`;
}

/** A new time says more than that somebody moved it. */
function outcomeWords(delivery: DeliveryView, now: number): string {
  const { state, due_at } = delivery;
  const isLater = state === 'pending' && due_at !== null && Date.parse(due_at) > now;
  return isLater ? `pending, due ${timeWords(due_at, now)}` : stateWords(delivery);
}

function changeMatching<Query extends object, Options extends object>(
  io: Io,
  { desk, isRunning }: OpenDesk,
  change: Change<Query, Options>,
  { query, options, flags }: { query: Query; options: Options; flags: Flags },
): Promise<number> {
  const nouns = (amount: number) => count(amount, change.noun(query)).replace(/ys$/, 'ies');
  const print = (view: CountView, words: string) =>
    flags.output === 'json' ? printJson(io, view) : io.stdout(`${words}\n`);
  return runBulk(io, flags, {
    count: () => change.many(desk, query, { ...options, dry_run: true }),
    announce: (counted) => `${nouns(counted.count)} ${change.future}`,
    run: () => change.many(desk, query, options),
    report: (view) => {
      print(view, `${change.past} ${nouns(view.count)}`);
      if (flags.output === 'text' && view.count > 0) io.stdout(whenSent(change.makesDue, isRunning));
      return EXIT.fine;
    },
    reportCount: (view) => print(view, `${nouns(view.count)} match${view.count === 1 ? 'es' : ''}`),
  });
}

function whenSent(makesDue: boolean, isRunning: boolean): string {
  return !makesDue || isRunning ? '' : 'what is due goes out once the server runs: aftercall serve\n';
}
