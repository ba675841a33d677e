import { type AttemptOutcome } from '../../domain/attempt.js';
import { isJsonObject } from '../../lib/json.js';
import { type Api, type ApiAnswer } from '../exchange.js';
import { describeAnswer, outcomeOfResponse } from '../http-outcome.js';
import { type EmailOptions } from './email-options.js';

/** Resend's API, as the owner of a key. */
export function resendApi({ base_url: base, resend_api_key: key }: EmailOptions): Api {
  return { base, headers: () => ({ Authorization: `Bearer ${key ?? ''}` }), judge };
}

const BAD_KEYS = ['missing_api_key', 'invalid_api_key', 'restricted_api_key'];

/** Resend's word for what went wrong, e.g. `rate_limit_exceeded`. */
export function errorNameOf({ json }: ApiAnswer): string {
  return isJsonObject(json) && typeof json.name === 'string' ? json.name : '';
}

function judge(answer: ApiAnswer, now: number): AttemptOutcome | null {
  const byStatus = outcomeOfResponse(answer, now);
  if (byStatus.outcome === 'delivered') return null;
  const failed = { httpStatus: answer.status, message: wordsOf(answer) };
  if (answer.status === 401 || isAboutKey(answer))
    return { outcome: 'unauthorized', reason: 'unauthorized', ...failed };
  // An earlier attempt under the same key is still at work there, and its answer will be ours.
  if (errorNameOf(answer) === 'concurrent_idempotent_requests')
    return { outcome: 'retry', reason: 'server_error', ...failed };
  return { ...byStatus, ...failed };
}

/** A key that is no good has had several statuses and names over time. */
function isAboutKey(answer: ApiAnswer): boolean {
  const message = isJsonObject(answer.json) ? answer.json.message : null;
  return (
    BAD_KEYS.includes(errorNameOf(answer)) ||
    (typeof message === 'string' && /^API key is invalid/i.test(message))
  );
}

/** `HTTP 422: missing_required_field: Missing "to" field.` */
function wordsOf(answer: ApiAnswer): string {
  const { json } = answer;
  if (!isJsonObject(json) || typeof json.message !== 'string') return describeAnswer(answer);
  return describeAnswer({ ...answer, body: `${errorNameOf(answer)}: ${json.message}` });
}
