import { type JsonObject, isJsonObject } from '../lib/json.js';
import { type ApiAnswer, type ApiRequest, endAttempt, type Exchange } from './exchange.js';
import { describeAnswer } from './http-outcome.js';

const SERVER_FAULTS = Array.from({ length: 100 }, (_, i) => 500 + i);

/**
 * Writes what rings at a contact's, to a vendor without idempotency keys, and answers with its JSON. A fault of the
 * server, or a page in place of JSON, says neither yes nor no: the outcome is unknown, unless the vendor says by
 * `isUndone` that nothing went out.
 */
export async function writeToContact(
  exchange: Exchange,
  request: ApiRequest,
  isUndone: (answer: ApiAnswer) => boolean = () => false,
): Promise<JsonObject> {
  const answer = await exchange.write({ ...request, accept: SERVER_FAULTS });
  if (answer.status < 500 && isJsonObject(answer.json)) return answer.json;
  return endAttempt({
    outcome: isUndone(answer) ? 'retry' : 'unknown',
    ...{ reason: 'server_error', httpStatus: answer.status, message: describeAnswer(answer) },
  });
}
