import { type Command } from 'commander';
import { type DeskMethods } from '../replay/desk.js';
import { type ListView } from '../replay/views.js';
import { type Writing } from './describe-delivery.js';
import { type DeskOptions } from './desk-options.js';
import { EXIT } from './exit-codes.js';
import { coloursFor, type Io } from './io.js';
import { withDesk } from './open-desk.js';
import { describePage } from './page.js';
import { printJson } from './print.js';

export interface ListedThings<Item> {
  /** For an empty list: `no deliveries match`. */
  nouns: string;
  list: (desk: DeskMethods) => Promise<ListView<Item>>;
  describe: (items: readonly Item[], writing: Omit<Writing, 'flags'>) => string;
}

/** Prints one page of a list. Answers the exit code. */
export async function listPage<Item>(
  io: Io,
  command: Command,
  { nouns, list, describe }: ListedThings<Item>,
): Promise<number> {
  const page = await withDesk(io, command, 'read', ({ desk }) => list(desk));
  const writing = { colours: coloursFor(io), now: io.now() };
  if (command.opts<DeskOptions>().output === 'json') printJson(io, page);
  else io.stdout(describePage(page, nouns, (items) => describe(items, writing)));
  return EXIT.fine;
}
