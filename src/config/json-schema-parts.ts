import { z } from 'zod';
import { type Operation } from '../adapters/adapter.js';
import { isJsonObject, type Json, type JsonObject } from '../lib/json.js';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

export function withProperties(schema: JsonObject, properties: JsonObject): JsonObject {
  return { ...schema, properties: { ...propertiesOf(schema), ...properties } };
}

export function propertiesOf(schema: JsonObject): JsonObject {
  return asObject(schema.properties);
}

export function asObject(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** Gathers what zod defines beside a schema, under names that do not meet. */
export class Definitions {
  readonly #definitions: JsonObject = {};

  /** A map of ours: keys that start with `x-` are free, and `${NAME}` may stand for a number. */
  own(schema: z.ZodType, name: string): JsonObject {
    return asObject(mapObjects(this.#convert(schema, name), (inner) => withNotes(withText(inner))));
  }

  /** Input of an operation: a template may stand for anything. */
  input(operation: Operation, name: string): JsonObject {
    const schema = asObject(mapObjects(this.#convert(operation.input, name), withText));
    return { ...schema, description: operation.description };
  }

  /** What stands in several places is written once. */
  shared(name: string, schema: JsonObject): JsonObject {
    this.#definitions[name] = schema;
    return { $ref: `#/$defs/${name}` };
  }

  document(title: string, schema: JsonObject): JsonObject {
    const document: JsonObject = { $schema: DRAFT, title, ...schema };
    return Object.keys(this.#definitions).length > 0 ? { ...document, $defs: this.#definitions } : document;
  }

  #convert(schema: z.ZodType, name: string): JsonObject {
    const converted = z.toJSONSchema(schema, {
      io: 'input',
      unrepresentable: 'any',
      override: ({ jsonSchema }) => dropOwnMeta(jsonSchema),
    });
    const { $schema: _, $defs, ...rest } = JSON.parse(JSON.stringify(converted)) as JsonObject;
    const rename = (inner: JsonObject) => renameReference(inner, name);
    for (const [key, definition] of Object.entries(asObject($defs)))
      this.#definitions[`${name}_${key}`] = mapObjects(definition, rename);
    return asObject(mapObjects(rest, rename));
  }
}

/** Marks for our own use, which editors have no word for. */
function dropOwnMeta(schema: Record<string, unknown>): void {
  for (const key of ['secret', 'fieldFormat', 'into']) delete schema[key];
}

function renameReference(schema: JsonObject, name: string): JsonObject {
  const { $ref } = schema;
  return typeof $ref === 'string'
    ? { ...schema, $ref: $ref.replace('#/$defs/', `#/$defs/${name}_`) }
    : schema;
}

function withNotes(schema: JsonObject): JsonObject {
  return schema.additionalProperties === false ? { ...schema, patternProperties: { '^x-': {} } } : schema;
}

function withText(schema: JsonObject): JsonObject {
  const { type } = schema;
  const isScalar = type === 'number' || type === 'integer' || type === 'boolean';
  return isScalar ? { anyOf: [schema, { type: 'string', pattern: '\\$\\{|\\{\\{' }] } : schema;
}

/** Changes every object of a schema, innermost first. */
function mapObjects(value: Json, change: (schema: JsonObject) => JsonObject): Json {
  if (Array.isArray(value)) return value.map((item) => mapObjects(item, change));
  if (!isJsonObject(value)) return value;
  return change(
    Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapObjects(inner, change)])),
  );
}
