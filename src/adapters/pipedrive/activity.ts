import { z } from 'zod';
import { type JsonObject } from '../../lib/json.js';
import { fieldFormat } from '../adapter.js';
import { cutText } from '../cut-text.js';
import { DUE_PROBLEM, readDueTime } from '../due-time.js';
import { type Exchange, type Receipt, refuse } from '../exchange.js';
import { makeOnce } from '../made-once.js';
import { asRichText, saysTheSame } from '../rich-text.js';
import { textOf } from '../text-of.js';
import { anchorFields, anchorsOf, firstAnchor, numberIn, owner, textIn } from './anchors.js';
import { earliestFor, findListed, toSeconds } from './look-back.js';
import { MAX_NOTE } from './note.js';
import { idIn, V2 } from './pipedrive-api.js';
import { isThere } from './is-there.js';

export const createActivityInput = z.strictObject({
  ...anchorFields,
  subject: z.string().min(1).describe('Subject of the activity'),
  type: z
    .string()
    .min(1)
    .default('task')
    .describe('Key of its type, e.g. call, meeting, email; default task'),
  due: z.string().optional().describe('When it is due: a date, a time, or a wait such as 1 day'),
  note: fieldFormat('html', z.string().optional()).describe('Note of the activity, as text or HTML'),
  done: z.boolean().optional().describe('true: it is done already'),
  owner,
});

const MAX_SUBJECT = 255;

/** One that was made before stays as people have changed it since then. */
export async function createActivity(exchange: Exchange): Promise<Receipt> {
  const { input } = exchange.request;
  const path = `${V2}/activities`;
  const id = await makeOnce(exchange, {
    what: 'activity',
    onMade: (made) => isThere(exchange, `${path}/${encodeURIComponent(made)}`, made),
    look: (begunAt, isKnown) => {
      const { subject, type } = activity(input, begunAt);
      const updatedSince = toSeconds(earliestFor(begunAt, isKnown));
      const order = { sort_by: 'add_time', sort_direction: 'desc', limit: 100 };
      const query = { ...firstAnchor(input), updated_since: updatedSince, ...order };
      return findListed(
        exchange,
        { path, query },
        (listed) => listed.type === type && saysTheSame(textOf(listed.subject), textOf(subject)),
      );
    },
    make: async (begunAt) => idIn(await exchange.write({ path, json: activity(input, begunAt) })),
  });
  return { id };
}

/** The person goes in as a participant: the field that is named after it cannot be written. */
function activity(input: JsonObject, begunAt: number): JsonObject {
  const { person_id: person, ...anchors } = anchorsOf(input);
  const note = textIn(input, 'note');
  const user = numberIn(input, 'owner');
  return {
    subject: cutText(textIn(input, 'subject') ?? '', MAX_SUBJECT),
    type: textIn(input, 'type') ?? 'task',
    ...dueOf(input, begunAt),
    ...(note !== undefined && { note: asRichText(note, MAX_NOTE) }),
    ...(typeof input.done === 'boolean' && { done: input.done }),
    ...(user !== undefined && { owner_id: user }),
    ...(person !== undefined && { participants: [{ person_id: person, primary: true }] }),
    ...anchors,
  };
}

/** In UTC. A date alone is due on that day at no particular time. */
function dueOf(input: JsonObject, begunAt: number): JsonObject {
  const text = textIn(input, 'due')?.trim();
  if (text === undefined) return {};
  const due = readDueTime(text, begunAt) ?? refuse(`due ${DUE_PROBLEM}`);
  if (text === due.date) return { due_date: due.date };
  const [date = '', time = ''] = new Date(due.at).toISOString().split('T');
  return { due_date: date, due_time: time.slice(0, 8) };
}
