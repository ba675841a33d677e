import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type Json, type JsonObject } from '../lib/json.js';
import { type IfMissing } from '../rules/rule.js';
import { createTemplates } from '../templates/templates.js';
import { fieldFormat, type Operation } from './adapter.js';
import { renderInput } from './render-input.js';

const templates = createTemplates({
  timezone: 'UTC',
  tables: {},
  files: { 'mail.liquid': '<p>{{ name }}</p>', 'gap.liquid': 'Dear {{ gone }},' },
});
const data: JsonObject = {
  name: 'A <b> & "c"',
  duration: 62,
  amount: ' 12.5 ',
  agreed: 'true',
  paid: false,
  tags: ['x', '<y>'],
  lines: 'a\nb',
  nothing: null,
};

const text = z.string().min(1);
const input = z
  .strictObject({
    text: fieldFormat('slack', text.optional()),
    blocks: fieldFormat('blocks', z.union([z.array(z.unknown()), z.string()]).optional()),
    to: fieldFormat('header', z.union([text, z.array(text)]).optional()),
    html: fieldFormat('html', z.string().optional()),
    template: z.string().optional().meta({ fieldFormat: 'template', into: 'html' }),
    body: fieldFormat('any', z.unknown().optional()),
    raw: fieldFormat('json', z.string().optional()),
    path: fieldFormat('path', z.string().optional()),
    headers: fieldFormat('header', z.record(z.string(), z.string()).optional()),
    properties: z.record(z.string(), z.unknown()).optional(),
    plain: z.string().default('p'),
    count: z.number().int().optional(),
    agreed: z.boolean().optional(),
    person: z.strictObject({ name: fieldFormat('html', text), age: z.number().optional() }).optional(),
  })
  .refine((given) => given.text !== 'forbidden', 'says what is forbidden');

const operation = (audience: Operation['audience'], schema: z.ZodObject = input): Operation => ({
  description: 'For this spec',
  input: schema,
  audience,
  testMarkField: 'text',
});
const system = operation('system');

const render = (content: JsonObject, ifMissing: IfMissing | null = null, of = system, isTest = false) =>
  renderInput(of, content, { templates, data, ifMissing, isTest });
const inputOf = (content: JsonObject, ifMissing: IfMissing | null = null, of = system): JsonObject => {
  const rendered = render(content, ifMissing, of);
  if (!rendered.ok) throw new Error(rendered.reason);
  const { plain, ...rest } = rendered.input;
  return plain === 'p' ? rest : rendered.input;
};
const reasonOf = (content: JsonObject, ifMissing: IfMissing | null = null, of = system): string => {
  const rendered = render(content, ifMissing, of);
  return rendered.ok ? 'ok' : rendered.reason;
};

describe('a rendered input', () => {
  it.each<[string, Json, Json]>([
    ['text', '*{{ name }}* <@U1>', '*A &lt;b&gt; &amp; "c"* <@U1>'],
    ['html', '<i>{{ name }}</i>', '<i>A &lt;b&gt; &amp; &quot;c&quot;</i>'],
    ['plain', '{{ name }}', 'A <b> & "c"'],
    ['path', 'x/{{ name }}', 'x/A%20%3Cb%3E%20%26%20%22c%22'],
    ['to', ['{{ name }}', 'b'], ['A <b> & "c"', 'b']],
    ['headers', { 'x-name': '{{ name }}' }, { 'x-name': 'A <b> & "c"' }],
    ['raw', '{"a": "{{ name }}"}', '{"a": "A <b> & \\"c\\""}'],
    ['person', { name: '{{ name }}' }, { name: 'A &lt;b&gt; &amp; &quot;c&quot;' }],
  ])('%s is escaped for its field', (key, given, expected) => {
    expect(inputOf({ [key]: given })).toEqual({ [key]: expected });
  });

  it('keeps types where a value may be of any', () => {
    const body = {
      a: '{{ duration }}',
      b: ['{{ paid }}', '{{ tags }}'],
      c: '{{ duration }} s',
      d: 1,
      e: null,
      f: '{{ nothing | default: nil }}',
    };
    const expected = { a: 62, b: [false, ['x', '<y>']], c: '62 s', d: 1, e: null, f: null };
    expect(inputOf({ body })).toEqual({ body: expected });
    expect(inputOf({ properties: { n: '{{ duration }}' } })).toEqual({ properties: { n: 62 } });
    expect(inputOf({ body: '{{ tags }}' })).toEqual({ body: ['x', '<y>'] });
    expect(inputOf({ plain: '{{ duration }}' })).toEqual({ plain: '62' });
  });

  it('reads numbers and truth where the schema takes no text', () => {
    expect(inputOf({ count: '{{ duration }}', agreed: '{{ agreed }}' })).toEqual({ count: 62, agreed: true });
    expect(inputOf({ person: { name: 'x', age: '{{ amount }}' } })).toEqual({
      person: { name: 'x', age: 12.5 },
    });
    expect(reasonOf({ count: '{{ name }}' })).toBe('invalid_input: count is text; expected a number');
  });

  it('renders blocks from a list or from a text', () => {
    const expected = [{ type: 'section', text: 'A &lt;b&gt; &amp; "c"', n: '62' }];
    expect(inputOf({ blocks: [{ type: 'section', text: '{{ name }}', n: '{{ duration }}' }] })).toEqual({
      blocks: expected,
    });
    const list =
      '[{% if paid %}1,{% endif %}{"type": "section", "text": "{{ name }}", "n": "{{ duration }}"}]';
    expect(inputOf({ blocks: list })).toEqual({ blocks: expected });
    expect(inputOf({ blocks: '{{ tags }}' })).toEqual({ blocks: ['x', '&lt;y&gt;'] });
    expect(inputOf({ blocks: '{% if paid %}[]{% endif %}', text: 'x' })).toEqual({ text: 'x' });
    expect(reasonOf({ blocks: '[{{ tags }}' })).toBe(
      'invalid_input: blocks is no JSON; expected the text to come to JSON',
    );
    expect(reasonOf({ blocks: '{"a": 1}' })).toBe(
      'invalid_input: blocks is no list; expected a list of blocks',
    );
  });

  it('puts a file of templates/ where it belongs', () => {
    expect(inputOf({ template: 'mail' })).toEqual({ html: '<p>A &lt;b&gt; &amp; &quot;c&quot;</p>' });
    expect(reasonOf({ template: 'mial' })).toBe(
      'invalid_input: template is the name of no file in templates/',
    );
    expect(reasonOf({ template: 'mail', html: 'x' })).toBe(
      'invalid_input: template cannot be given together with html',
    );
    expect(reasonOf({ template: 'gap' })).toBe('missing: gone');
  });

  it('lets a person give the text in place of a file, and not a file', () => {
    const released = (replaced: JsonObject) =>
      renderInput(system, { template: 'gap' }, { templates, data, ifMissing: null, isTest: false, replaced });
    expect(released({ html: '<i>{{ x }}</i>' })).toMatchObject({ input: { html: '<i>{{ x }}</i>' } });
    expect(released({ template: 'mail' })).toMatchObject({
      reason: "invalid_input: template is a file's name; give html instead",
    });
  });

  it.each<[string, JsonObject, string]>([
    ['a broken template', { plain: '{{ name' }, 'invalid_input: plain output "{{ name" not closed'],
    ['a line break in a header', { to: '{{ lines }}' }, 'invalid_input: to the value holds a line break'],
    ['an empty text', { text: "{{ nothing | default: '' }}" }, 'invalid_input: text Too small'],
    ['an unknown input', { txt: 'x' }, 'invalid_input: txt is not known here'],
    ['a rule of the whole input', { text: 'forbidden' }, 'invalid_input: says what is forbidden'],
    ['JSON that is none', { raw: '{{ name }' }, 'invalid_input: raw output'],
    [
      'a nested problem',
      { person: { name: 'x', age: 'old' } },
      'invalid_input: person.age is text; expected a number',
    ],
  ])('%s is not ok', (_name, content, reason) => {
    expect(reasonOf(content)).toContain(reason);
  });

  it('never quotes what it was given', () => {
    expect(reasonOf({ raw: 'x {{ name | json }}' })).toBe(
      'invalid_input: raw is no JSON; expected the text to come to JSON',
    );
  });

  it('keeps hostile keys apart', () => {
    const body = JSON.parse('{"__proto__": "{{ duration }}", "constructor": "x"}') as JsonObject;
    const rendered = inputOf({ body }).body as JsonObject;
    expect(Object.keys(rendered)).toEqual(['__proto__', 'constructor']);
    expect(({} as JsonObject).duration).toBeUndefined();
  });
});

describe('a missing variable', () => {
  const colleagues = operation('colleagues');
  const required = operation(
    'system',
    z.strictObject({
      to: z.string(),
      cc: z.array(z.string()).optional(),
      fields: z.record(z.string(), z.unknown()),
    }),
  );

  it.each<[string, Operation, JsonObject, JsonObject]>([
    ['shows in a message to colleagues', colleagues, { text: 'a {{ gone }}' }, { text: 'a [missing: gone]' }],
    [
      'shows to colleagues when it is all there is',
      colleagues,
      { text: '{{ gone }}' },
      { text: '[missing: gone]' },
    ],
    ['shows in blocks', colleagues, { blocks: '["{{ gone }}"]' }, { blocks: ['[missing: gone]'] }],
    ['leaves an optional input out', system, { text: '{{ gone }}', html: 'x' }, { html: 'x' }],
    ['leaves it out with its filters', system, { text: '{{ gone | upcase }}', html: 'x' }, { html: 'x' }],
    [
      'leaves a property of an optional input out',
      system,
      { properties: { a: '{{ gone }}', b: 1 } },
      { properties: { b: 1 } },
    ],
    ['leaves a deeper property out', system, { body: { a: [{ b: '{{ gone }}' }] } }, { body: { a: [{}] } }],
    ['is nothing with a default', system, { text: "a {{ gone | default: 'b' }}" }, { text: 'a b' }],
  ])('%s', (_name, of, content, expected) => {
    expect(inputOf(content, null, of)).toEqual(expected);
  });

  it.each<[string, Operation, JsonObject, string]>([
    ['part of an optional text', system, { text: 'Dear {{ gone }}' }, 'missing: gone'],
    ['a required input', required, { to: '{{ gone }}', fields: {} }, 'missing: gone'],
    ['a property of a required input', required, { to: 'x', fields: { a: '{{ gone }}' } }, 'missing: gone'],
    ['an entry of a list', required, { to: 'x', fields: {}, cc: ['{{ gone }}'] }, 'missing: gone'],
    [
      'several',
      system,
      { text: '{{ gone.x }} {{ nothing }}', html: '{{ gone.x }}!' },
      'missing: gone.x, nothing',
    ],
  ])('in %s holds', (_name, of, content, reason) => {
    expect(reasonOf(content, null, of)).toBe(reason);
  });

  it.each<[IfMissing, Operation, JsonObject, JsonObject | string]>([
    ['hold', colleagues, { text: 'a {{ gone }}' }, 'missing: gone'],
    ['hold', system, { text: '{{ gone }}', html: 'x' }, 'missing: gone'],
    ['mark', system, { plain: 'a {{ gone }}' }, { plain: 'a [missing: gone]' }],
    ['mark', required, { to: '{{ gone }}', fields: {} }, { to: '[missing: gone]', fields: {} }],
    ['empty', system, { plain: 'a {{ gone }}.' }, { plain: 'a .' }],
    ['empty', required, { to: '{{ gone }}', fields: { a: '{{ gone }}' } }, { to: '', fields: { a: '' } }],
    ['omit', colleagues, { text: 'a {{ gone }}', html: 'x' }, { html: 'x' }],
    [
      'omit',
      required,
      { to: 'x', fields: { a: '{{ gone }}' }, cc: ['{{ gone }}', 'y'] },
      { to: 'x', fields: {}, cc: ['y'] },
    ],
    ['omit', required, { to: '{{ gone }}', fields: {} }, 'missing: gone'],
  ])('if_missing: %s decides (%#)', (ifMissing, of, content, expected) => {
    const rendered = render(content, ifMissing, of);
    const result = rendered.ok ? inputOf(content, ifMissing, of) : rendered.reason;
    expect(result).toEqual(expected);
  });

  it('is listed beside the reason', () => {
    expect(render({ plain: '{{ gone.x }}{{ nothing }}{{ gone.x }}' }, 'hold')).toEqual({
      ok: false,
      reason: 'missing: gone.x, nothing',
      missing: ['gone.x', 'nothing'],
    });
  });
});

describe("the vendor's test", () => {
  const colleagues = operation('colleagues');

  it('is marked in front of the text', () => {
    expect(render({ text: '{{ name }}' }, null, colleagues, true)).toMatchObject({
      input: { text: '[TEST] A &lt;b&gt; &amp; "c"' },
    });
    expect(render({ blocks: ['x'] }, null, colleagues, true)).toMatchObject({
      input: { text: '[TEST]', blocks: ['x'] },
    });
  });

  it('leaves operations without such a field alone', () => {
    const unmarked = { ...colleagues, testMarkField: undefined };
    expect(render({ text: 'a' }, null, unmarked, true)).toMatchObject({ input: { text: 'a' } });
  });
});
