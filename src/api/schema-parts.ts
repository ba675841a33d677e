import { type Json, type JsonObject } from '../lib/json.js';

/** What the schemas of the admin API are put together from. */
export const id = { type: 'string' };
export const text = { type: 'string' };
export const time = { type: 'string', format: 'date-time', description: 'ISO 8601, UTC, with milliseconds' };
export const count = { type: 'integer', minimum: 0 };
export const flag = { type: 'boolean' };
export const anything = {};
export const anyObject = { type: 'object', additionalProperties: true };

export function nullable(schema: JsonObject): JsonObject {
  return { ...schema, type: [schema.type ?? 'string', 'null'] };
}

export function word(words: readonly string[]): JsonObject {
  return { type: 'string', enum: [...words] };
}

export function listOf(items: Json): JsonObject {
  return { type: 'array', items };
}

/** Every property is always there. */
export function record(properties: JsonObject): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

export function page(name: string): JsonObject {
  const next = nullable({ ...text, description: 'cursor of the next page; null on the last one' });
  return record({ items: listOf(schema(name)), next });
}

export function schema(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}
