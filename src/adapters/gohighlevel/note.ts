import { z } from 'zod';
import { type Json } from '../../lib/json.js';
import { fieldFormat } from '../adapter.js';
import { type Exchange, type Receipt } from '../exchange.js';
import { makeOnce } from '../made-once.js';
import { asRichText, saysTheSame } from '../rich-text.js';
import { textOf } from '../text-of.js';
import { contactInput, contactPath, idIn, idInput, isGone, objectsIn } from './gohighlevel-api.js';

/** GoHighLevel names no limit; nobody reads more, and a body of megabytes is refused. */
export const MAX_BODY = 60_000;

export const addNoteInput = z.strictObject({
  contact: contactInput,
  body: fieldFormat('html', z.string().min(1)).describe('Text of the note; HTML'),
  user: idInput.optional().describe('Id of the user who is shown as its author'),
});

/** Adds one note for the call, or rewrites the one that an earlier revision of it left. */
export async function addNote(exchange: Exchange): Promise<Receipt> {
  const { now, input } = exchange.request;
  const { contact, user } = input;
  const body = asRichText(textOf(input.body), MAX_BODY);
  const json = { body, ...(user !== undefined && { userId: user }) };
  const path = contactPath(contact, 'notes');
  const id = await makeOnce(exchange, {
    what: 'note',
    onMade: async (made) => {
      const request = { method: 'PUT', path: `${path}/${encodeURIComponent(made)}`, json } as const;
      const answer = await exchange.write({ ...request, accept: [400, 404] });
      return isGone(answer, now) ? null : made;
    },
    look: async (begunAt) => {
      const notes = objectsIn(await exchange.read({ path }), 'notes');
      const same = notes.find(
        (note) => saysTheSame(textOf(note.body), body) && !isOlder(note.dateAdded, begunAt),
      );
      return typeof same?.id === 'string' ? same.id : null;
    },
    make: async () => idIn(await exchange.write({ path, json }), 'note'),
  });
  return { id };
}

/** The vendor's clock may be behind ours, and of an attempt that died with its process only the second is known. */
const MARGIN_MS = 3_600_000;

function isOlder(dateAdded: Json | undefined, begunAt: number): boolean {
  return Date.parse(textOf(dateAdded)) < begunAt - MARGIN_MS;
}
