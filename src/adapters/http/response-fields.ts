import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { type HttpClient, type HttpRequest } from '../../egress/http-client.js';
import { type Json, type JsonObject, readPath } from '../../lib/json.js';
import { judgeByStatus, outcomeOfResponse } from '../http-outcome.js';

const MAX_FIELDS = 20;
/** Of one value as JSON: an answer is kept for ids and links, not as an archive. */
const MAX_VALUE = 4_096;

export const responseFields = z
  .record(z.string().regex(/^[a-z]\w{0,40}$/i, 'is no name; expected letters, digits and _'), z.string())
  .refine((fields) => Object.keys(fields).length <= MAX_FIELDS, `has more than ${MAX_FIELDS} fields`)
  .optional()
  .describe('Fields of the JSON answer that later actions may use, e.g. { id: data.id }');

/** Sends; what is kept of the answer is the receipt. What is not there is null. */
export async function keepingFields(
  http: HttpClient,
  request: HttpRequest,
  now: number,
  fields: JsonObject,
): Promise<AttemptOutcome> {
  let answer: Json = null;
  const outcome = await judgeByStatus(http, request, now, (response) => {
    answer = readJson(response.body);
    return outcomeOfResponse(response, now);
  });
  if (outcome.outcome !== 'delivered') return outcome;
  const kept = Object.entries(fields).map(([name, path]) => [name, valueAt(answer, path)] as const);
  return { ...outcome, receipt: Object.fromEntries(kept) };
}

function valueAt(answer: Json, path: Json): Json {
  const value = typeof path === 'string' ? readPath(answer, path) : undefined;
  return value === undefined || JSON.stringify(value).length > MAX_VALUE ? null : value;
}

function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
