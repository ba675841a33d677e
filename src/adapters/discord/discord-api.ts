import { type AttemptOutcome } from '../../domain/attempt.js';
import { type Json, isJsonObject } from '../../lib/json.js';
import { retryAfterMs } from '../../lib/retry-after.js';
import { type Api, type ApiAnswer } from '../exchange.js';
import { describeAnswer, outcomeOfResponse } from '../http-outcome.js';
import { type DiscordOptions } from './discord-options.js';

/** One webhook: its URL is both address and credential. */
export function discordApi({ webhook_url: base }: DiscordOptions): Api {
  return { base, headers: () => ({}), judge };
}

const UNKNOWN_CHANNEL = 10003;

function judge(answer: ApiAnswer, now: number): AttemptOutcome | null {
  const { json, status: httpStatus } = answer;
  if (!isJsonObject(json)) return null;
  const failed = { httpStatus, message: wordsOf(answer) };
  if (httpStatus === 429) {
    const seconds = typeof json.retry_after === 'number' ? String(json.retry_after) : undefined;
    const afterMs = retryAfterMs(seconds ?? answer.headers['retry-after'], now);
    return { outcome: 'retry', reason: 'rate_limited', ...failed, ...(afterMs !== null && { afterMs }) };
  }
  // The webhook was deleted, or its token is another one by now.
  if (httpStatus === 401 || (httpStatus === 404 && json.code !== UNKNOWN_CHANNEL))
    return { outcome: 'unauthorized', reason: 'unauthorized', ...failed };
  const byStatus = outcomeOfResponse(answer, now);
  return byStatus.outcome === 'rejected' ? { ...byStatus, ...failed } : null;
}

/** `HTTP 400: Invalid Form Body (50035): embeds.0.title: Must be 256 or fewer in length.` */
function wordsOf(answer: ApiAnswer): string {
  const { json } = answer;
  if (!isJsonObject(json) || typeof json.message !== 'string') return describeAnswer(answer);
  const code = typeof json.code === 'number' ? ` (${json.code})` : '';
  const first = firstError(json.errors ?? null, []);
  const body = `${json.message}${code}${first === null ? '' : `: ${first}`}`;
  return describeAnswer({ ...answer, body });
}

/** Errors stand in a tree of the fields that they are about. */
function firstError(errors: Json, path: string[]): string | null {
  if (!isJsonObject(errors)) return null;
  const [own] = Array.isArray(errors._errors) ? errors._errors : [];
  if (isJsonObject(own) && typeof own.message === 'string') return `${path.join('.')}: ${own.message}`;
  for (const [field, below] of Object.entries(errors)) {
    const found = firstError(below, [...path, field]);
    if (found !== null) return found;
  }
  return null;
}
