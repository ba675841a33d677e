import { type AttemptOutcome } from '../../domain/attempt.js';
import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { cleanText } from '../colleague-message.js';
import { type Api, type ApiAnswer, type ApiRequest, type Exchange } from '../exchange.js';
import { describeAnswer, outcomeOfResponse } from '../http-outcome.js';
import { writeToContact } from '../write-to-contact.js';
import { type AutocallsOptions } from './autocalls-options.js';

/** The user API of Autocalls, or of a white label of it. */
export function autocallsApi({ base_url: base, api_key: key }: AutocallsOptions): Api {
  return { base, headers: () => ({ Authorization: `Bearer ${key}` }), judge };
}

/** Writes, and answers with the body. What Autocalls takes rings somewhere. */
export function change(exchange: Exchange, request: ApiRequest): Promise<JsonObject> {
  const json = cleaned(request.json ?? {});
  return writeToContact(exchange, { ...request, json }, (answer) => errorCodeOf(answer) === 'SENDER_OFFLINE');
}

/** The platform reads no JSON with halves of characters in it. */
function cleaned(value: Json): Json {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map((item) => cleaned(item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cleaned(item)]));
}

/** What passes by itself, or when somebody tops up the account; the vendor did nothing. */
const WAITED_FOR = ['INSUFFICIENT_BALANCE', 'SENDER_OFFLINE', 'MESSAGING_LIMIT_UNAVAILABLE'];

function judge(answer: ApiAnswer, now: number): AttemptOutcome | null {
  const { status: httpStatus, json } = answer;
  const isRefusal = isJsonObject(json) && json.success === false;
  const failed = { httpStatus, message: words(answer) };
  if (waitsForPeople(answer)) return { outcome: 'retry', reason: 'refused', ...failed };
  if (httpStatus < 300) return isRefusal ? { outcome: 'rejected', reason: 'client_error', ...failed } : null;
  const outcome = outcomeOfResponse(withRetryAfter(answer), now);
  return outcome.outcome === 'delivered' ? null : { ...outcome, message: failed.message };
}

function waitsForPeople(answer: ApiAnswer): boolean {
  const { status, json } = answer;
  if (status === 402 || WAITED_FOR.includes(errorCodeOf(answer) ?? '')) return true;
  const message = isJsonObject(json) ? json.message : null;
  return status >= 400 && typeof message === 'string' && /insufficient balance/i.test(message);
}

function errorCodeOf({ json }: ApiAnswer): string | null {
  return isJsonObject(json) && typeof json.error_code === 'string' ? json.error_code : null;
}

/** White labels say in the body how many seconds to wait. */
function withRetryAfter(answer: ApiAnswer): ApiAnswer {
  const { headers, json } = answer;
  const seconds = isJsonObject(json) ? json.retry_after : null;
  if (headers['retry-after'] !== undefined || typeof seconds !== 'number') return answer;
  return { ...answer, headers: { ...headers, 'retry-after': String(seconds) } };
}

/** The vendor's message, code and fields, e.g. `HTTP 422: Validation failed; status: cannot be set`. */
function words(answer: ApiAnswer): string {
  const { json } = answer;
  if (!isJsonObject(json)) return describeAnswer(answer);
  const { message, error, error_code: code, errors } = json;
  const fields = Object.entries(isJsonObject(errors) ? errors : {}).map(
    ([field, problems]) => `${field}: ${[problems].flat().filter(isText).join(', ')}`,
  );
  const said = [message, error, code, ...fields].filter(isText);
  return describeAnswer(said.length === 0 ? answer : { ...answer, body: said.join('; ') });
}

function isText(part: Json | undefined): part is string {
  return typeof part === 'string';
}
