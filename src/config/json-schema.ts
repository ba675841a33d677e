import { z } from 'zod';
import { type Adapter, type Operation } from '../adapters/adapter.js';
import { isJsonObject, type Json, type JsonObject } from '../lib/json.js';
import { type Source } from '../sources/source.js';
import { type Config, type DestinationConfig } from './config.js';
import { alertSchema, commonDestinationSchema, mainFileSchema, sourceSchema } from './schema/main-file.js';
import { actionSchema, ruleFileSchema, ruleSchema, ruleTestSchema } from './schema/rule-file.js';

/** JSON Schemas (draft 2020-12) of the two sorts of file. */
export interface ConfigJsonSchemas {
  /** Of `aftercall.yaml`. */
  main: JsonObject;
  /** Of `rules/**\/*.yaml`. */
  rules: JsonObject;
}

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
const MATCH: JsonObject = {
  description: 'Short form: all lines must hold; a list: any of its maps.',
  anyOf: [{ const: 'everything' }, { type: 'object' }, { type: 'array', items: { type: 'object' } }],
};

/**
 * What editors complete and check by. With a configuration the names of its sources, destinations and tables
 * are known, and the input of an action is that of the destination it goes to.
 */
export function configJsonSchema(
  kinds: ReadonlyMap<string, Adapter>,
  sourceKinds: ReadonlyMap<string, Source>,
  config: Config | null = null,
): ConfigJsonSchemas {
  return { main: mainSchema(kinds, sourceKinds, config), rules: rulesSchema(kinds, config) };
}

function mainSchema(
  kinds: ReadonlyMap<string, Adapter>,
  sourceKinds: ReadonlyMap<string, Source>,
  config: Config | null,
): JsonObject {
  const defs = new Definitions();
  const root = defs.own(mainFileSchema, 'main');
  const destination = oneOfKinds(
    [...kinds.values()].map((adapter) => [adapter.kind, destinationSchema(adapter, defs)]),
  );
  const source = withProperties(defs.own(sourceSchema, 'source'), {
    kind: { enum: [...sourceKinds.keys()] },
  });
  const alert = withProperties(defs.own(alertSchema, 'alert'), { to: nameOf(config?.destinations) });
  const properties = {
    sources: { type: 'object', additionalProperties: source },
    destinations: { type: 'object', additionalProperties: destination },
    alerts: { type: 'array', items: alert },
  };
  return defs.document('aftercall.yaml', withProperties(root, properties));
}

function destinationSchema(adapter: Adapter, defs: Definitions): JsonObject {
  const common = defs.own(commonDestinationSchema, 'common');
  const own = defs.own(adapter.options, adapter.kind);
  const kind = { const: adapter.kind, description: adapter.description };
  return withProperties(own, { ...propertiesOf(common), ...propertiesOf(own), kind });
}

function rulesSchema(kinds: ReadonlyMap<string, Adapter>, config: Config | null): JsonObject {
  const defs = new Definitions();
  const condition = { match: MATCH };
  const action = actionWithInputs(defs, kinds, config);
  const then = { type: 'array', items: action };
  const sources = sourcesSchema(config);
  const rule = withProperties(defs.own(ruleSchema, 'rule'), { ...condition, sources, then });
  const test = defs.own(ruleTestSchema, 'test');
  const root = defs.own(ruleFileSchema, 'rules');
  const defaults = withProperties(asObject(propertiesOf(root).defaults), { sources });
  const properties = {
    defaults,
    rules: { type: 'object', additionalProperties: rule },
    tests: { type: 'array', items: test },
  };
  return defs.document('rules/**/*.yaml', withProperties(root, properties));
}

function actionWithInputs(
  defs: Definitions,
  kinds: ReadonlyMap<string, Adapter>,
  config: Config | null,
): JsonObject {
  const own = defs.own(actionSchema, 'action');
  const table: JsonObject = config === null ? { type: 'string' } : { enum: Object.keys(config.tables) };
  const toTable: JsonObject = {
    type: 'object',
    properties: { table, key: { type: 'string' }, default: nameOf(config?.destinations) },
    required: ['table', 'key'],
    additionalProperties: false,
  };
  const action = withProperties(own, { to: { anyOf: [nameOf(config?.destinations), toTable] } });
  const inputs = config === null ? [] : [...config.destinations.values()].flatMap((to) => inputsOf(to, defs));
  return { ...action, ...(inputs.length > 0 && { allOf: inputs }), $comment: operationsOf(kinds) };
}

/** One `if … then` per destination and operation; the default one also holds where `do` is left out. */
function inputsOf(to: DestinationConfig, defs: Definitions): JsonObject[] {
  return Object.entries(to.operations).map(([name, operation]) => {
    const isDefault = name === to.defaultOperation;
    const required = isDefault ? ['to'] : ['to', 'do'];
    const asked = { properties: { to: { const: to.name }, do: { const: name } }, required };
    return { if: asked, then: { properties: { with: defs.input(operation, `${to.name}_${name}`) } } };
  });
}

function operationsOf(kinds: ReadonlyMap<string, Adapter>): string {
  const lines = [...kinds.values()].map(
    ({ kind, operations }) => `${kind}: ${Object.keys(operations).join(', ')}`,
  );
  return `Operations by kind: ${lines.join('; ')}`;
}

function sourcesSchema(config: Config | null): JsonObject {
  const labels = { type: 'object', additionalProperties: { type: 'string' } };
  return { anyOf: [{ const: 'all' }, { type: 'array', items: nameOf(config?.sources) }, labels] };
}

function nameOf(known: ReadonlyMap<string, unknown> | undefined): JsonObject {
  return known === undefined ? { type: 'string' } : { enum: [...known.keys()] };
}

function oneOfKinds(byKind: [kind: string, schema: JsonObject][]): JsonObject {
  return {
    type: 'object',
    required: ['kind'],
    properties: { kind: { enum: byKind.map(([kind]) => kind) } },
    allOf: byKind.map(([kind, schema]) => ({
      if: { properties: { kind: { const: kind } }, required: ['kind'] },
      then: schema,
    })),
  };
}

function withProperties(schema: JsonObject, properties: JsonObject): JsonObject {
  return { ...schema, properties: { ...propertiesOf(schema), ...properties } };
}

function propertiesOf(schema: JsonObject): JsonObject {
  return asObject(schema.properties);
}

function asObject(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** Gathers what zod defines beside a schema, under names that do not meet. */
class Definitions {
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
