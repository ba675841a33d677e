import { type JsonObject } from '../lib/json.js';

/** The data of a call with the list of all that one message tells, its own first: `digest.count` and `digest.items`. */
export function withDigest(data: JsonObject, others: readonly JsonObject[] = []): JsonObject {
  return { ...data, digest: { count: others.length + 1, items: [data, ...others] } };
}
