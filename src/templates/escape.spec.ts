import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Json } from '../lib/json.js';
import { type Escape } from './escape.js';
import { createTemplates } from './templates.js';

const templates = createTemplates({ timezone: 'UTC', tables: {}, files: {} });
const render = (text: string, escape: Escape, v: Json): string =>
  templates.parse(text, escape).render({ v }, 'hold').text;

/** Strings made mostly of what breaks out of something. */
const PIECES = [
  ...[
    '<!channel>',
    '<@U123>',
    '<http://evil|bank>',
    '<script>alert(1)</script>',
    '</p>',
    '" onload="x',
    "'",
    '&amp;',
  ],
  ...[
    '\r\nBcc: a@b.c',
    '\n',
    '\0',
    '\u2028',
    '"',
    '\\',
    '\\"',
    '"}',
    ']',
    ',"evil":1,"a":',
    ',1,',
    '{{ v }}',
    '{%',
  ],
  ...[
    '../',
    '..',
    '.',
    '/',
    '?',
    '#',
    '%2e',
    '%',
    '&b=1',
    '+',
    ' ',
    '\ud800',
    '😀',
    'a',
    '`',
    '*',
    '|',
    '$&',
    '__proto__',
  ],
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary' })), { maxLength: 12 })
  .map((parts) => parts.join(''));
const runs = { numRuns: 500 };

describe('escaping', () => {
  it('leaves static text as it is', () => {
    const text = '<https://a.example|link> & "x" \n{{ v }}';
    expect(render(text, 'slack', 'y')).toBe('<https://a.example|link> & "x" \ny');
    expect(render(text, 'html', 'y')).toBe('<https://a.example|link> & "x" \ny');
  });

  it('keeps marks of Slack out of values', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const text = render('{{ v }}', 'slack', value);
        expect(text).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/);
        expect(text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')).toBe(value);
      }),
      runs,
    );
  });

  it('keeps markup of HTML out of values, through any chain of filters', () => {
    const chains = [
      '',
      ' | raw',
      ' | escape',
      ' | upcase',
      " | append: '<i>'",
      ' | newline_to_br | upcase',
      ' | json',
      " | split: 'a' | join: '<'",
    ];
    fc.assert(
      fc.property(hostile, fc.constantFrom(...chains), (value, chain) => {
        expect(render(`<p title="{{ v${chain} }}">`, 'html', value)).not.toMatch(
          /(?<!^)<|["'].*["'].*["']|&(?!(amp|lt|gt|quot|#39);)/s,
        );
      }),
      runs,
    );
  });

  it('lets no control character into a header', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        let text = '';
        try {
          text = render('Call: {{ v }}', 'header', value);
        } catch (error) {
          expect((error as Error).message).toContain('line break or control character');
        }
        expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      }),
      runs,
    );
    expect(render('{{ v | squish }}', 'header', 'two\r\nlines')).toBe('two lines');
  });

  it('never changes the structure of JSON, inside a literal or as a value', () => {
    const text =
      '{"blocks": [{"text": "*{{ v }}* said", "n": {{ v }}, "{{ v }}": 1, "j": {{ v | json }}, "q": "{{ v | json }}"}, 2]}';
    fc.assert(
      fc.property(hostile, (value) => {
        const { blocks } = JSON.parse(render(text, 'json', value)) as {
          blocks: [Record<string, Json>, number];
        };
        expect(Object.entries(blocks[0])).toHaveLength(value === 'text' || value === 'n' ? 4 : 5);
        expect(blocks[0]).toMatchObject({
          text: `*${value}* said`,
          n: value,
          j: value,
          q: JSON.stringify(value),
        });
        expect(blocks[1]).toBe(2);
      }),
      runs,
    );
  });

  it('keeps marks of Slack out of JSON, also from inside lists', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const text = templates
          .parse('["{{ v }}", {{ v }}, {{ list }}]', 'slack-json')
          .render({ v: value, list: [{ a: value }] }, 'hold').text;
        const [a, b, [c]] = JSON.parse(text) as [string, string, [{ a: string }]];
        expect(a).not.toMatch(/[<>]/);
        expect([b, c.a]).toEqual([a, a]);
      }),
      runs,
    );
  });

  it('keeps a value inside its path segment or query value', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        try {
          const path = new URL(`https://host.example/x/${render('a/{{ v }}/c', 'path', value)}`).pathname;
          expect(path.split('/').filter((part) => part !== '' && part !== 'x')).toHaveLength(
            value === '' ? 2 : 3,
          );
        } catch (error) {
          expect((error as Error).message).toContain('segment');
        }
        const query = new URL(`https://host.example/?${render('a={{ v }}&b=2', 'query', value)}`)
          .searchParams;
        expect([...query]).toEqual([
          ['a', value.replace(/\p{Surrogate}/gu, '\ufffd')],
          ['b', '2'],
        ]);
      }),
      runs,
    );
  });

  it.each(['..', '.'])('refuses the path segment %s made of values', (value) => {
    expect(() => render('contacts/{{ v }}', 'path', value)).toThrow('segment');
    expect(() => render('contacts/.{{ v }}', 'path', '.')).toThrow('segment');
  });

  it('prints types of JSON where a value is expected', () => {
    const text = '[{{ v.n }}, {{ v.b }}, {{ v.l }}, {{ v.o | json }}, {{ v.x | default: nil }}, "{{ v.n }}"]';
    expect(JSON.parse(render(text, 'json', { n: 5, b: false, l: [1, '<'], o: { a: 'b' } }))).toEqual([
      5,
      false,
      [1, '<'],
      { a: 'b' },
      null,
      '5',
    ]);
  });

  it('refuses a backslash that would swallow the escape', () => {
    expect(() => render('{"a": "\\{{ v }}"}', 'json', '"')).toThrow('backslash');
  });

  it('escapes what was captured once, and again after a filter', () => {
    const text = '{% capture line %}<li>{{ v }}</li>{% endcapture %}{{ line }}{{ line | upcase }}';
    expect(render(text, 'html', 'a & b')).toBe('<li>a &amp; b</li>&lt;LI&gt;A &amp; B&lt;/LI&gt;');
    expect(
      render('{% capture x %}"{{ v }}"{% endcapture %}{"a": "{{ x }}", "b": {{ x }}}', 'json', '\\'),
    ).toBe('{"a": "\\"\\\\\\"", "b": "\\"\\\\\\""}');
  });

  it('breaks lines of HTML behind the escaping', () => {
    expect(render('{{ v | newline_to_br }}', 'html', '<a>\nb')).toBe('&lt;a&gt;<br />\nb');
  });
});
