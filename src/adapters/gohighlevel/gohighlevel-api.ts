import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { type Json, isJsonObject } from '../../lib/json.js';
import { type Api, type ApiAnswer, endAttempt } from '../exchange.js';
import { outcomeOfResponse } from '../http-outcome.js';
import { textOf } from '../text-of.js';
import { type GoHighLevelOptions } from './gohighlevel-options.js';

/** GoHighLevel's API, as a private integration of one location. */
export function goHighLevelApi({ base_url: base, access_token, api_version }: GoHighLevelOptions): Api {
  return {
    base,
    headers: () => ({ Authorization: `Bearer ${access_token}`, Version: api_version }),
    judge,
  };
}

/** What the day has left is not said to come back at any time: it is asked for again every hour. */
const DAY_IS_SPENT_MS = 3_600_000;
const MIN_WAIT_MS = 1_000;

function judge(answer: ApiAnswer, now: number): AttemptOutcome | null {
  const outcome = outcomeOfResponse(answer, now);
  // A token of another location, or one that lacks the scope.
  if (answer.status === 403 && outcome.outcome !== 'delivered')
    return { ...outcome, outcome: 'unauthorized', reason: 'unauthorized' };
  if (answer.status !== 429 || outcome.outcome !== 'retry' || outcome.afterMs !== undefined) return outcome;
  const afterMs = waitOf(answer.headers);
  return { ...outcome, ...(afterMs !== null && { afterMs }) };
}

function waitOf(headers: Record<string, string>): number | null {
  if (headers['x-ratelimit-daily-remaining']?.trim() === '0') return DAY_IS_SPENT_MS;
  const intervalMs = Number(headers['x-ratelimit-interval-milliseconds'] ?? NaN);
  return intervalMs > 0 && intervalMs <= DAY_IS_SPENT_MS ? Math.max(intervalMs, MIN_WAIT_MS) : null;
}

/** An id of GoHighLevel, which becomes a part of a path. */
export const idInput = z.string().regex(/^[\w-]{1,100}$/, 'is no id of GoHighLevel');

export const contactInput = idInput.describe(
  'Id of the contact, e.g. "{{ actions.crm.id }}" of an upsert_contact that this action needs',
);

export function contactPath(contact: Json | undefined, rest: string): string {
  return `/contacts/${encodeURIComponent(textOf(contact))}/${rest}`;
}

/** `id` of the object that the answer holds under `name`. */
export function idIn(answer: ApiAnswer, name: string): string {
  const made = isJsonObject(answer.json) ? answer.json[name] : null;
  if (isJsonObject(made) && typeof made.id === 'string') return made.id;
  const message = `GoHighLevel answered HTTP ${answer.status} without the id of the ${name}`;
  return endAttempt({ outcome: 'unknown', reason: 'server_error', httpStatus: answer.status, message });
}

/** Answers of a request that accepts 400 and 404: whether what it was about is gone. Ends the attempt otherwise. */
export function isGone(answer: ApiAnswer, now: number): boolean {
  if (answer.status < 300) return false;
  if (answer.status === 404 || /not found/i.test(answer.body)) return true;
  const outcome = outcomeOfResponse(answer, now);
  return outcome.outcome === 'delivered' ? false : endAttempt(outcome);
}

export function objectsIn(answer: ApiAnswer | null, name: string): Record<string, Json>[] {
  const list = answer !== null && isJsonObject(answer.json) ? answer.json[name] : null;
  return Array.isArray(list) ? list.filter((item) => isJsonObject(item)) : [];
}
