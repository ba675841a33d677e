import { describe, expect, it } from '@jest/globals';
import { type Json, type JsonObject } from '../lib/json.js';
import { type Escape } from './escape.js';
import { TemplateError } from './template-error.js';
import { createTemplates } from './templates.js';

const templates = createTemplates({
  timezone: 'Europe/Vienna',
  tables: { team_of: { '+1987654321': 'sales-slack', odd: null } },
  files: { 'mail.liquid': '<p>{{ name }}</p>', notes: 'as it is' },
});
const call: JsonObject = {
  name: 'Ann',
  duration: 62,
  paid: false,
  empty: '',
  nothing: null,
  lead: { variables: {}, tags: ['a', 'b'], 'first name': 'Ann Marie' },
  transcript: [
    { role: 'bot', text: 'Hello', note: null },
    { role: 'user', text: 'Hi', note: 'soft' },
  ],
};

const render = (text: string, escape: Escape = 'text', data = call): string =>
  templates.parse(text, escape).render(data, 'hold').text;
const missing = (text: string): string[] => templates.parse(text, 'text').render(call, 'hold').missing;
const valueOf = (text: string): Json => templates.parse(text, 'text').renderValue(call, 'hold').value;
const errorOf = (text: string): TemplateError => {
  try {
    templates.parse(text, 'text').render(call, 'hold');
  } catch (error) {
    if (error instanceof TemplateError) return error;
  }
  throw new Error(`no template error from ${text}`);
};

describe('a text', () => {
  it.each([
    ['plain } text {', 'plain } text {'],
    ['{{ name }} spoke {{ duration }} s', 'Ann spoke 62 s'],
    ['{{ paid }}', 'false'],
    ['{{ lead["first name"] }}', 'Ann Marie'],
    ['{{ lead.tags[1] }} of {{ lead.tags.size }}', 'b of 2'],
    ['{% if lead.email %}yes{% elsif duration > 60 %}long{% endif %}', 'long'],
    ['{% for t in transcript %}{{ t.role }}: {{ t.text }}\n{% endfor %}', 'bot: Hello\nuser: Hi\n'],
    [
      '{% for i in (1..3) %}{{ forloop.index }}{{ i }}{% unless forloop.last %}-{% endunless %}{% endfor %}',
      '11-22-33',
    ],
    ['{% for i in (lead.tags.size..1) %}never{% else %}none{% endfor %}', 'none'],
    ['{% assign who = lead.email | default: name %}{{ who | upcase }}', 'ANN'],
    ['{% case name %}{% when "Bob", "Ann" %}known{% else %}new{% endcase %}', 'known'],
    ['{% raw %}{{ name }}{% endraw %}{% comment %}{{ x | y }}{% endcomment %}', '{{ name }}'],
    ['{% liquid\n  assign n = duration | divided_by: 2\n  echo n\n%}', '31'],
    ['a {{- name -}} b', 'aAnnb'],
  ])('renders %j', (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  it('prints lists and objects as JSON', () => {
    expect(render('{{ lead }} {{ lead.tags }}')).toBe(
      '{"variables":{},"tags":["a","b"],"first name":"Ann Marie"} ["a","b"]',
    );
    expect(render('{{ lead.tags | append: lead.variables }}')).toBe('["a","b"]{}');
    expect(render("{{ transcript | join: '; ' }}")).not.toContain('[object');
  });

  it('never reads a value as a template', () => {
    const data = { name: '{{ secret }}{% for i in (1..9) %}', secret: 'S' };
    expect(render('{{ name }}!', 'text', data)).toBe('{{ secret }}{% for i in (1..9) %}!');
  });

  it('leaves the data as it was', () => {
    const before = JSON.stringify(call);
    render(
      '{% assign name = "Bob" %}{% assign t = transcript | sort: "text" | reverse %}{{ name }}{{ t | push: 1 }}',
    );
    expect(JSON.stringify(call)).toBe(before);
  });

  it('is parsed once for each format', () => {
    expect(templates.parse('{{ name }}', 'html')).toBe(templates.parse('{{ name }}', 'html'));
    expect(templates.parse('{{ name }}', 'html')).not.toBe(templates.parse('{{ name }}', 'slack'));
  });

  it.each([
    ['plain', true, false],
    ['{% raw %}{{ x }}{% endraw %}', true, false],
    ['{{ name }}', false, true],
    ['{{- name | upcase -}}', false, true],
    ['{{ "a}}b" | append: name }}', false, true],
    [' {{ name }}', false, false],
    ['{{ name }}{{ name }}', false, false],
    ['{% if name %}x{% endif %}', false, false],
  ])('%j: is static %p, is single %p', (text, isStatic, isSingle) => {
    expect(templates.parse(text, 'text')).toMatchObject({ isStatic, isSingle });
  });
});

describe('a single output', () => {
  it.each<[string, Json]>([
    ['{{ duration }}', 62],
    ['{{ paid }}', false],
    ['{{ lead.tags }}', ['a', 'b']],
    ['{{ lead.variables }}', {}],
    ['{{ name }}', 'Ann'],
    ['{{ duration | plus: 1 }}', 63],
    ['{{ lead.email | default: 7 }}', 7],
    ['{{ lead.email | default: nil }}', null],
    ['{{ duration > 60 }}', true],
    ['{{ lead.tags | json }}', '["a","b"]'],
    ['{{ duration }} s', '62 s'],
  ])('%s has the value %j', (text, value) => {
    expect(valueOf(text)).toEqual(value);
  });

  it('hands on a value of any length', () => {
    const transcript = 'word '.repeat(40_000);
    const template = templates.parse('{{ transcript }}', 'text');
    expect(template.renderValue({ transcript }, 'hold').value).toBe(transcript);
    expect(() => template.render({ transcript }, 'hold')).toThrow('longer than 65536');
  });

  it('refuses a number that JSON does not have', () => {
    expect(() => valueOf('{{ duration | divided_by: 0 }}')).toThrow('not a number');
  });
});

describe('a missing variable', () => {
  it.each([
    ['{{ lead.email }}', ['lead.email']],
    ['{{ nothing }}', ['nothing']],
    ['{{ nothing | upcase | append: "x" }}', ['nothing']],
    ['{{ lead["last name"] }} {{ lead["last name"] }}', ['lead["last name"]']],
    ['{{ lead.tags[7] }}', ['lead.tags[7]']],
    ['{{ transcript[0][lead.email] }}', ['transcript[0][lead.email]']],
    ['{{ "Dear " | append: lead.email }}', ['lead.email']],
    ['{{ name | lookup: "team_of" }}', ['name | lookup: "team_of"']],
    ['{% for t in transcript %}{{ t.note }}{% endfor %}', ['t.note']],
    ['{% if name %}{{ nothing }}{% else %}{{ lead.email }}{% endif %}', ['nothing']],
    ['{% capture x %}{{ nothing }}{% endcapture %}', ['nothing']],
    ['{% echo nothing %}', ['nothing']],
    ['{% assign who = nothing %}{{ who }}', ['who']],
    ['{{ nothing | default: lead.email }}', ['lead.email']],
  ])('%s is reported', (text, paths) => {
    expect(missing(text)).toEqual(paths);
  });

  it.each([
    '{{ lead.email | default: "none" }}',
    '{{ lead.email | upcase | default: "none" }}',
    '{{ lead.email | default: nil }}',
    '{{ lead.email | default: "" | upcase }}',
    '{% if lead.email %}x{% endif %}{% unless nothing == 1 %}y{% endunless %}',
    '{% for x in lead.phones %}{{ x }}{% endfor %}',
    '{% if false %}{{ lead.email }}{% endif %}',
    '{{ empty }}{{ paid }}{{ nil }}',
    '{{ nothing == 1 }}',
    '{% assign x = lead.email %}',
  ])('%s is not', (text) => {
    expect(missing(text)).toEqual([]);
  });

  it('shows as its path, escaped for the field, or as nothing', () => {
    const template = templates.parse('<b>{{ lead["<i>"] }}</b>', 'html');
    expect(template.render(call, 'mark').text).toBe('<b>[missing: lead[&quot;&lt;i&gt;&quot;]]</b>');
    expect(template.render(call, 'empty').text).toBe('<b></b>');
    expect(templates.parse('{{ nothing | upcase }}', 'text').renderValue(call, 'mark').value).toBe(
      '[missing: nothing]',
    );
  });
});

describe('the default filter', () => {
  it.each<[Json, string]>([
    [null, 'D'],
    ['', 'D'],
    [[], 'D'],
    [{}, 'D'],
    [false, 'false'],
    [0, '0'],
    [' ', ' '],
    ['x', 'x'],
  ])('makes of %j %j', (value, expected) => {
    expect(render("{{ v | default: 'D' }}", 'text', { v: value })).toBe(expected);
  });

  it('replaces what is not there', () => {
    expect(render("{{ a.b.c | default: 'D' }}")).toBe('D');
  });
});

describe('an error', () => {
  it.each<[string, number, number, RegExp]>([
    ['a\nbc {{ name | upcas }}', 2, 14, /unknown filter `upcas`; did you mean `upcase`/],
    ['{{ name | where_exp: "x" }}', 1, 11, /`where_exp` is not available/],
    ['{{ name | lookup: "team_off" }}', 1, 19, /unknown table `team_off`; did you mean `team_of`/],
    ['{{ name | lookup }}', 1, 11, /needs the name of a table/],
    ['{{ name duration }}', 1, 4, /operator or `\|` is missing/],
    ['{{ name, duration }}', 1, 8, /unexpected/],
    ['{{ }}', 1, 4, /without a value/],
    ['x {{ name', 1, 3, /not closed/],
    ['{% if name %}', 1, 1, /not closed/],
    ['{% if name | nope %}{% endif %}', 1, 14, /unknown filter `nope`/],
    ['\n{% incluude "a" %}', 2, 1, /unknown tag/],
    ['{% assign x = (1..2 %}', 1, 21, /range/],
    ['a {{ "%" | url_decode }}', 1, 3, /URI malformed/],
    ['{% for i in (1..name) %}{% endfor %}', 1, 1, /whole numbers/],
    [
      "{{ name | date: '%Y', 'Mars/Base' }}{{ '2025-01-01' | date: '%Y', 'Mars/Base' }}",
      1,
      1,
      /unknown time zone/,
    ],
  ])('in %j is at %i:%i', (text, line, column, message) => {
    const error = errorOf(text);
    expect(error).toMatchObject({ line, column });
    expect(error.message).toMatch(message);
  });

  it.each(['include', 'render', 'layout', 'block', 'increment', 'decrement', 'cycle', 'tablerow'])(
    'refuses the tag %s',
    (tag) => {
      expect(errorOf(`{% ${tag} "x" %}`).message).toContain(`unknown tag \`${tag}\``);
    },
  );
});

describe('the files of templates/', () => {
  it('are found with and without their ending', () => {
    expect(templates.file('mail', 'html')?.render({ name: '<A>' }, 'hold').text).toBe('<p>&lt;A&gt;</p>');
    expect(templates.file('mail.liquid', 'html')).toBe(templates.file('mail', 'html'));
    expect(templates.file('notes', 'text')?.isStatic).toBe(true);
    expect(templates.file('constructor', 'text')).toBeUndefined();
  });
});
