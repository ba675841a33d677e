import { z } from 'zod';
import { type JsonObject } from '../../lib/json.js';
import { fieldFormat } from '../adapter.js';
import { cutText } from '../cut-text.js';
import { DUE_PROBLEM, readDueTime } from '../due-time.js';
import { type Exchange, type Receipt, refuse } from '../exchange.js';
import { makeOnce } from '../made-once.js';
import { asRichText, saysTheSame } from '../rich-text.js';
import { textOf } from '../text-of.js';
import { anchorFields, anchorsOf, numberIn, owner, textIn } from './anchors.js';
import { earliestFor, findListed } from './look-back.js';
import { OUTCOMES, outcomeOf } from './outcome.js';
import { dataIn, idIn, V1, V2 } from './pipedrive-api.js';
import { MAX_NOTE } from './note.js';

export const logCallInput = z
  .strictObject({
    ...anchorFields,
    to: fieldFormat('phone', z.string()).describe('Number that was called'),
    from: fieldFormat('phone', z.string().optional()).describe('Number that called'),
    subject: z.string().min(1).default('Call').describe('Subject of the call; default "Call"'),
    note: fieldFormat('html', z.string().optional()).describe(
      'What was said, as text or HTML; give the summary',
    ),
    status: z.string().optional().describe('Status of the call as it came in: "{{ status }}"'),
    outcome: z.enum(OUTCOMES).optional().describe('In place of what follows from the status'),
    time: z
      .string()
      .optional()
      .describe('Start of the call, e.g. "{{ created_at }}"; default: when it is logged'),
    duration: z.number().min(0).optional().describe('Length in seconds, e.g. "{{ duration }}"'),
    owner,
  })
  .refine(({ deal, lead }) => deal === undefined || lead === undefined, 'takes a deal or a lead, not both');

const MAX_SUBJECT = 255;

/** Logs it once; a revision of the call changes subject and note of the activity that Pipedrive made of it. */
export async function logCall(exchange: Exchange): Promise<Receipt> {
  const { input } = exchange.request;
  const id = await makeOnce(exchange, {
    what: 'call',
    onMade: (id) => revise(exchange, id),
    look: (begunAt, isKnown) => lookFor(exchange, callLog(input, begunAt), earliestFor(begunAt, isKnown)),
    make: async (begunAt) =>
      idIn(await exchange.write({ path: `${V1}/callLogs`, json: callLog(input, begunAt) })),
  });
  return { id };
}

function callLog(input: JsonObject, begunAt: number): JsonObject {
  const { duration } = input;
  const seconds = typeof duration === 'number' ? Math.round(duration) : 0;
  const startsAt = startOf(input, begunAt);
  const user = numberIn(input, 'owner');
  const from = textIn(input, 'from');
  return {
    ...{ to_phone_number: textIn(input, 'to') ?? '', outcome: outcomeOf(input) },
    ...{ start_time: toTime(startsAt), end_time: toTime(startsAt + seconds * 1_000) },
    ...(typeof duration === 'number' && { duration: String(seconds) }),
    ...(from !== undefined && { from_phone_number: from }),
    ...(user !== undefined && { user_id: user }),
    ...textsOf(input),
    ...anchorsOf(input),
  };
}

function textsOf(input: JsonObject): JsonObject {
  const note = textIn(input, 'note');
  return {
    subject: cutText(textIn(input, 'subject') ?? 'Call', MAX_SUBJECT),
    ...(note !== undefined && { note: asRichText(note, MAX_NOTE) }),
  };
}

function startOf(input: JsonObject, begunAt: number): number {
  const text = textIn(input, 'time');
  if (text === undefined) return begunAt;
  return readDueTime(text, begunAt)?.at ?? refuse(`time ${DUE_PROBLEM}`);
}

/** The page shows another form, but Pipedrive's own clients send this one, and its specification names it. */
function toTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** A call log itself cannot be changed. Null where it is gone. */
async function revise(exchange: Exchange, id: string): Promise<string | null> {
  const answer = await exchange.read({
    path: `${V1}/callLogs/${encodeURIComponent(id)}`,
    accept: [404, 410],
  });
  if (answer.status >= 400) return null;
  const activity = textOf(dataIn(answer).activity_id);
  if (activity === '') return id;
  const path = `${V2}/activities/${encodeURIComponent(activity)}`;
  await exchange.write({ method: 'PATCH', path, json: textsOf(exchange.request.input), accept: [404, 410] });
  return id;
}

/** Most that one answer lists. */
const PAGE = 50;
const MAX_PAGES = 10;

async function lookFor(exchange: Exchange, wanted: JsonObject, earliest: number): Promise<string | null> {
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = { start: page * PAGE, limit: PAGE };
    let count = 0;
    const id = await findListed(exchange, { path: `${V1}/callLogs`, query }, (listed) => {
      count += 1;
      return isSameCall(listed, wanted, earliest, exchange.request.input);
    });
    if (id !== null) return id;
    if (count < PAGE) return null;
  }
  return null;
}

function isSameCall(listed: JsonObject, wanted: JsonObject, earliest: number, { time }: JsonObject): boolean {
  const start = Date.parse(textOf(listed.start_time));
  const isSameStart =
    time === undefined ? start >= earliest : start === Date.parse(textOf(wanted.start_time));
  return (
    isSameStart &&
    listed.to_phone_number === wanted.to_phone_number &&
    saysTheSame(textOf(listed.subject), textOf(wanted.subject)) &&
    saysTheSame(textOf(listed.note), textOf(wanted.note))
  );
}
