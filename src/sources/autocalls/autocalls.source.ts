import { type Call } from '../../domain/event.js';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.js';
import { readJson } from '../../lib/read-json.js';
import { type CallResult, type Reading, type Source } from '../source.js';
import { endOfCall } from './call-times.js';
import { normaliseCall } from './normalise-call.js';
import { otherWebhook } from './other-webhooks.js';
import { checkBody } from './post-call-body.js';
import { stableContent } from './stable-content.js';

/** Post-call webhooks of Autocalls and of the platforms that run the same software under another name. */
export const source: Source = {
  kind: 'autocalls',
  description: 'Post-call webhooks of Autocalls and its white labels',
  read: readPostCall,
  endedAt: (call: Call) => endOfCall(call),
  result: ({ status }: Call) => resultOf(status),
};

/** Nobody was spoken to. There is no word for a mailbox: the vendor's `completed` may be one. */
const MISSED: readonly string[] = ['no-answer', 'busy', 'failed'];

const EVENT_KIND = 'call';

function readPostCall(raw: Uint8Array): Reading {
  const json = readJson(raw);
  if (!json.ok) return unreadable('body', json.problem);
  if (!isJsonObject(json.value))
    return unreadable('body', 'not an object; expected the JSON object of a call');
  const body = json.value;
  const other = otherWebhook(body);
  if (other !== null) return unreadable('body', other);
  const problems = checkBody(body);
  if (problems.length > 0) return { as: 'unreadable', problems };
  return readingOf(body, json.duplicateKeys ?? []);
}

function readingOf(body: JsonObject, duplicateKeys: string[]): Reading {
  const read = {
    eventKind: EVENT_KIND,
    call: normaliseCall(body),
    content: stableContent(body),
    ...(duplicateKeys.length > 0 && { problems: duplicateKeys.map(duplicateKey) }),
  };
  const callId = callIdOf(body.id);
  return callId === null ? { as: 'test', ...read } : { as: 'call', callId, ...read };
}

function resultOf(status: Json | undefined): CallResult {
  if (typeof status !== 'string') return { status: null, isMissed: false };
  return { status, isMissed: MISSED.includes(status) };
}

/** Null for the vendor's test; any other type was refused before. */
function callIdOf(id: Json | undefined): string | null {
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
}

function duplicateKey(key: string): { path: string; problem: string } {
  return { path: key, problem: 'stands more than once in one object; the last one counts' };
}

function unreadable(path: string, problem: string): Reading {
  return { as: 'unreadable', problems: [{ path, problem }] };
}
