import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readJson } from './read-json.js';

const bytesOf = (text: string) => Buffer.from(text, 'utf8');
const read = (text: string) => readJson(bytesOf(text));
const valueOf = (text: string) => {
  const reading = read(text);
  return reading.ok ? reading.value : reading.problem;
};

describe('readJson', () => {
  it('reads what JSON.parse reads, whatever the value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20, stringUnit: 'binary' }), (text) => {
        fc.pre(!text.includes('__proto__') && !/\d{16}/.test(text));
        expect(read(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown });
      }),
    );
  });

  it('never throws on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof readJson(bytes).ok).toBe('boolean');
      }),
    );
  });

  it('never throws on arbitrary text made of JSON signs', () => {
    const signs = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '\\',
      'u0',
      '1',
      'e',
      '-',
      '.',
      'null',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(signs, { maxLength: 60 }), (parts) => {
        const text = parts.join('');
        const reading = read(text);
        if (reading.ok) expect(() => JSON.parse(text) as unknown).not.toThrow();
        else expect(reading.problem).not.toBe('');
      }),
    );
  });

  it('keeps every digit of integers up to 10^30', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (id) => {
        const beyond = id > 2n ** 53n || id < -(2n ** 53n);
        expect(valueOf(`{"a":[{"id":${id}}],"b":0.5}`)).toEqual({
          a: [{ id: beyond ? id.toString() : Number(id) }],
          b: 0.5,
        });
      }),
    );
  });

  it('leaves 2^53 itself a number and makes the next integer text', () => {
    expect(valueOf('[9007199254740991, 9007199254740992, 9007199254740993, -9007199254740993]')).toEqual([
      9007199254740991,
      9007199254740992,
      '9007199254740993',
      '-9007199254740993',
    ]);
  });

  it('leaves long fractions and exponents numbers', () => {
    const text = '[1756812511.315143, 1e20, 12345678901234567890.5, 0.1234567890123456789]';
    expect(valueOf(text)).toEqual(JSON.parse(text));
  });

  it('leaves digits inside text alone', () => {
    expect(valueOf('["12345678901234567890"]')).toEqual(['12345678901234567890']);
  });

  it.each(['1e400', '-1e400', `1${'0'.repeat(400)}`, '[{"a": 1e309}]'])('refuses %.20s', (text) => {
    expect(read(text)).toEqual({ ok: false, problem: 'a number beyond the range of a double' });
  });

  it('accepts 64 levels and refuses 65', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(read(nested(64)).ok).toBe(true);
    expect(read(nested(65))).toEqual({ ok: false, problem: 'nested deeper than 64 levels' });
    expect(read('{"a":'.repeat(65) + '1' + '}'.repeat(65)).ok).toBe(false);
    expect(read('['.repeat(5_000_000))).toEqual({ ok: false, problem: 'nested deeper than 64 levels' });
  });

  it('does not count brackets and colons inside text', () => {
    expect(read(JSON.stringify({ text: `${'['.repeat(100)}\\"${':'.repeat(20_000)}` })).ok).toBe(true);
  });

  it('accepts 10,000 keys and refuses one more', () => {
    const wide = (count: number) => `{${Array.from({ length: count }, (_, i) => `"k${i}":1`).join(',')}}`;
    expect(read(wide(10_000)).ok).toBe(true);
    expect(read(wide(10_001))).toEqual({ ok: false, problem: 'more than 10000 keys' });
  });

  it.each([
    '{"__proto__":{}}',
    '{"a":[{"\\u005f_proto__":1}]}',
    '{"__pr\\u006Fto__":null}',
    '{"__proto__":1,"__proto__":2}',
  ])('refuses the key in %s', (text) => {
    expect(read(text)).toEqual({ ok: false, problem: 'a key named __proto__' });
  });

  it('accepts __proto__ as text and constructor as a key', () => {
    expect(valueOf('{"constructor":"__proto__","prototype":1}')).toEqual({
      constructor: '__proto__',
      prototype: 1,
    });
  });

  it('accepts NUL and lone surrogates in text', () => {
    expect(valueOf('{"a":"\\u0000","b":"\\ud800"}')).toEqual({ a: '\u0000', b: '\ud800' });
  });

  it('tolerates a byte order mark', () => {
    expect(valueOf('\ufeff{"a":1}')).toEqual({ a: 1 });
  });

  it('lets the last of two equal keys win and names them', () => {
    expect(read('{"a":1,"b":{"c":1,"c":2},"a":3}')).toEqual({
      ok: true,
      value: { a: 3, b: { c: 2 } },
      duplicateKeys: ['c', 'a'],
    });
  });

  it.each([
    [0xff, 0xfe, 0x7b],
    [0x22, 0xc3, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
  ])('refuses invalid UTF-8', (...bytes) => {
    expect(readJson(Uint8Array.from(bytes))).toEqual({ ok: false, problem: 'not valid UTF-8 text' });
  });

  it('reads a view into a larger buffer', () => {
    expect(readJson(bytesOf('xx{"a":1}yy').subarray(2, 9))).toEqual({ ok: true, value: { a: 1 } });
  });

  it.each(['', ' \n', '\ufeff'])('says that %j is empty', (text) => {
    expect(read(text)).toEqual({ ok: false, problem: 'empty; expected a JSON object' });
  });

  it.each(['hello', '{"phone": +4366412345}', "{'a':1}", '{"a":1,}', 'NaN', '{"a":1}x', '"\u0001"'])(
    'refuses %s without quoting it',
    (text) => {
      const reading = read(text);
      expect(reading).toMatchObject({ ok: false, problem: expect.stringMatching(/^not valid JSON/) });
      expect(JSON.stringify(reading)).not.toContain('4366');
    },
  );
});
