import { DateTime } from 'luxon';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { type Json, isJsonObject } from '../../lib/json.js';
import { retryAfterMs } from '../../lib/retry-after.js';
import { type Api, type ApiAnswer } from '../exchange.js';
import { describeAnswer, outcomeOfResponse } from '../http-outcome.js';
import { type HubSpotOptions } from './hubspot-options.js';

export function hubspotApi(options: HubSpotOptions): Api {
  return {
    base: options.base_url,
    headers: () => ({ Authorization: `Bearer ${options.access_token}` }),
    judge: (answer, now) => judge(answer, now, options.timezone),
  };
}

/** What HubSpot says of an error, in an answer or in the list of a partly failed batch. */
export interface HubSpotError {
  category: string;
  message: string;
}

export function errorIn(body: Json | undefined): HubSpotError {
  const { category, message } = isJsonObject(body) ? body : {};
  return {
    category: typeof category === 'string' ? category : '',
    message: typeof message === 'string' ? message : '',
  };
}

/** `HTTP 400: VALIDATION_ERROR Property "x" does not exist`, phones and addresses hidden. */
export function describeError(answer: ApiAnswer, { category, message }: HubSpotError): string {
  const words = `${category} ${message}`.trim();
  return describeAnswer(words === '' ? answer : { ...answer, body: words });
}

/** Locked by another request, or the account is on its way to another data centre. */
const LOCKED = [423, 477];
const LOCKED_MS = 5_000;

function judge(answer: ApiAnswer, now: number, timezone: string): AttemptOutcome | null {
  const { status } = answer;
  if (status >= 200 && status < 300) return null;
  const error = errorIn(answer.json);
  const message = describeError(answer, error);
  if (status === 429) return throttled(answer, now, timezone);
  if (LOCKED.includes(status))
    return {
      ...{ outcome: 'retry', reason: 'server_error', httpStatus: status, message },
      afterMs: retryAfterMs(answer.headers['retry-after'], now) ?? LOCKED_MS,
    };
  if (status === 403 && error.category === 'MISSING_SCOPES')
    return { outcome: 'unauthorized', reason: 'unauthorized', httpStatus: status, message };
  const outcome = outcomeOfResponse(answer, now);
  return outcome.outcome === 'delivered' || status < 400 ? outcome : { ...outcome, message };
}

/** Named after the window that is used up; `Retry-After` is sent by some of HubSpot's servers only. */
const WINDOW_MS: Record<string, number> = { SECONDLY: 1_000, TEN_SECONDLY_ROLLING: 10_000 };

function throttled(answer: ApiAnswer, now: number, timezone: string): AttemptOutcome {
  const { policyName } = isJsonObject(answer.json) ? answer.json : {};
  const policy = typeof policyName === 'string' ? policyName : '';
  const failed = { outcome: 'retry', reason: 'rate_limited', httpStatus: 429 } as const;
  if (policy === 'DAILY') {
    const message = `HTTP 429: the daily limit of the HubSpot account is used up, until midnight in ${timezone}`;
    return { ...failed, message, afterMs: untilMidnightMs(now, timezone) };
  }
  const afterMs = retryAfterMs(answer.headers['retry-after'], now) ?? WINDOW_MS[policy] ?? 10_000;
  return { ...failed, message: `HTTP 429: limit ${policy || 'of requests'} of HubSpot`, afterMs };
}

function untilMidnightMs(now: number, timezone: string): number {
  const here = DateTime.fromMillis(now, { zone: timezone });
  return here.plus({ days: 1 }).startOf('day').toMillis() - now;
}
