import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readYaml } from './read-yaml.js';

function problemsOf(source: string): string[] {
  return readYaml(source).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('readYaml', () => {
  it('reads YAML 1.2: what other versions turn into something else stays text', () => {
    const source = 'norway: no\nyes: on\noctal: 0o17\nsixty: 12:30\nday: 2025-01-15\nnumber: 1_000\ntilde: ~';
    expect(readYaml(source)).toMatchObject({
      content: {
        norway: 'no',
        yes: 'on',
        octal: 15,
        sixty: '12:30',
        day: '2025-01-15',
        number: '1_000',
        tilde: null,
      },
      problems: [],
    });
  });

  it('keeps every digit of integers beyond 2^53', () => {
    const source =
      'a: 9007199254740993\nb: -12345678901234567890\nc: 0xFFFFFFFFFFFFFFFF\nd: 9007199254740991';
    expect(readYaml(source).content).toEqual({
      a: '9007199254740993',
      b: '-12345678901234567890',
      c: '18446744073709551615',
      d: 9007199254740991,
    });
  });

  it('knows where everything stands, through lists, quotes and aliases', () => {
    const reading = readYaml('rules:\n  a: &a\n    then: [{ id: x }]\n  "b c": *a\n');
    expect(reading.locate(['rules', 'a', 'then', 0, 'id'])).toEqual({ line: 3, column: 18 });
    expect(reading.locate(['rules', 'b c'], 'key')).toEqual({ line: 4, column: 3 });
    expect(reading.locate(['rules', 'b c', 'then', 0, 'id'])).toEqual({ line: 3, column: 18 });
    expect(reading.locate(['rules', 'a', 'gone', 'further'])).toEqual({ line: 3, column: 5 });
    expect(reading.locate(['rules', 'a', 'gone'], 'key')).toEqual({ line: 2, column: 3 });
  });

  it.each([
    [
      'phone: +1987654321',
      '1:8 +1987654321 is read as a number and loses its plus; put it in quotes: "+1987654321"',
    ],
    ['+198: x', '1:1 the key +198 is read as a number, not as text; put it in quotes: "+198"'],
    ['true: x', '1:1 the key true is read as a boolean, not as text; put it in quotes: "true"'],
    ['~: x', '1:1 the key ~ is read as nothing, not as text; put it in quotes: "~"'],
    ['text: {{ x }}', '1:7 a text that begins with {{ must be in quotes: "{{ … }}"'],
    ["text: {{ x | default: 'a' }}", '1:7 a text that begins with {{ must be in quotes: "{{ … }}"'],
    ['text: {{ x }} called', '1:15 a text that begins with {{ must be in quotes: "{{ … }}"'],
    ['channel: #ops', '1:10 "#ops" is a comment, so nothing is set here; put it in quotes: "#ops"'],
    [
      'a: !!str 1',
      '1:10 !!str is a tag, and tags are not supported; put what begins with ! in quotes, such as "!":',
    ],
    ['a: .inf', '1:4 .inf is not a number here; put it in quotes if it is a text'],
    ['<<: { a: 1 }', '1:1 merge keys (<<) are not supported; write the keys out'],
    ['__proto__: { a: 1 }', '1:1 a key named __proto__'],
    ['"__proto__": 1', '1:1 a key named __proto__'],
    ['a: 1\nb: 2\na: 3', '3:1 the key a stands here for a second time'],
    ['a: *b', '1:4 the alias *b has no anchor &b before it; quote a text that begins with *'],
    ['a: &a [1]\nb: &b [*a]\nc: *b', '2:8 an alias inside an anchored part; write it out'],
    ['? [a]\n: b', '1:3 a key must be one text'],
    [': b', '1:1 a key is missing before the colon'],
    ['a: 1\n---\nb: 1', '2:1 a second document; expected one per file, so take the --- out'],
    ['%YAML 1.1\n---\na: yes', '1:1 files are read as YAML 1.2; take the %YAML line out'],
    ['a:\tb', '1:3 a tab; YAML is indented and spaced with spaces'],
    ['a:\n\tb: 1', '2:1 a tab; YAML is indented and spaced with spaces'],
    ['a: b: c', '1:4 a second "key: " on one line; start a new line, or put the text in quotes'],
    ['a: @b', '1:4 a text cannot begin with @; put it in quotes'],
    ['a: 0123', '1:4 0123 is read as the number 123; put it in quotes to keep the zero: "0123"'],
    ['', '1:1 the file is empty; expected at least "schema: 1"'],
    ['  \n', '1:1 the file is empty; expected at least "schema: 1"'],
  ])('says what is wrong with %j', (source, problem) => {
    expect(problemsOf(source)[0]).toBe(problem);
  });

  it('goes on after a slip with what was most likely meant', () => {
    const reading = readYaml('channel: #ops\nphone: +198\n+43: a\nlist: [{{ x }}]');
    expect(reading.content).toEqual({ channel: '#ops', phone: '+198', '+43': 'a', list: [''] });
    expect(reading.problems).toHaveLength(4);
    expect(reading.spoiled).toEqual([['channel'], ['phone'], ['list', 0]]);
  });

  it('takes a comment behind an empty value for what it is', () => {
    expect(problemsOf('channel: # still to be found\nrules: # all of them\n  a: 1')).toEqual([]);
  });

  it('keeps tabs and anything else inside of texts', () => {
    expect(readYaml('a: "x\ty"\nb: |\n  x\ty\n').problems).toEqual([]);
  });

  it('allows a few aliases and stops a bomb', () => {
    expect(readYaml('a: &a { x: 1 }\nb: *a\n')).toMatchObject({
      content: { a: { x: 1 }, b: { x: 1 } },
      problems: [],
    });
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (const name of 'bcdefghi') bomb.push(`${name}: &${name} [${`*${previous(name)},`.repeat(9)}]`);
    expect(problemsOf(bomb.join('\n'))[0]).toBe('2:8 an alias inside an anchored part; write it out');
    const many = `a: &a [${'x,'.repeat(1000)}]\nb: [${'*a,'.repeat(50)}]`;
    expect(problemsOf(many)[0]).toMatch(/aliases that stand for more than 10000 values$/);
    expect(problemsOf(`a: &a 1\nb: [${'*a,'.repeat(101)}]`)[0]).toMatch(/more than 100 aliases/);
  });

  it.each([
    ['lists', '['.repeat(10_000)],
    ['maps', '{a: '.repeat(10_000)],
    ['dashes', '- '.repeat(10_000)],
    ['lines', Array.from({ length: 200 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('refuses deep nesting of %s', (_, source) => {
    expect(problemsOf(source)[0]).toMatch(/nested deeper than 64 levels$/);
  });

  it('refuses a file made of nothing but signs', () => {
    expect(problemsOf('"'.repeat(1_000_000))[0]).toMatch(/more than 500000 tokens; split the file$/);
  });

  it('allows ordinary depth and many keys', () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n');
    expect(readYaml(keys).problems).toEqual([]);
    expect(readYaml(`${'['.repeat(60)}${']'.repeat(60)}`).problems).toEqual([]);
  });

  it('answers any text without throwing', () => {
    const pieces = fc.constantFrom(
      'a',
      ': ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '*a',
      '&a',
      '!',
      '#',
      '|',
      '>',
      '\t',
      '? ',
      '%',
      '0',
      '~',
      ',',
      '{{',
      '---',
      '+1',
      '\u0000',
      '\ufeff',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const reading = readYaml(parts.join(''));
        expect(reading.content !== undefined || reading.problems.length > 0).toBe(true);
        expect(reading.locate(['a', 0, 'b']).line).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });
});

function previous(letter: string): string {
  return String.fromCharCode(letter.charCodeAt(0) - 1);
}
