import { type AttemptOutcome } from '../../domain/attempt.js';
import { isJsonObject } from '../../lib/json.js';
import { type Api, type ApiAnswer } from '../exchange.js';
import { describeAnswer, outcomeOfResponse } from '../http-outcome.js';
import { type TwilioOptions } from './twilio-options.js';

/** Twilio's REST API, below one account. */
export function twilioApi({ base_url: base, account_sid: sid, auth_token: token }: TwilioOptions): Api {
  const login = Buffer.from(`${sid}:${token}`).toString('base64');
  return {
    base: `${base}/2010-04-01/Accounts/${encodeURIComponent(sid)}`,
    headers: () => ({ Authorization: `Basic ${login}` }),
    judge,
  };
}

/** Authenticate, and an account that is not active any more. */
const AUTH_CODES = [20003, 20005, 20006];
/** Too many requests, a full queue of the sender, and the day's messages of the account used up. */
const RATE_CODES = [20429, 21611, 63038];

/** The status says most of it; what Twilio names by code alone is told apart by that. */
function judge(answer: ApiAnswer, now: number): AttemptOutcome | null {
  const byStatus = outcomeOfResponse(answer, now);
  if (byStatus.outcome === 'delivered') return null;
  const { json } = answer;
  const { code, message } = isJsonObject(json) ? json : {};
  if (typeof code !== 'number' || typeof message !== 'string') return byStatus;
  const failed = {
    httpStatus: answer.status,
    message: describeAnswer({ ...answer, body: `${code} ${message}` }),
  };
  if (AUTH_CODES.includes(code)) return { outcome: 'unauthorized', reason: 'unauthorized', ...failed };
  const isThrottled = RATE_CODES.includes(code);
  return { ...(isThrottled ? outcomeOfResponse({ ...answer, status: 429 }, now) : byStatus), ...failed };
}
