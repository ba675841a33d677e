import { type AttemptOutcome } from '../../domain/attempt.js';
import { isJsonObject } from '../../lib/json.js';
import { type Api, type ApiAnswer } from '../exchange.js';
import { describeAnswer, outcomeOfResponse } from '../http-outcome.js';
import { type SlackOptions } from './slack-options.js';

/** Slack's Web API, as the owner of a bot token. */
export function slackApi({ base_url: base, bot_token: token }: SlackOptions): Api {
  return {
    base: `${base}/api`,
    headers: () => ({
      'Content-Type': 'application/json; charset=utf-8',
      Authorization: `Bearer ${token ?? ''}`,
    }),
    judge,
  };
}

const AUTH_ERRORS = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
];
const RATE_ERRORS = ['ratelimited', 'rate_limited', 'message_limit_exceeded'];
const RETRY_ERRORS = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'];

/** The message of the thread or of the edit is gone; whoever asked sends a new one. */
export const GONE_ERRORS = [
  'message_not_found',
  'thread_not_found',
  'cant_update_message',
  'edit_window_closed',
];

export function errorOf({ json }: ApiAnswer): string | null {
  if (!isJsonObject(json) || json.ok !== false) return null;
  return typeof json.error === 'string' ? json.error : 'unknown_error';
}

/** Slack answers 200 with `ok: false` where it refuses. */
function judge(answer: ApiAnswer, now: number): AttemptOutcome | null {
  const byStatus = outcomeOfResponse(answer, now);
  if (byStatus.outcome !== 'delivered') return byStatus;
  const { json, status: httpStatus } = answer;
  if (!isJsonObject(json) || typeof json.ok !== 'boolean') {
    const message = `no answer of Slack: ${describeAnswer(answer)}`;
    return { outcome: 'unknown', reason: 'server_error', httpStatus, message };
  }
  const error = errorOf(answer);
  return error === null || GONE_ERRORS.includes(error) ? null : refusal(error, answer, now);
}

function refusal(error: string, answer: ApiAnswer, now: number): AttemptOutcome {
  const failed = { httpStatus: answer.status, message: `Slack answered ${error.slice(0, 100)}` };
  if (AUTH_ERRORS.includes(error)) return { outcome: 'unauthorized', reason: 'unauthorized', ...failed };
  if (RETRY_ERRORS.includes(error)) return { outcome: 'retry', reason: 'server_error', ...failed };
  if (!RATE_ERRORS.includes(error)) return { outcome: 'rejected', reason: 'client_error', ...failed };
  return { ...outcomeOfResponse({ ...answer, status: 429 }, now), ...failed };
}
