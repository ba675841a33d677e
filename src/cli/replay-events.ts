import { type Command, Option } from 'commander';
import { REPLAY_SENDS } from '../domain/replay.js';
import { type EventQuery, REPLAY_RULES, type ReplayOptions } from '../replay/queries.js';
import { type BulkReplayView } from '../replay/views.js';
import { choose, runBulk } from './bulk.js';
import { type CommandContext } from './command-context.js';
import { describeBulkReplay, describeReplay, foretellReplay } from './describe-replay.js';
import {
  addBulkFlags,
  addDeskOptions,
  addEventFilters,
  type BulkFlags,
  type DeskOptions,
  type EventFilters,
  eventQuery,
} from './desk-options.js';
import { forEachId } from './each-id.js';
import { EXIT } from './exit-codes.js';
import { coloursFor, type Io } from './io.js';
import { type OpenDesk, withDesk } from './open-desk.js';
import { count, printJson } from './print.js';

type ReplayFlags = DeskOptions & EventFilters & BulkFlags & Required<ReplayOptions>;

export function addReplay(events: Command, { io, finish }: CommandContext): void {
  const command = events
    .command('replay')
    .description('decide events anew and send what has not arrived')
    .argument('[id...]', 'ids of events; without any, those that the filters match');
  addBulkFlags(addEventFilters(addDeskOptions(command), io))
    .addOption(
      new Option('--rules <when>', 'by the rules that decided it, or by those in force')
        .choices(REPLAY_RULES)
        .default('then'),
    )
    .addOption(
      new Option('--send <what>', 'what has not arrived, everything once more, or nothing')
        .choices(REPLAY_SENDS)
        .default('undelivered'),
    )
    .addHelpText(
      'after',
      '\nWhat reaches a contact is planned as held. With filters it says how many and asks first.',
    )
    .action(async (ids: string[]) => finish(await replay(io, command, ids)));
}

function replay(io: Io, command: Command, ids: string[]): Promise<number> {
  const flags = command.opts<ReplayFlags>();
  const query = eventQuery(flags);
  const choice = choose(command, ids, { hasFilter: Object.keys(query).length > 0, all: flags.all });
  return withDesk(io, command, 'change', (open) =>
    choice === 'ids' ? replayEach(io, open, ids, flags) : replayMatching(io, open, query, flags),
  );
}

function replayEach(io: Io, { desk, flags }: OpenDesk, ids: string[], options: ReplayFlags): Promise<number> {
  const { rules, send, output } = options;
  return forEachId(io, ids, async (id) => {
    const replayed = await desk.replay(id, { rules, send });
    if (output === 'json') return printJson(io, replayed);
    const { deliveries } = await desk.showEvent(replayed.event_id);
    io.stdout(describeReplay(replayed, deliveries, { colours: coloursFor(io), now: io.now(), flags }));
  });
}

function replayMatching(io: Io, { desk }: OpenDesk, query: EventQuery, flags: ReplayFlags): Promise<number> {
  const { rules, send, output } = flags;
  const print = (view: BulkReplayView, words: string) =>
    output === 'json' ? printJson(io, view) : io.stdout(words);
  return runBulk(io, flags, {
    count: () => desk.replayMany(query, { rules, send, dry_run: true }),
    announce: (counted) => foretellReplay(counted.count, { rules, send }),
    run: () => desk.replayMany(query, { rules, send }),
    report: (view) => {
      print(view, describeBulkReplay(view, coloursFor(io)));
      return view.refused > 0 ? EXIT.findings : EXIT.fine;
    },
    reportCount: (view) =>
      print(view, `${count(view.count, 'event')} match${view.count === 1 ? 'es' : ''}\n`),
  });
}
