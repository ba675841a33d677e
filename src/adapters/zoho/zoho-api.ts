import { type AttemptOutcome } from '../../domain/attempt.js';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.js';
import { AccessTokens, type TokenAsker, type TokenRequest } from '../access-token.js';
import { type Api, type ApiAnswer, endAttempt } from '../exchange.js';
import { describeAnswer, outcomeOfResponse } from '../http-outcome.js';
import { textOf } from '../text-of.js';
import { accountsUrl, baseUrl, type ZohoOptions } from './zoho-options.js';

const tokens = new AccessTokens();

/** Zoho CRM, as the owner of a refresh token. */
export function zohoApi(request: TokenAsker & { options: ZohoOptions }): Api {
  const { options } = request;
  const wanted = tokenRequest(options);
  return {
    base: `${baseUrl(options).replace(/\/+$/, '')}/crm/${options.api_version}`,
    headers: async () => ({
      Authorization: `Zoho-oauthtoken ${(await tokens.find(request, wanted)).token}`,
    }),
    renew: () => tokens.forget(wanted),
    judge,
  };
}

function tokenRequest(options: ZohoOptions): TokenRequest {
  const { client_id, client_secret, refresh_token } = options;
  return {
    url: `${accountsUrl(options)}/oauth/v2/token`,
    account: [client_id, client_secret, refresh_token],
    form: () => ({ grant_type: 'refresh_token', client_id, client_secret, refresh_token }),
  };
}

export interface ZohoError {
  code: string;
  words: string;
  /** API name of the field it is about, or an empty text. */
  field: string;
}

/** Of the request as a whole, or of its one record: a 2xx may hold one, too. */
export function errorIn({ json }: ApiAnswer): ZohoError | null {
  const whole = isJsonObject(json) ? json : {};
  const [record] = Array.isArray(whole.data) ? whole.data : [];
  const error = isJsonObject(record) && record.code !== undefined ? record : whole;
  const code = textOf(error.code);
  if (code === '' || error.status === 'success' || code === 'SUCCESS') return null;
  const details = isJsonObject(error.details) ? error.details : {};
  const field = textOf(details.api_name);
  const named = [field, otherRecord(details)].filter((name) => name !== '').join(', ');
  return { code, field, words: `${code} ${textOf(error.message)}${named === '' ? '' : ` (${named})`}` };
}

/** With DUPLICATE_DATA: the record that has the value already. */
function otherRecord({ id, duplicate_record: other }: JsonObject): string {
  const otherId = textOf(isJsonObject(other) ? other.id : id);
  return otherId === '' ? '' : `record ${otherId}`;
}

const THROTTLED = ['TOO_MANY_REQUESTS', 'LIMIT_EXCEEDED', 'API_LIMIT_EXCEEDED', 'RATE_LIMIT_EXCEEDED'];
const RETRIED = ['INTERNAL_ERROR', 'INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE'];
const NO_ACCESS = ['INVALID_TOKEN', 'AUTHENTICATION_FAILURE', 'OAUTH_SCOPE_MISMATCH', 'INVALID_OAUTHTOKEN'];

/** Requests that run at once are over within seconds; credits come back one by one over 24 hours. */
const MANY_AT_ONCE_MS = 30_000;
const CREDITS_ARE_SPENT_MS = 15 * 60_000;

export function judge(answer: ApiAnswer, now: number): AttemptOutcome | null {
  const error = errorIn(answer);
  const byStatus = outcomeOfResponse(answer, now);
  if (error === null) return byStatus.outcome === 'retry' ? throttledOr(byStatus, answer) : byStatus;
  const { status } = answer;
  const failed = { httpStatus: status, message: describeAnswer({ ...answer, body: error.words }) };
  if (THROTTLED.includes(error.code))
    return throttledOr({ ...outcomeOfResponse({ ...answer, status: 429 }, now), ...failed }, answer);
  if (RETRIED.includes(error.code)) return { outcome: 'retry', reason: 'server_error', ...failed };
  if (NO_ACCESS.includes(error.code)) return { outcome: 'unauthorized', reason: 'unauthorized', ...failed };
  if (byStatus.outcome !== 'delivered') return { ...byStatus, ...failed };
  return { outcome: 'rejected', reason: 'client_error', ...failed };
}

function throttledOr(outcome: AttemptOutcome, { headers }: ApiAnswer): AttemptOutcome {
  if (outcome.outcome !== 'retry' || outcome.reason !== 'rate_limited' || outcome.afterMs !== undefined)
    return outcome;
  const isSpent = headers['x-api-credits-remaining']?.trim() === '0';
  return { ...outcome, afterMs: isSpent ? CREDITS_ARE_SPENT_MS : MANY_AT_ONCE_MS };
}

/** Id of the one record that was written. */
export function idIn({ json, status }: ApiAnswer): string {
  const [record] = isJsonObject(json) && Array.isArray(json.data) ? json.data : [];
  const details = isJsonObject(record) && isJsonObject(record.details) ? record.details : {};
  const id = textOf(details.id);
  if (id !== '') return id;
  const message = `Zoho answered HTTP ${status} without the id of the record`;
  return endAttempt({ outcome: 'unknown', reason: 'server_error', httpStatus: status, message });
}

/** Records that were read; 204 stands for none. */
export function recordsIn(json: Json, name = 'data'): JsonObject[] {
  const list = isJsonObject(json) ? json[name] : null;
  return Array.isArray(list) ? list.filter((item) => isJsonObject(item)) : [];
}
