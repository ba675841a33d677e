import { type Command } from 'commander';
import { type PageQuery, type ScopeQuery } from '../replay/queries.js';
import { readContact } from '../replay/read-contact.js';
import { type CommandContext } from './command-context.js';
import { describeContact, describeContactChange, describeStops } from './describe-contact.js';
import { type Writing } from './describe-delivery.js';
import { describeTimeline } from './describe-timeline.js';
import {
  addDeskOptions,
  addPageOptions,
  type DeskOptions,
  given,
  limitOption,
  type PageOptions,
  pageQuery,
  scopeOption,
} from './desk-options.js';
import { EXIT } from './exit-codes.js';
import { coloursFor, type Io } from './io.js';
import { type OpenDesk, withDesk } from './open-desk.js';
import { describePage } from './page.js';
import { printJson } from './print.js';

type ContactOptions = DeskOptions & ScopeQuery & Partial<PageOptions>;

/** One of the commands: whether it changes something, what it asks of the desk, and the answer in words. */
interface Question<View> {
  access: 'read' | 'change';
  ask: (desk: OpenDesk['desk'], contact: string, query: ScopeQuery & PageQuery) => Promise<View>;
  describe: (view: View, writing: Writing) => string;
}

export function addContact(program: Command, { io, finish }: CommandContext): void {
  const contact = program
    .command('contact')
    .description('one person: show, timeline, stop, allow; list-stopped');
  const add = <View>(name: string, description: string, question: Question<View>): Command => {
    const command = addScoped(contact.command(name).description(description));
    return command
      .argument('<contact>', 'phone number with its country, or mail address')
      .action(async (named: string) => finish(await answer(io, command, question, readContact(named))));
  };
  add('show', 'whether it may be reached, what its calls came to, and what waits for it', {
    access: 'read',
    ask: (desk, named, query) => desk.contacts.show(named, query),
    describe: describeContact,
  });
  addPageOptions(
    add('timeline', 'its calls and deliveries in one list, newest first', {
      access: 'read',
      ask: (desk, named, query) => desk.contacts.timeline(named, query),
      describe: (page, writing) =>
        describePage(page, 'calls or deliveries', (items) => describeTimeline(items, writing)),
    }),
  );
  add('stop', 'let nothing reach it any more, and take back what waits to', {
    access: 'change',
    ask: (desk, named, query) => desk.contacts.stop(named, query),
    describe: describeContactChange,
  });
  add('allow', 'let it be reached again; what was taken back stays so', {
    access: 'change',
    ask: (desk, named, query) => desk.contacts.allow(named, query),
    describe: describeContactChange,
  });
  const list = contact.command('list-stopped').description('those that nothing may reach, newest first');
  addScoped(list)
    .addOption(limitOption())
    .action(async () => finish(await answer(io, list, STOPPED, '')));
}

const STOPPED: Question<Awaited<ReturnType<OpenDesk['desk']['contacts']['stops']>>> = {
  access: 'read',
  ask: (desk, _named, query) => desk.contacts.stops(query),
  describe: (page, writing) =>
    describePage(page, 'stopped contacts', (items) => describeStops(items, writing)),
};

function addScoped(command: Command): Command {
  return addDeskOptions(command).addOption(scopeOption());
}

function answer<View>(
  io: Io,
  command: Command,
  { access, ask, describe }: Question<View>,
  contact: string,
): Promise<number> {
  const { scope, output, limit, cursor } = command.opts<ContactOptions>();
  const query = { ...given({ scope }), ...(limit !== undefined && pageQuery({ limit, cursor })) };
  return withDesk(io, command, access, async ({ desk, flags }) => {
    const view = await ask(desk, contact, query);
    if (output === 'json') printJson(io, view);
    else
      io.stdout(describe(view, { colours: coloursFor(io), now: io.now(), flags: flags + scopeFlag(scope) }));
    return EXIT.fine;
  });
}

function scopeFlag(scope: string | undefined): string {
  return scope === undefined ? '' : ` --scope ${scope}`;
}
