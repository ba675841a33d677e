import { type Adapter } from '../adapters/adapter.js';
import { CONTACT_CHANGES } from '../domain/contact-list.js';
import { type JsonObject } from '../lib/json.js';
import { type Source } from '../sources/source.js';
import { type Config, type DestinationConfig } from './config.js';
import { asObject, Definitions, propertiesOf, withProperties } from './json-schema-parts.js';
import { alertSchema, commonDestinationSchema, mainFileSchema, sourceSchema } from './schema/main-file.js';
import { actionSchema, contactChangeSchema, ruleFileSchema, ruleSchema } from './schema/rule-file.js';
import { ruleTestSchema } from './schema/rule-tests.js';

/** JSON Schemas (draft 2020-12) of the two sorts of file. */
export interface ConfigJsonSchemas {
  /** Of `aftercall.yaml`. */
  main: JsonObject;
  /** Of `rules/**\/*.yaml`. */
  rules: JsonObject;
}

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
  const action = defs.shared('action', actionWithInputs(defs, kinds, config));
  const then = { type: 'array', items: action };
  const sources = sourcesSchema(config);
  const own = defs.own(ruleSchema, 'rule');
  const expect = withProperties(asObject(propertiesOf(own).expect), { else: { ...then, minItems: 1 } });
  const rule = withProperties(own, { ...condition, sources, then, expect });
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
  const $comment = operationsOf(kinds);
  return { ...withContactChanges(action), ...(inputs.length > 0 && { allOf: inputs }), $comment };
}

/** `do: contact.stop` takes its id and nothing else; every other action goes to a destination. */
function withContactChanges(action: JsonObject): JsonObject {
  const required = Array.isArray(action.required) ? action.required.filter((key) => key !== 'to') : [];
  const own = Object.keys(contactChangeSchema.shape);
  return {
    ...{ ...action, required },
    if: { properties: { do: { enum: [...CONTACT_CHANGES] } }, required: ['do'] },
    then: { propertyNames: { pattern: `^(${own.join('|')}|x-.*)$` } },
    else: { required: ['to'] },
  };
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
