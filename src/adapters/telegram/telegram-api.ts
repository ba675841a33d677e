import { type AttemptOutcome } from '../../domain/attempt.js';
import { type JsonObject, isJsonObject } from '../../lib/json.js';
import { retryAfterMs } from '../../lib/retry-after.js';
import { type Api, type ApiAnswer } from '../exchange.js';
import { describeAnswer, outcomeOfResponse } from '../http-outcome.js';
import { type TelegramOptions } from './telegram-options.js';

/** The Bot API, as one bot. Its token is part of every address, and of nothing else. */
export function telegramApi({ base_url: base, bot_token: token }: TelegramOptions): Api {
  return { base: `${base.replace(/\/+$/, '')}/bot${token}`, headers: () => ({}), judge };
}

/** `{ ok: true, result }` or `{ ok: false, error_code, description, parameters }`. */
function judge(answer: ApiAnswer, now: number): AttemptOutcome | null {
  const byStatus = outcomeOfResponse(answer, now);
  const { json, status: httpStatus } = answer;
  if (isJsonObject(json) && json.ok === false) return refusal(json, answer, now);
  if (byStatus.outcome !== 'delivered' || (isJsonObject(json) && json.ok === true)) return null;
  const message = `no answer of Telegram: ${describeAnswer(answer)}`;
  return { outcome: 'unknown', reason: 'server_error', httpStatus, message };
}

function refusal(json: JsonObject, answer: ApiAnswer, now: number): AttemptOutcome {
  const { error_code: code, parameters } = json;
  const status = typeof code === 'number' ? code : answer.status;
  const failed = { httpStatus: status, message: wordsOf(json, status) };
  // 404: Telegram knows no bot with such a token; a chat that is not there is a 400.
  if (status === 401 || status === 404) return { outcome: 'unauthorized', reason: 'unauthorized', ...failed };
  if (status !== 429 && status < 500) return { outcome: 'rejected', reason: 'client_error', ...failed };
  if (status !== 429) return { outcome: 'retry', reason: 'server_error', ...failed };
  const seconds = isJsonObject(parameters) ? parameters.retry_after : undefined;
  const afterMs = retryAfterMs(
    typeof seconds === 'number' ? String(seconds) : answer.headers['retry-after'],
    now,
  );
  return { outcome: 'retry', reason: 'rate_limited', ...failed, ...(afterMs !== null && { afterMs }) };
}

/** A group that became a supergroup has another id, which only this answer tells. */
function wordsOf({ description, parameters }: JsonObject, status: number): string {
  const body = typeof description === 'string' ? description : '';
  const moved = isJsonObject(parameters) ? parameters.migrate_to_chat_id : undefined;
  const told = describeAnswer({ status, headers: {}, body });
  return typeof moved === 'number' ? `${told}; its chat_id is now ${moved}` : told;
}
