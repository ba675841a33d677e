import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { count, printable, table, yamlBlock } from './print.js';

describe('table', () => {
  it('aligns all columns but the last', () => {
    expect(
      table([
        ['a', 'b'],
        ['long', 'c'],
      ]),
    ).toBe('a     b\nlong  c\n');
    expect(table([])).toBe('');
  });
});

describe('printable', () => {
  it('spells signs out that would steer a terminal or turn text around', () => {
    expect(printable('a\u001b[31m\u0000\u202e\tb\n')).toBe('a\\u001b[31m\\u0000\\u202e\tb\n');
  });

  it('leaves no control character whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
      }),
    );
  });
});

describe('yamlBlock', () => {
  it('indents every line', () => {
    expect(yamlBlock({ text: 'a\nb' }, '  ')).toBe('  text: |-\n    a\n    b\n');
  });
});

describe('count', () => {
  it.each([
    [0, '0 errors'],
    [1, '1 error'],
    [2, '2 errors'],
  ])('of %s is %s', (amount, words) => {
    expect(count(amount, 'error')).toBe(words);
  });
});
