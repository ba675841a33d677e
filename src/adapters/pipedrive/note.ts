import { z } from 'zod';
import { fieldFormat } from '../adapter.js';
import { type Exchange, type Receipt } from '../exchange.js';
import { makeOnce } from '../made-once.js';
import { asRichText, saysTheSame } from '../rich-text.js';
import { textOf } from '../text-of.js';
import { anchorFields, anchorsOf, firstAnchor, textIn } from './anchors.js';
import { earliestFor, findListed, toSeconds } from './look-back.js';
import { idIn, V1 } from './pipedrive-api.js';

/** Pipedrive takes about 100 kB in a note, and a character may have three bytes. */
export const MAX_NOTE = 32_000;

export const addNoteInput = z
  .strictObject({
    ...anchorFields,
    body: fieldFormat('html', z.string().min(1)).describe('The note, as text or HTML'),
  })
  .refine(
    ({ person, organization, deal, lead }) =>
      [person, organization, deal, lead].some((id) => id !== undefined),
    'needs person, organization, deal or lead',
  );

/** Adds one note for the call, or writes over the one that an earlier revision of it left. */
export async function addNote(exchange: Exchange): Promise<Receipt> {
  const { input } = exchange.request;
  const content = asRichText(textIn(input, 'body') ?? '', MAX_NOTE);
  const path = `${V1}/notes`;
  const id = await makeOnce(exchange, {
    what: 'note',
    onMade: async (made) => {
      const request = {
        method: 'PUT',
        path: `${path}/${encodeURIComponent(made)}`,
        json: { content },
      } as const;
      const answer = await exchange.write({ ...request, accept: [404, 410] });
      return answer.status < 400 ? made : null;
    },
    look: (begunAt, isKnown) => {
      const since = toSeconds(earliestFor(begunAt, isKnown));
      const query = { ...firstAnchor(input), updated_since: since, sort: 'add_time DESC', limit: 100 };
      return findListed(exchange, { path, query }, (note) => saysTheSame(textOf(note.content), content));
    },
    make: async () => idIn(await exchange.write({ path, json: { content, ...anchorsOf(input) } })),
  });
  return { id };
}
