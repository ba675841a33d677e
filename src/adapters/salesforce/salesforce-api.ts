import { type AttemptOutcome } from '../../domain/attempt.js';
import { isJsonObject } from '../../lib/json.js';
import { percentEncode } from '../../templates/escape.js';
import { AccessTokens, type TokenAsker } from '../access-token.js';
import { type Api, type ApiAnswer, type ApiRequest, endAttempt, type Exchange, refuse } from '../exchange.js';
import { describeAnswer, outcomeOfResponse } from '../http-outcome.js';
import { textOf } from '../text-of.js';
import { instanceOf, loginRequest } from './login.js';
import { type SalesforceOptions } from './salesforce-options.js';

const tokens = new AccessTokens();

/** The REST API of one org, at the address that its login names. */
export function salesforceApi(request: TokenAsker & { options: SalesforceOptions }): Api {
  const { options, now } = request;
  const wanted = loginRequest(options, now);
  let base = options.base_url ?? '';
  return {
    // Read after the headers were asked for, and so after the login.
    get base() {
      return base;
    },
    headers: async () => {
      const { token, answer } = await tokens.find(request, wanted);
      base = options.base_url ?? instanceOf(answer.instance_url);
      return { Authorization: `Bearer ${token}` };
    },
    renew: () => tokens.forget(wanted),
    judge,
  };
}

/** Path of the version, with each part encoded. */
export function dataPath({ api_version }: SalesforceOptions, ...parts: string[]): string {
  // URL parsers take these for steps through the path, encoded or not.
  if (parts.some((part) => part === '.' || part === '..')) return refuse('an id must not be . or ..');
  return ['/services/data', `v${api_version}`, ...parts.map(percentEncode)].join('/');
}

export interface SalesforceError {
  code: string;
  words: string;
}

/** `STRING_TOO_LONG data value too large (Subject)`. */
export function errorIn({ json }: ApiAnswer): SalesforceError | null {
  const [error] = Array.isArray(json) ? json : [json];
  if (!isJsonObject(error) || typeof error.errorCode !== 'string') return null;
  const { errorCode: code, message, fields } = error;
  const named = Array.isArray(fields) && fields.length > 0 ? ` (${fields.map(textOf).join(', ')})` : '';
  return { code, words: `${code} ${textOf(message)}${named}` };
}

/** Requests of the day come back one by one over 24 hours, those that run at once within seconds. */
const DAY_IS_SPENT_MS = 15 * 60_000;
const MANY_AT_ONCE_MS = 30_000;
const RETRIED = ['UNABLE_TO_LOCK_ROW', 'SERVER_UNAVAILABLE', 'REQUEST_RUNNING_TOO_LONG', 'QUERY_TIMEOUT'];
const NO_ACCESS = [
  'INVALID_SESSION_ID',
  'API_DISABLED_FOR_ORG',
  'API_CURRENTLY_DISABLED',
  'INVALID_AUTH_HEADER',
];

function judge(answer: ApiAnswer, now: number): AttemptOutcome | null {
  const outcome = outcomeOfResponse(answer, now);
  const error = errorIn(answer);
  if (outcome.outcome === 'delivered' || error === null) return outcome;
  const failed = { httpStatus: answer.status, message: describeAnswer({ ...answer, body: error.words }) };
  if (error.code === 'REQUEST_LIMIT_EXCEEDED') {
    const afterMs = /concurrent/i.test(error.words) ? MANY_AT_ONCE_MS : DAY_IS_SPENT_MS;
    return { outcome: 'retry', reason: 'rate_limited', ...failed, afterMs };
  }
  if (RETRIED.includes(error.code)) return { outcome: 'retry', reason: 'server_error', ...failed };
  if (NO_ACCESS.includes(error.code)) return { outcome: 'unauthorized', reason: 'unauthorized', ...failed };
  return { ...outcome, message: failed.message };
}

/** A write, after whose 500 (`UNKNOWN_EXCEPTION`) nobody knows what became of it. */
export async function writeTo(exchange: Exchange, request: ApiRequest): Promise<ApiAnswer> {
  const answer = await exchange.write({ ...request, accept: [...(request.accept ?? []), 500] });
  if (answer.status !== 500) return answer;
  const body = errorIn(answer)?.words ?? answer.body;
  const message = describeAnswer({ ...answer, body });
  return endAttempt({ outcome: 'unknown', reason: 'server_error', httpStatus: 500, message });
}

export function idIn({ json, status }: ApiAnswer): string {
  if (isJsonObject(json) && typeof json.id === 'string') return json.id;
  const message = `Salesforce answered HTTP ${status} without the id of the record`;
  return endAttempt({ outcome: 'unknown', reason: 'server_error', httpStatus: status, message });
}
