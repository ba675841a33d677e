import { isJsonObject, type Json, type JsonObject } from '../../lib/json.js';

/** They move without anything new about the call: the vendor sends them as they stand at the time of sending. */
const MOVING = new Set(['finished_at', 'campaign']);
const MOVING_IN_LEAD = new Set(['status', 'call_tries', 'updated_at', 'campaign']);

/** What makes two sendings of one call the same: the body as sent, without the fields that move by themselves. */
export function stableContent(body: JsonObject): Json {
  const content = without(body, MOVING);
  if (isJsonObject(content.lead)) content.lead = without(content.lead, MOVING_IN_LEAD);
  return content;
}

function without(object: JsonObject, names: ReadonlySet<string>): JsonObject {
  const rest: JsonObject = {};
  for (const key of Object.keys(object)) if (!names.has(key)) rest[key] = object[key] as Json;
  return rest;
}
