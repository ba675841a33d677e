import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import jsonLogic, { type RulesLogic } from 'json-logic-js';
import { compile } from './compile.js';
import { LogicError } from './errors.js';

/** 2,500 rules on 40 pieces of data each: 100,000 comparisons with json-logic-js per run. */
const RULES = 2_500;
/** Rules with `missing: as-null` run in json-logic-js itself; what is compared is our rewriting. */
const AS_NULL_RULES = 500;
const DATA_PER_RULE = 40;

const NUMERIC_TEXT = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;

/** Whether json-logic-js, while it ran, came by a place where the dialects differ on purpose. */
let differsOnPurpose = false;

const isMissing = (value: unknown) => value === null || value === undefined;
const isNumeric = (value: unknown) =>
  (typeof value === 'number' && !Number.isNaN(value)) ||
  (typeof value === 'string' && NUMERIC_TEXT.test(value));

/** A comparison differs without its data, when a number meets no number, and on two texts that look like numbers. */
function comparesOnPurpose(a: unknown, b: unknown): boolean {
  if (isMissing(a) || isMissing(b)) return true;
  if (typeof a === 'number' || typeof b === 'number') return !isNumeric(a) || !isNumeric(b);
  return typeof a === 'string' && typeof b === 'string' && isNumeric(a) && isNumeric(b);
}

/** As json-logic-js has them; JavaScript coerces what is no number. */
const native: Record<string, (...values: never[]) => unknown> = {
  '<': (a: never, b: never, c: never) => (c === undefined ? a < b : a < b && b < c),
  '<=': (a: never, b: never, c: never) => (c === undefined ? a <= b : a <= b && b <= c),
  '>': (a: never, b: never) => a > b,
  '>=': (a: never, b: never) => a >= b,
  '+': (...values: unknown[]) =>
    values.reduce((a: number, b) => parseFloat(String(a)) + parseFloat(String(b)), 0),
  '*': (...values: unknown[]) => values.reduce((a, b) => parseFloat(String(a)) * parseFloat(String(b))),
  '-': (a: never, b: never) => (b === undefined ? -a : a - b),
  '/': (a: never, b: never) => a / b,
  '%': (a: never, b: never) => a % b,
  min: (...values: number[]) => Math.min(...values),
  max: (...values: number[]) => Math.max(...values),
};

/** This file's own copy of json-logic-js, with its sums and comparisons watched. */
for (const [name, run] of Object.entries(native)) {
  const isComparison = name.startsWith('<') || name.startsWith('>');
  jsonLogic.add_operation(name, (...values: unknown[]) => {
    const pairs = values.length > 2 && name.startsWith('<') ? [values, values.slice(1)] : [values];
    const looked = name === '/' || name === '%' ? [values[0], values[1]] : values;
    differsOnPurpose ||= isComparison
      ? pairs.some(([a, b]) => comparesOnPurpose(a, b))
      : !looked.slice(0, name === '-' ? 2 : undefined).every(isNumeric);
    return run(...(values as never[]));
  });
}

const KEYS = ['a', 'b', 'c', 'list', 'rows'];
const scalar = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    1,
    2,
    2.5,
    -3,
    20,
    100,
    '',
    ' ',
    '0',
    '1',
    '10',
    '9',
    'abc',
    'Hot',
    'b',
  ),
  fc.integer({ min: -5, max: 5 }),
  fc.string({ maxLength: 4 }),
);
const path = fc.oneof(
  fc.constantFrom(
    ...KEYS,
    '',
    'a.b',
    'b.c',
    'list.0',
    'rows.1.a',
    'list.length',
    'current',
    'accumulator',
    'x',
  ),
  fc.constantFrom(0, 1),
);
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 2 },
    { weight: 4, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie('any'), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...KEYS), tie('any'), { maxKeys: 3 }) },
  ),
})).any;
const data = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record(
      {
        a: value,
        b: value,
        c: value,
        list: fc.array(scalar, { maxLength: 4 }),
        rows: fc.array(value, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: value },
);

const ANY_COUNT = ['and', 'or', 'if', '?:', 'cat', '+', '*', 'min', 'max', 'merge', 'missing'];
const ONE = ['!', '!!', '-', 'missing'];
const TWO = ['==', '!=', '===', '!==', '<', '<=', '>', '>=', 'in', '-', '/', '%', 'substr', 'missing_some'];
const THREE = ['<', '<=', 'substr', 'if'];
const LOOPS = ['some', 'all', 'none', 'filter', 'map', 'reduce'];

const rule = fc.letrec<{ any: unknown }>((tie) => {
  const operands = (min: number, max: number) => fc.array(tie('any'), { minLength: min, maxLength: max });
  const operation = (names: string[], min: number, max: number) =>
    fc.tuple(fc.constantFrom(...names), operands(min, max)).map(([name, list]) => ({ [name]: list }));
  const source = fc.constantFrom({ var: 'list' }, { var: 'rows' }, [1, 2, 3], { var: 'a' });
  return {
    any: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      { weight: 3, arbitrary: scalar },
      { weight: 5, arbitrary: path.map((one) => ({ var: one })) },
      { weight: 1, arbitrary: fc.tuple(path, tie('any')).map((pair) => ({ var: pair })) },
      { weight: 1, arbitrary: operands(0, 3) },
      { weight: 1, arbitrary: tie('any').map((one) => ({ '!': one })) },
      { weight: 3, arbitrary: operation(ANY_COUNT, 0, 4) },
      { weight: 1, arbitrary: operation(ONE, 1, 1) },
      { weight: 6, arbitrary: operation(TWO, 2, 2) },
      { weight: 1, arbitrary: operation(THREE, 3, 3) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom(...LOOPS), source, tie('any'), tie('any'))
          .map(([name, list, body, initial]) => ({
            [name]: name === 'reduce' ? [list, body, initial] : [list, body],
          })),
      },
    ),
  };
}).any;

type Outcome = { value: unknown } | { threw: true };

function outcomeOf(run: () => unknown): Outcome {
  try {
    return { value: run() };
  } catch {
    return { threw: true };
  }
}

/** `{"*": []}` always throws in json-logic-js; the compiler refuses it. Nothing else that is generated is refused. */
function compiled(logic: unknown, missing: 'undecided' | 'as-null') {
  try {
    return compile(logic, { missing });
  } catch (error) {
    expect(error).toBeInstanceOf(LogicError);
    expect((error as LogicError).problems.every(({ message }) => message.includes('has 0 operands'))).toBe(
      true,
    );
    return null;
  }
}

describe('beside json-logic-js', () => {
  it('gives its result wherever the dialects do not differ on purpose', () => {
    let compared = 0;
    const property = fc.property(
      rule,
      fc.array(data, { minLength: DATA_PER_RULE, maxLength: DATA_PER_RULE }),
      (logic, many) => {
        const run = compiled(logic, 'undecided');
        if (!run) return;
        for (const one of many) {
          differsOnPurpose = false;
          const reference = outcomeOf(() => jsonLogic.apply(logic as RulesLogic, one) as unknown);
          const ours = run(one);
          if (differsOnPurpose || 'threw' in reference) continue;
          compared += 1;
          expect(ours).toEqual(reference.value);
        }
      },
    );
    fc.assert(property, { numRuns: RULES });
    expect(compared).toBeGreaterThan((RULES * DATA_PER_RULE) / 4);
  });

  it('is json-logic-js where a rule takes missing for null', () => {
    const property = fc.property(
      rule,
      fc.array(data, { minLength: DATA_PER_RULE, maxLength: DATA_PER_RULE }),
      (logic, many) => {
        const run = compiled(logic, 'as-null');
        if (!run) return;
        for (const one of many) {
          const reference = outcomeOf(() => jsonLogic.apply(logic as RulesLogic, one) as unknown);
          if ('threw' in reference) continue;
          expect({ value: run(one) }).toEqual(reference);
        }
      },
    );
    fc.assert(property, { numRuns: AS_NULL_RULES });
  });
});
