import { type AttemptOutcome } from '../../domain/attempt.js';
import { type SendRequest } from '../adapter.js';
import { judgeByStatus } from '../http-outcome.js';
import { type Message } from './message.js';

/** Posts through an incoming webhook, which knows one channel and neither threads nor edits. */
export async function postByWebhook(
  { http, now, timeoutMs, signal }: SendRequest,
  url: string,
  message: Message,
): Promise<AttemptOutcome> {
  const headers = { 'Content-Type': 'application/json; charset=utf-8' };
  const body = JSON.stringify(message);
  return webhookOutcome(
    await judgeByStatus(http, { method: 'POST', url, headers, body, timeoutMs, signal }, now),
  );
}

/** The URL is the credential: these answers say that it was revoked. */
const REVOKED = /: (no_service|no_team|invalid_token|team_disabled)$/;

function webhookOutcome(outcome: AttemptOutcome): AttemptOutcome {
  if (outcome.outcome !== 'rejected' || !REVOKED.test(outcome.message ?? '')) return outcome;
  return { ...outcome, outcome: 'unauthorized', reason: 'unauthorized' };
}
