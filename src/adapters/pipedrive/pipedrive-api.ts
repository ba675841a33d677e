import { type AttemptOutcome } from '../../domain/attempt.js';
import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { retryAfterMs } from '../../lib/retry-after.js';
import { type Api, type ApiAnswer, endAttempt } from '../exchange.js';
import { describeAnswer, outcomeOfResponse } from '../http-outcome.js';
import { textOf } from '../text-of.js';
import { type PipedriveOptions } from './pipedrive-options.js';

/** Call logs and notes have no second version yet. */
export const V1 = '/v1';
export const V2 = '/api/v2';

export function pipedriveApi({ base_url: base, api_token: token }: PipedriveOptions): Api {
  return { base, headers: () => ({ 'x-api-token': token }), judge };
}

function judge(answer: ApiAnswer, now: number): AttemptOutcome | null {
  const { status, json } = answer;
  const said = isJsonObject(json) ? json : null;
  if (status >= 200 && status < 300) return said?.success === false ? refusal(answer, said) : null;
  if (status === 429) return throttled(answer, now);
  if (status === 403) return said === null ? blocked(status) : refusal(answer, said);
  const outcome = outcomeOfResponse(answer, now);
  const failed = { httpStatus: status, message: describeError(answer) };
  if (status === 402) return { outcome: 'unauthorized', reason: 'unauthorized', ...failed };
  return outcome.outcome === 'delivered' || status < 400 ? outcome : { ...outcome, ...failed };
}

/** `HTTP 400: Name must be given`, phones and addresses hidden. */
function describeError(answer: ApiAnswer): string {
  const { error, code, error_code: numeric } = isJsonObject(answer.json) ? answer.json : {};
  const words = [textOf(code ?? numeric), textOf(error)].filter((word) => word !== '').join(' ');
  return describeAnswer(words === '' ? answer : { ...answer, body: words });
}

/** A scope is a matter of the credential; a limit of the plan or a missing permission stays until somebody acts. */
function refusal(answer: ApiAnswer, { error }: JsonObject): AttemptOutcome {
  const failed = { httpStatus: answer.status, message: describeError(answer) };
  return /\bscope/i.test(textOf(error))
    ? { outcome: 'unauthorized', reason: 'unauthorized', ...failed }
    : { outcome: 'rejected', reason: 'client_error', ...failed };
}

const BLOCKED_MS = 15 * 60_000;

/** Whoever goes on in spite of 429 gets a page of the network in front of Pipedrive, not an answer of its API. */
function blocked(httpStatus: number): AttemptOutcome {
  const message = `HTTP ${httpStatus}: blocked for a while after too many requests`;
  return { outcome: 'retry', reason: 'rate_limited', httpStatus, message, afterMs: BLOCKED_MS };
}

/** The limit of short bursts counts in windows of two seconds. */
const WINDOW_MS = 2_000;
const DAY_MS = 24 * 60 * 60_000;

function throttled({ headers }: ApiAnswer, now: number): AttemptOutcome {
  const failed = { outcome: 'retry', reason: 'rate_limited', httpStatus: 429 } as const;
  if (headers['x-daily-ratelimit-token-remaining'] === '0') {
    const message = 'HTTP 429: the daily budget of the Pipedrive account is used up, until midnight in UTC';
    return { ...failed, message, afterMs: DAY_MS - (now % DAY_MS) };
  }
  const afterMs = retryAfterMs(headers['retry-after'], now) ?? windowLeftMs(headers['x-ratelimit-reset']);
  return { ...failed, message: 'HTTP 429: too many requests at once for Pipedrive', afterMs };
}

/** In seconds; what is far from a window of two is no such number. */
function windowLeftMs(header: string | undefined): number {
  const seconds = /^\d{1,2}$/.test(header ?? '') ? Number(header) : 0;
  return Math.max(seconds * 1_000, WINDOW_MS);
}

/** The one object that an answer is about. A success without one was given by something else on the way. */
export function dataIn(answer: ApiAnswer): JsonObject {
  const { data } = isJsonObject(answer.json) ? answer.json : {};
  if (isJsonObject(data)) return data;
  return endAttempt({
    ...{ outcome: 'unknown', reason: 'server_error', httpStatus: answer.status },
    message: `no answer of Pipedrive: ${describeError(answer)}`,
  });
}

/** The objects that an answer lists; none where there are none, which may be said by null. */
export function listIn({ json }: { json: Json }): JsonObject[] {
  const { data } = isJsonObject(json) ? json : {};
  return Array.isArray(data) ? data.filter(isJsonObject) : [];
}

/** Ids are numbers, those of call logs texts. */
export function idIn(answer: ApiAnswer): string {
  const id = textOf(dataIn(answer).id);
  if (id !== '') return id;
  const message = 'Pipedrive answered without an id';
  return endAttempt({ outcome: 'unknown', reason: 'server_error', httpStatus: answer.status, message });
}
