import { describe, expect, it } from '@jest/globals';
import jsonLogic from 'json-logic-js';
import { compile } from './compile.js';
import { LogicBudgetError, LogicError } from './errors.js';
import { UNDECIDED } from './undecided.js';

const U = { '<': [{ var: 'missing' }, 1] };

function run(rule: unknown, data: unknown = {}, missing: 'undecided' | 'as-null' = 'undecided') {
  return compile(rule, { missing })(data);
}

function problemsOf(rule: unknown): string {
  try {
    compile(rule);
    return '';
  } catch (error) {
    if (error instanceof LogicError) return error.message;
    throw error;
  }
}

describe('comparisons', () => {
  it.each([
    [{ '<': [{ var: 'duration' }, 60] }, {}],
    [{ '<': [{ var: 'duration' }, 60] }, { duration: null }],
    [{ '>=': [{ var: 'duration' }, 60] }, { duration: 'long' }],
    [{ '>=': [{ var: 'duration' }, 60] }, { duration: '' }],
    [{ '>=': [{ var: 'duration' }, 60] }, { duration: true }],
    [{ '>=': [{ var: 'duration' }, 60] }, { duration: [90] }],
    [{ '<': [1, { var: 'duration' }, 60] }, {}],
    [{ '<': [5, 3, null] }, {}],
    [{ '<': [1] }, {}],
    [{ '<': [{ '/': [0, 0] }, 1] }, {}],
  ])('%j is undecided on %j', (rule, data) => {
    expect(run(rule, data)).toBe(UNDECIDED);
  });

  it.each([
    [{ '<': ['9', '10'] }, true],
    [{ '<': [' 9 ', 10] }, true],
    [{ '>': ['1e3', 999] }, true],
    [{ '<': ['2025-01-09', '2025-01-10'] }, true],
    [{ '<': ['abc', 'abd'] }, true],
    [{ '<': ['9', 'abc'] }, true],
    [{ '<': ['9007199254740992', '9007199254740993'] }, true],
    [{ '<=': ['9007199254740993', '9007199254740992'] }, false],
    [{ '>=': ['00009007199254740993', '+9007199254740993'] }, true],
    [{ '<': ['-9007199254740993', '-9007199254740992'] }, true],
    [{ '<': ['-9007199254740993', '1'] }, true],
    [{ '<': [1, 5, 10] }, true],
    [{ '<=': [1, 11, 10] }, false],
  ])('%j is %j', (rule, result) => {
    expect(run(rule)).toBe(result);
  });
});

describe('arithmetic', () => {
  it.each([
    { '+': [1, null] },
    { '-': ['x'] },
    { '*': [2, true] },
    { '/': [{ var: 'a' }, 2] },
    { max: [1, [2]] },
  ])('%j is undecided', (rule) => {
    expect(run(rule)).toBe(UNDECIDED);
  });

  it('takes texts that look like numbers', () => {
    expect(run({ '+': ['1', ' 2.5 '] })).toBe(3.5);
    expect(run({ max: ['9', '10'] })).toBe(10);
  });
});

describe('undecided', () => {
  it.each([
    [{ and: [U, false] }, false],
    [{ and: [false, U] }, false],
    [{ and: [U, true] }, UNDECIDED],
    [{ or: [U, true] }, true],
    [{ or: [U, false] }, UNDECIDED],
    [{ '!': [U] }, UNDECIDED],
    [{ '!!': [U] }, UNDECIDED],
    [{ if: [U, 1, 2] }, UNDECIDED],
    [{ if: [true, 1, U] }, 1],
    [{ if: [false, U, 2] }, 2],
    [{ '==': [U, 1] }, UNDECIDED],
    [{ in: ['a', [U, 'a']] }, UNDECIDED],
    [{ cat: ['a', U] }, UNDECIDED],
    [{ var: ['missing', U] }, UNDECIDED],
    [[1, U], UNDECIDED],
  ])('%j is %p', (rule, result) => {
    expect(run(rule)).toBe(result);
  });

  const rows = { rows: [{ n: 1 }, {}, { n: 9 }] };
  const above = (n: number) => ({ '>': [{ var: 'n' }, n] });
  it.each([
    [{ some: [{ var: 'rows' }, above(5)] }, true],
    [{ some: [{ var: 'rows' }, above(10)] }, UNDECIDED],
    [{ all: [{ var: 'rows' }, above(5)] }, false],
    [{ all: [{ var: 'rows' }, above(0)] }, UNDECIDED],
    [{ none: [{ var: 'rows' }, above(5)] }, false],
    [{ none: [{ var: 'rows' }, above(10)] }, UNDECIDED],
    [{ filter: [{ var: 'rows' }, above(5)] }, UNDECIDED],
    [{ map: [{ var: 'rows' }, { '+': [{ var: 'n' }, 1] }] }, UNDECIDED],
    [{ some: [{ var: 'nothing' }, above(5)] }, false],
  ])('%j over rows that lack a number is %p', (rule, result) => {
    expect(run(rule, rows)).toBe(result);
  });

  it('is the registered symbol, the same in every copy of the package', () => {
    expect(UNDECIDED).toBe(Symbol.for('aftercall.undecided'));
  });
});

describe('missing values outside of comparisons', () => {
  it('behave as in json-logic-js', () => {
    expect(run({ '==': [{ var: 'a' }, null] })).toBe(true);
    expect(run({ '!=': [{ var: 'a' }, 'x'] })).toBe(true);
    expect(run({ cat: ['[', { var: 'a' }, ']'] })).toBe('[]');
  });
});

describe('var', () => {
  it.each(['constructor', '__proto__', 'a.constructor.name', 'prototype'])('refuses the path %s', (path) => {
    expect(problemsOf({ var: path })).toContain('leads out of the data');
    expect(problemsOf({ missing: [path] })).toContain('leads out of the data');
    expect(problemsOf({ missing_some: [1, [path]] })).toContain('leads out of the data');
    expect(problemsOf({ exists: [path] })).toContain('leads out of the data');
  });

  it.each(['undecided', 'as-null'] as const)(
    'sees own properties only on paths made at run time (%s)',
    (missing) => {
      const data = { path: 'constructor', deep: 'a.__proto__.x', a: {} };
      expect(run({ var: { var: 'path' } }, data, missing)).toBeNull();
      expect(run({ var: [{ var: 'deep' }, 'none'] }, data, missing)).toBe('none');
      expect(run({ var: { cat: ['to', 'String'] } }, data, missing)).toBeNull();
      expect(run({ missing: [{ var: 'path' }] }, data, missing)).toEqual(['constructor']);
    },
  );

  it('reads the length and the characters of a text, as json-logic-js does', () => {
    expect(run({ var: 'name.length' }, { name: 'Ada' })).toBe(3);
    expect(run({ var: 'name.0' }, { name: 'Ada' })).toBe('A');
  });
});

describe('hostile data', () => {
  it('does not call what a call brings along as `toString`', () => {
    const data = { a: { toString: 1, valueOf: 1 }, list: [{ indexOf: 1 }], b: { indexOf: 1 } };
    expect(run({ '==': [{ var: 'a' }, 'x'] }, data)).toBe(false);
    expect(run({ cat: [{ var: 'a' }, { var: 'list' }] }, data)).toBe('[object Object][object Object]');
    expect(run({ in: ['x', { var: 'b' }] }, data)).toBe(false);
  });

  it('does not run logic that comes with the data', () => {
    const data = { keys: [{ cat: ['a', 'b'] }] };
    expect(run({ missing: { var: 'keys' } }, data)).toEqual(data.keys);
    expect(run({ missing: { var: 'keys' } }, data, 'as-null')).toEqual(data.keys);
  });
});

describe('the budget', () => {
  const items = (count: number) => ({ list: Array.from({ length: count }, (_, i) => i) });
  const doubling = (body: unknown, initial: unknown) => ({ reduce: [{ var: 'list' }, body, initial] });
  const acc = { var: 'accumulator' };

  it.each([
    ['text that doubles', doubling({ cat: [acc, acc] }, 'x'), 40],
    ['a list that doubles', doubling({ merge: [acc, acc] }, [1]), 40],
    ['a list of itself twice', doubling([acc, acc], [1]), 40],
    ['a list of itself twice turned to text', { '==': [doubling([acc, acc], [1]), 'x'] }, 40],
    ['a list of itself twice by map', doubling({ map: [[1, 2], 1] }, [1]), 600_000],
    [
      'long text handed around',
      doubling({ if: [{ in: ['z', acc] }, acc, acc] }, 'y'.repeat(1_000_000)),
      1_000,
    ],
  ])('stops %s in either dialect', (_, rule, count) => {
    for (const missing of ['undecided', 'as-null'] as const) {
      expect(() => run(rule, items(count), missing)).toThrow(LogicBudgetError);
    }
  });

  it('stops loops in loops in either dialect', () => {
    const data = { list: Array.from({ length: 2_000 }, () => items(2_000)) };
    const rule = { some: [{ var: 'list' }, { some: [{ var: 'list' }, false] }] };
    expect(() => run(rule, data)).toThrow(LogicBudgetError);
    expect(() => run(rule, data, 'as-null')).toThrow(LogicBudgetError);
  });

  it('starts anew with every run', () => {
    const test = compile({ some: [{ var: 'list' }, false] });
    const data = items(300_000);
    for (let i = 0; i < 4; i += 1) expect(test(data)).toBe(false);
  });

  it('lets ordinary loops over a long transcript through', () => {
    const rule = { reduce: [{ var: 'list' }, { '+': [acc, { var: 'current' }] }, 0] };
    expect(run(rule, items(10_000))).toBe(49_995_000);
    expect(run(rule, items(10_000), 'as-null')).toBe(49_995_000);
  });
});

describe('json-logic-js', () => {
  it('learns none of our operators', () => {
    const rule = {
      and: [{ same: [{ var: 'a' }, 'X'] }, { exists: ['a'] }, { matches: [{ var: 'a' }, '^x'] }],
    };
    expect(run(rule, { a: ' x' }, 'as-null')).toBe(false);
    expect(run(rule, { a: 'x' }, 'as-null')).toBe(true);
    for (const name of ['same', 'exists', 'matches', 'lower', 'lookup'])
      expect(() => jsonLogic.apply({ [name]: ['a', 'a'] } as never, {}) as unknown).toThrow(
        /Unrecognized operation/,
      );
  });

  it('lets a missing number compare as 0 where a rule takes missing for null', () => {
    expect(run({ '<': [{ var: 'duration' }, 60] }, {}, 'as-null')).toBe(true);
  });
});

describe('compile', () => {
  it.each([
    [{ log: 'x' }, 'log: is refused'],
    [{ and: [{ method: ['a', 'b'] }] }, 'and[0].method: is refused'],
    [{ sam: [1, 1] }, 'did you mean `same`?'],
    [{ 'cat.prototype': [1] }, 'unknown operator'],
    [{ toString: [1] }, 'unknown operator'],
    [JSON.parse('{"__proto__": [1]}') as unknown, 'unknown operator'],
    [{ '==': [1, 1], '>': [1, 1] }, 'an object with 2 keys (`==`, `>`) is no operation'],
    [{ and: Array.from({ length: 501 }, () => true) }, 'more than 500 parts'],
    [{ matches: [{ var: 'a' }, '('] }, 'matches[1]: cannot be read as a pattern'],
    [{ matches: [{ var: 'a' }, '(?=x)'] }, 'no look-ahead'],
    [{ matches: [{ var: 'a' }, { var: 'b' }] }, 'a pattern is a text'],
    [{ lookup: ['teams', 'x'] }, 'no table is called `teams`'],
    [{ inside: [1, 'office'] }, 'no calendar is called `office`'],
    [{ hour: [{ var: 'a' }, 'Europe/Wien'] }, 'is no time zone'],
    [{ same: [1] }, 'has 1 operands'],
    [{ exists: [{ var: 'a' }] }, 'expected a path in quotes'],
    [{ '*': [] }, 'has 0 operands'],
  ])('refuses %j', (rule, message) => {
    expect(problemsOf(rule)).toContain(message);
  });

  it('refuses rules that are nested too deep instead of overflowing', () => {
    const deep = (depth: number) => {
      let rule: unknown = true;
      for (let i = 0; i < depth; i += 1) rule = { '!': [rule] };
      return rule;
    };
    expect(problemsOf(deep(31))).toBe('');
    expect(problemsOf(deep(20_000))).toContain('nested deeper than 32');
  });

  it('takes long lists of values', () => {
    const phones = Array.from({ length: 2_000 }, (_, i) => `+4366012${i}`);
    expect(run({ in: [{ var: 'phone' }, phones] }, { phone: '+43660121999' })).toBe(true);
    expect(run({ same: [{ var: 'phone' }, phones] }, { phone: '+43660121999' })).toBe(true);
  });

  it('names every problem at once', () => {
    expect(problemsOf({ and: [{ log: 1 }, { foo: 1 }] }).split('\n')).toHaveLength(2);
  });
});
