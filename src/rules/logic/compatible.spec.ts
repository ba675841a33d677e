import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { compile } from './compile.js';
import { UNDECIDED } from './undecided.js';

interface Case {
  description: string;
  rule: unknown;
  data?: unknown;
  result: unknown;
}

const file = new URL('../../../test/fixtures/json-logic/compatible.json', import.meta.url);
const cases = (JSON.parse(readFileSync(file, 'utf8')) as unknown[]).filter(
  (one): one is Case => typeof one === 'object',
);

/** Cases that the dialect answers otherwise on purpose. None compares or calculates without its data. */
const UNDECIDED_BY_DEFAULT: string[] = [];

describe('the 278 cases that every JSON Logic shares', () => {
  it('are all here', () => {
    expect(cases).toHaveLength(278);
  });

  it.each(cases)('gives the shared result of $description, as-null', ({ rule, data, result }) => {
    expect(compile(rule, { missing: 'as-null' })(data)).toEqual(result);
  });

  it.each(cases)(
    'gives the shared result of $description by default',
    ({ rule, data, result, description }) => {
      const expected = UNDECIDED_BY_DEFAULT.includes(description) ? UNDECIDED : result;
      expect(compile(rule)(data)).toEqual(expected);
    },
  );
});
