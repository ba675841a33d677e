import { describe, expect, it } from '@jest/globals';
import { type JsonObject } from '../lib/json.js';
import { createTemplates } from './templates.js';

const templates = createTemplates({ timezone: 'UTC', tables: { t: { a: 'b' } }, files: {} });
const render = (text: string, data: JsonObject = {}): string =>
  templates.parse(text, 'text').render(data, 'empty').text;

/** The advisories of 2026 against the engine, as far as a template or a call can express them. */
describe('published attacks', () => {
  it('replace_first takes $& as it stands (CVE-2026-33287)', () => {
    const value = '$&'.repeat(10_000);
    expect(render("{{ 'abc' | replace_first: 'b', v }}", { v: value })).toBe(`a${value}c`);
    expect(render("{{ 'abc' | replace: 'b', '$&$&' | replace_last: 'c', '$`' }}")).toBe('a$&$&$`');
  });

  it('replace cannot outgrow its bounds (CVE-2026-34166)', () => {
    const v = 'a'.repeat(60_000);
    expect(() => render("{{ v | replace: 'a', v }}", { v })).toThrow('more text');
    expect(() => render("{{ v | replace: '', v }}", { v })).toThrow('more text');
  });

  it('sort reads own properties only (changelog 869)', () => {
    expect(
      render("{{ l | sort: 'constructor' | map: 'constructor' | compact | size }}", { l: [{}, {}] }),
    ).toBe('0');
    expect(render("{{ l | sort_natural: '__proto__' | size }}", { l: [{}, {}] })).toBe('2');
  });

  it('knows no layouts and blocks (CVE-2026-41311, CVE-2026-35525)', () => {
    for (const tag of ['layout "a"', 'block a', 'include "/etc/passwd"', 'render "../x"'])
      expect(() => render(`{% ${tag} %}`)).toThrow('unknown tag');
  });

  it('an empty loop costs steps (CVE-2026-44645)', () => {
    const l = Array.from({ length: 900 }, (_, i) => i);
    expect(() => render('{% for a in l %}{% for b in l %}{% endfor %}{% endfor %}', { l })).toThrow('steps');
  });

  it('dates are not padded without bound (CVE-2026-45357)', () => {
    expect(() => render("{{ '2025-01-15' | date: '%100000000d' }}")).toThrow('padded');
    expect(() => render("{{ '2025-01-15' | date: '%999999999N' }}")).toThrow('padded');
    expect(() => render("{{ '2025-01-15' | date: f }}", { f: '%9d'.repeat(2_000) })).toThrow('too long');
  });

  it('strip_html takes a transcript of 350 KB in its stride (CVE-2026-45617)', () => {
    for (const piece of ['<script', '<style', '<!--', '<', '<script></style>'])
      expect(render('{{ v | strip_html | size }}', { v: piece.repeat(350_000 / piece.length) })).toMatch(
        /^\d+$/,
      );
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf'])(
    'the inherited name %s is no filter, tag, table or variable (CVE-2026-45618)',
    (name) => {
      expect(() => render(`{{ 'x' | ${name} }}`)).toThrow('unknown filter');
      expect(() => render(`{{ 'x' | ${name}: 'return process' }}`)).toThrow('unknown filter');
      expect(() => render(`{% ${name} %}`)).toThrow('unknown tag');
      expect(() => render(`{{ 'x' | lookup: '${name}' }}`)).toThrow('unknown table');
      expect(() => render(`{{ 'x' | lookup: n }}`, { n: name })).toThrow('no table');
      expect(render(`{{ '${name}' | lookup: 't' }}`)).toBe('');
      expect(render(`{{ ${name} }}{{ v.${name} }}{{ v['${name}'] }}{{ v[n][n] }}`, { v: {}, n: name })).toBe(
        '',
      );
      expect(render(`{{ l[n] }}{{ s[n] }}`, { l: [1], s: 'x', n: name })).toBe('');
      expect(
        render(`{% for i in l %}{{ forloop.${name} }}{{ forloop[n] }}{% endfor %}`, { l: [1], n: name }),
      ).toBe('');
    },
  );

  it('pop, join and sentences are counted (CVE-2026-55575, CVE-2026-69222)', () => {
    const l = Array.from({ length: 10_001 }, () => 'x');
    for (const filter of [
      'pop',
      'shift',
      "join: ','",
      'array_to_sentence_string',
      'reverse',
      'uniq',
      'sort',
      "where: 'a'",
    ])
      expect(() => render(`{{ l | ${filter} | size }}`, { l })).toThrow('more than 10000 entries');
    const many = '{% assign m = l | pop %}'.repeat(30);
    expect(() => render(many, { l: l.slice(1) })).toThrow('more text or longer lists');
  });

  it('array indices come from the list itself (CVE-2026-106120)', () => {
    const canary = Array.prototype as unknown as Record<number, unknown>;
    canary[7] = 'inherited';
    try {
      expect(render('{{ l[7] }}{{ l.last }}{{ l.first }}', { l: [] })).toBe('');
    } finally {
      delete canary[7];
    }
  });
});

describe('runaway templates', () => {
  it.each([
    ['{% for i in (1..1000000000) %}{% endfor %}', 'entries'],
    ['{% for i in (10000000000000000..10000000000000001) %}{% endfor %}', 'whole numbers'],
    ['{{ (1..big) | size }}', 'entries'],
    ["{{ (1..'1e400') | size }}", 'whole numbers'],
    ['{{ x[(1..1000000000)] }}', 'entries'],
    ['{% assign a = "0123456789" %}' + '{% assign a = a | append: a %}'.repeat(40), 'more (than|text)'],
    ['{% for i in (1..1000) %}' + 'x'.repeat(100) + '{% endfor %}', 'longer than 65536'],
    [
      '{% capture x %}{% for i in (1..1000) %}' + 'x'.repeat(100) + '{% endfor %}{% endcapture %}',
      'longer than 65536',
    ],
    ['{{ text | split: "" | size }}', 'more than 10000 entries'],
    ['{{ "x" | slice: 0, 1000000000000 }}', 'more text'],
    ['{{ huge | upcase }}', 'more than 1048576'],
    ['{{ text | split: "" | join: text }}', 'more than 10000 entries'],
    ['{{ (1..1000) | join: text }}', 'more text'],
    ['{{ text | replace_last: text, "" }}', 'more than 100 characters from the end'],
    ['{% if a %}'.repeat(60) + '{% endif %}'.repeat(60), '50 deep'],
    ['{{ a' + '[b'.repeat(30_000) + ' }}', 'nested too deeply|not closed'],
    ['x{{ a }}'.repeat(10_000), 'longer than 65536'],
  ])('%.60s is stopped', (text, message) => {
    const data = { big: 1e9, text: 'x'.repeat(20_000), huge: 'x'.repeat(1_048_577) };
    expect(() => render(text, data)).toThrow(new RegExp(message));
  });

  it('quotes nothing of the call in an error', () => {
    const secret = '+15551234567';
    const templatesOf = [
      '{{ v | lookup: v }}',
      '{% for i in (1..v) %}{% endfor %}',
      "{{ '1970-01-01' | date: '%Y', v }}",
      '{{ v | append: "%" | url_decode }}',
    ];
    for (const text of templatesOf) {
      let message = '';
      try {
        render(text, { v: secret });
      } catch (error) {
        message = String(error);
      }
      expect(message).not.toBe('');
      expect(message).not.toContain('5551234567');
    }
  });
});
