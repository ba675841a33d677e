import { createSign } from 'node:crypto';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { isJsonObject } from '../../lib/json.js';
import { AccessTokens, type TokenAsker, type TokenRequest } from '../access-token.js';
import { type Api, type ApiAnswer } from '../exchange.js';
import { describeAnswer, outcomeOfResponse } from '../http-outcome.js';
import { keyOf, type SheetsOptions } from './sheets-options.js';

const tokens = new AccessTokens();

/** The Sheets API, in the name of the service account. */
export function sheetsApi(request: TokenAsker & { options: SheetsOptions }): Api {
  const wanted = tokenRequest(request.options, request.now);
  return {
    base: `${request.options.base_url}/v4/spreadsheets`,
    headers: async () => ({ Authorization: `Bearer ${(await tokens.find(request, wanted)).token}` }),
    renew: () => tokens.forget(wanted),
    judge,
  };
}

function tokenRequest(given: SheetsOptions, now: number): TokenRequest {
  return {
    url: given.token_url,
    account: [given.client_email, given.private_key],
    form: () => ({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: assertionOf(given, now),
    }),
  };
}

const SCOPE = 'https://www.googleapis.com/auth/spreadsheets';
const LIFETIME_SECONDS = 3600;

/** A statement, signed by the key of the account, that asks for a token. */
function assertionOf(given: SheetsOptions, now: number): string {
  const iat = Math.floor(now / 1000);
  const claims = {
    iss: given.client_email,
    scope: SCOPE,
    aud: given.token_url,
    iat,
    exp: iat + LIFETIME_SECONDS,
  };
  const signed = [{ alg: 'RS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(keyOf(given), 'base64url')}`;
}

/** Google's quotas are filled anew every minute. */
const QUOTA_SECONDS = 60;

function judge(answer: ApiAnswer, now: number): AttemptOutcome | null {
  const { status, headers, json } = answer;
  const error = isJsonObject(json) && isJsonObject(json.error ?? null) ? json.error : null;
  const { status: word, message } = isJsonObject(error) ? error : {};
  const isThrottled = status === 429 || word === 'RESOURCE_EXHAUSTED';
  const response = isThrottled
    ? { ...answer, status: 429, headers: { 'retry-after': String(QUOTA_SECONDS), ...headers } }
    : answer;
  const outcome = outcomeOfResponse(response, now);
  if (outcome.outcome === 'delivered') return null;
  const said = [word, message].filter((part) => typeof part === 'string').join(': ');
  const failed = {
    httpStatus: status,
    message: describeAnswer(said === '' ? answer : { ...answer, body: said }),
  };
  // The sheet is not shared with the account, or the API is switched off in its project.
  if (status === 403 && !isThrottled) return { outcome: 'unauthorized', reason: 'unauthorized', ...failed };
  return { ...outcome, ...failed };
}
