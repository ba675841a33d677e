import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Adapter } from '../adapters/adapter.js';
import { loadAdapters } from '../adapters/catalogue.js';
import { type Json, type JsonObject, readPath } from '../lib/json.js';
import { loadSources } from '../sources/catalogue.js';
import { type Source } from '../sources/source.js';
import { type ConfigJsonSchemas, configJsonSchema } from './json-schema.js';
import { readConfig } from './read-config.js';

let kinds: ReadonlyMap<string, Adapter>;
let sourceKinds: ReadonlyMap<string, Source>;
let plain: ConfigJsonSchemas;
let enriched: ConfigJsonSchemas;

beforeAll(async () => {
  kinds = await loadAdapters();
  sourceKinds = await loadSources();
  const reading = await readConfig({ input: 'config', env: {}, kinds, sourceKinds });
  plain = configJsonSchema(kinds, sourceKinds);
  enriched = configJsonSchema(kinds, sourceKinds, reading.ok ? reading.config : null);
});

const RULE = 'properties.rules.additionalProperties.properties';
const ACTION = '$defs.action';

describe('configJsonSchema', () => {
  it('says which draft it is written in', () => {
    expect(plain.main.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(plain.rules.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  });

  it('knows every kind of destination with its options and those that all of them take', () => {
    const destination = readPath(plain.main, 'properties.destinations.additionalProperties');
    expect(readPath(destination, 'properties.kind.enum')).toEqual([...kinds.keys()]);
    const forms = readPath(destination, 'allOf') as JsonObject[];
    const slack = forms.find((form) => readPath(form, 'if.properties.kind.const') === 'slack');
    const keys = Object.keys(readPath(slack, 'then.properties') as JsonObject);
    expect(keys).toEqual(expect.arrayContaining(['kind', 'webhook_url', 'bot_token', 'timeout', 'only']));
    expect(readPath(slack, 'then.additionalProperties')).toBe(false);
    expect(readPath(slack, 'then.patternProperties')).toEqual({ '^x-': {} });
  });

  it('completes names only where a configuration brings them', () => {
    expect(readPath(plain.rules, `${ACTION}.properties.to.anyOf.0`)).toEqual({ type: 'string' });
    expect(readPath(enriched.rules, `${ACTION}.properties.to.anyOf.0`)).toEqual({
      enum: ['sales-slack', 'ops-slack', 'mail', 'crm'],
    });
    expect(readPath(enriched.rules, `${ACTION}.properties.to.anyOf.1.properties.table.enum`)).toEqual([
      'team_of',
      'score_of',
    ]);
    const sources = 'properties.rules.additionalProperties.properties.sources.anyOf.1.items.enum';
    expect(readPath(enriched.rules, sources)).toEqual(['autocalls']);
  });

  it('has one form of action for then and else', () => {
    const action = { $ref: '#/$defs/action' };
    expect(readPath(plain.rules, `${RULE}.then.items`)).toEqual(action);
    expect(readPath(plain.rules, `${RULE}.expect.properties.else`)).toMatchObject({ items: action });
    expect(Object.keys(readPath(plain.rules, `${ACTION}.properties`) as JsonObject)).toEqual(
      expect.arrayContaining(['after', 'once_per', 'on_repeat', 'audience', 'call_tries', 'digest']),
    );
  });

  it('wants a destination of every action but those that are done here', () => {
    const action = readPath(plain.rules, ACTION);
    expect(readPath(action, 'required')).toEqual(['id']);
    expect(readPath(action, 'if.properties.do.enum')).toEqual(['contact.stop', 'contact.allow']);
    const allowed = new RegExp(readPath(action, 'then.propertyNames.pattern') as string);
    expect(['id', 'do', 'x-why', 'to', 'only_if', 'idle'].map((key) => allowed.test(key))).toEqual([
      ...[true, true, true],
      ...[false, false, false],
    ]);
    expect(readPath(action, 'else.required')).toEqual(['to']);
  });

  it('knows the settings for contacts', () => {
    const contacts = readPath(plain.main, 'properties.contacts.properties') as JsonObject;
    expect(Object.keys(contacts)).toEqual(['scope', 'zone', 'hours', 'consent', 'max_age']);
    expect(readPath(contacts, 'hours.properties.countries.additionalProperties.type')).toBe('object');
    const limits = readPath(plain.main, 'properties.contact_limits.properties') as JsonObject;
    expect(Object.keys(limits)).toEqual(['any', 'call', 'sms', 'whatsapp', 'email']);
    expect(readPath(plain.main, 'properties.max_chain.anyOf.0.maximum')).toBe(20);
  });

  it('knows the input of each destination', () => {
    const forms = readPath(enriched.rules, `${ACTION}.allOf`) as JsonObject[];
    const mail = forms.find((form) => readPath(form, 'if.properties.to.const') === 'mail');
    expect(Object.keys(readPath(mail, 'then.properties.with.properties') as JsonObject)).toContain('subject');
  });

  it('lets a variable stand for a number', () => {
    const port = readPath(plain.main, 'properties.server.properties.port.anyOf') as Json[];
    expect(port.map((branch) => readPath(branch, 'type'))).toEqual(['integer', 'string']);
  });

  it('refers to nothing that is not there', () => {
    for (const document of [enriched.main, enriched.rules]) {
      const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)];
      const defined = Object.keys((document.$defs ?? {}) as JsonObject);
      expect(references.map((match) => match[1]).filter((name) => !defined.includes(name ?? ''))).toEqual([]);
    }
  });
});
