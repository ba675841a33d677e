import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';

/**
 * `over` laid over `base`: objects merge key by key, everything else is replaced. Neither is changed.
 * Keys like `__proto__` stay ordinary keys.
 */
export function mergeJson(base: JsonObject, over: JsonObject): JsonObject {
  const merged = new Map<string, Json>(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    const below = merged.get(key);
    merged.set(key, isJsonObject(below) && isJsonObject(value) ? mergeJson(below, value) : value);
  }
  return Object.fromEntries(merged);
}
