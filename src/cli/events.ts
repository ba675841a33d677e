import { type Command } from 'commander';
import { type CommandContext } from './command-context.js';
import { describeEvent, describeEvents } from './describe-event.js';
import {
  addDeskOptions,
  addEventFilters,
  addPageOptions,
  type DeskOptions,
  type EventFilters,
  eventQuery,
  type PageOptions,
  pageQuery,
} from './desk-options.js';
import { EXIT } from './exit-codes.js';
import { coloursFor, type Io } from './io.js';
import { listPage } from './list-pages.js';
import { withDesk } from './open-desk.js';
import { printJson } from './print.js';
import { addReplay } from './replay-events.js';

export function addEvents(program: Command, context: CommandContext): void {
  const { io, finish } = context;
  const events = program.command('events').description('what came in: list, show, replay');
  const list = events.command('list').description('events, newest first');
  addPageOptions(addEventFilters(addDeskOptions(list), io)).action(async () =>
    finish(await listed(io, list)),
  );
  const show = events
    .command('show')
    .description('one event: its call, what was decided and why, its deliveries')
    .argument('<id>', 'id of an event');
  addDeskOptions(show).action(async (id: string) => finish(await shown(io, show, id)));
  addReplay(events, context);
}

function listed(io: Io, command: Command): Promise<number> {
  const options = command.opts<EventFilters & PageOptions>();
  const query = { ...eventQuery(options), ...pageQuery(options) };
  return listPage(io, command, {
    nouns: 'events',
    list: (desk) => desk.listEvents(query),
    describe: describeEvents,
  });
}

function shown(io: Io, command: Command, id: string): Promise<number> {
  return withDesk(io, command, 'read', async ({ desk, flags }) => {
    const event = await desk.showEvent(id);
    if (command.opts<DeskOptions>().output === 'json') printJson(io, event);
    else io.stdout(describeEvent(event, { colours: coloursFor(io), now: io.now(), flags }));
    return EXIT.fine;
  });
}
