import { z } from 'zod';
import { type Json } from '../../lib/json.js';
import { cutText } from '../cut-text.js';
import { type ApiAnswer, endAttempt, type Exchange, type Receipt } from '../exchange.js';
import { makeOnce } from '../made-once.js';
import { saysTheSame } from '../rich-text.js';
import { textOf } from '../text-of.js';
import { errorIn, idIn, judge, recordsIn } from './zoho-api.js';
import { nameInput } from './zoho-options.js';

const MAX_TITLE = 120;
const MAX_CONTENT = 32_000;

export const addNoteInput = z.strictObject({
  module: nameInput.describe('API name of the module of the record, e.g. Leads'),
  record: z
    .string()
    .regex(/^\d{1,20}$/, 'is no id of Zoho; expected digits')
    .describe('Id of the record, e.g. "{{ actions.crm.id }}"'),
  title: z.string().optional().describe('Title of the note'),
  content: z.string().min(1).describe('The note, as plain text'),
});

/** Adds one note for the call, or rewrites the one that an earlier revision of it left. */
export async function addNote(exchange: Exchange): Promise<Receipt> {
  const { input, now } = exchange.request;
  const { module, record, title } = input;
  const note = {
    ...(typeof title === 'string' && title !== '' && { Note_Title: cutText(title, MAX_TITLE) }),
    Note_Content: cutText(textOf(input.content), MAX_CONTENT),
  };
  const parent = { Parent_Id: { module: { api_name: textOf(module) }, id: textOf(record) } };
  const id = await makeOnce(exchange, {
    what: 'note',
    onMade: async (made) => {
      const request = { method: 'PUT', path: `/Notes/${encodeURIComponent(made)}` } as const;
      const answer = await exchange.write({ ...request, json: { data: [note] }, accept: ANY_WORDS });
      return isGone(answer, now) ? null : made;
    },
    look: async (begunAt) => {
      const path = `/${textOf(module)}/${encodeURIComponent(textOf(record))}/Notes`;
      const query = { fields: 'id,Note_Content,Created_Time', per_page: 200 };
      const notes = recordsIn((await exchange.read({ path, query })).json);
      const same = notes.find(
        (one) =>
          saysTheSame(textOf(one.Note_Content), note.Note_Content) && !isOlder(one.Created_Time, begunAt),
      );
      return same === undefined ? null : textOf(same.id);
    },
    make: async () =>
      idIn(await exchange.write({ path: '/Notes', json: { data: [{ ...note, ...parent }] } })),
  });
  return { id };
}

/** The vendor's clock may be behind ours, and of an attempt that died with its process only the second is known. */
const MARGIN_MS = 3_600_000;

function isOlder(created: Json | undefined, begunAt: number): boolean {
  return Date.parse(textOf(created)) < begunAt - MARGIN_MS;
}

const ANY_WORDS = [200, 202, 207, 400, 404];

/** Whether the note was deleted. Ends the attempt where it is refused for anything else. */
function isGone(answer: ApiAnswer, now: number): boolean {
  const error = errorIn(answer);
  if (answer.status === 404 || (error?.code === 'INVALID_DATA' && error.field === 'id')) return true;
  const outcome = judge(answer, now);
  return outcome === null || outcome.outcome === 'delivered' ? false : endAttempt(outcome);
}
