import { isMissing, numberOf, orderOf } from './coerce.js';
import { eager } from './eager.js';
import { type Blame, type Operator } from './node.js';
import { UNDECIDED } from './undecided.js';

type Holds = (order: number) => boolean;

/** A comparison of two values, or for `<` and `<=` of three (`a < b < c`). */
function comparison(holds: Holds, mostOperands: 2 | 3): Operator {
  const compare = (a: unknown, b: unknown, c?: unknown): unknown => {
    const order = orderOf(a, b);
    if (c === undefined || mostOperands === 2) return order === UNDECIDED ? UNDECIDED : holds(order);
    const next = orderOf(b, c);
    if (order === UNDECIDED || next === UNDECIDED) return UNDECIDED;
    return holds(order) && holds(next);
  };
  return {
    build: (operands) => eager(operands, compare),
    blame: (values) => blameComparison(values.slice(0, mostOperands)),
  };
}

function blameComparison(values: unknown[]): Blame[] {
  const missing = blameMissing(values);
  if (missing.length > 0) return missing;
  return values.flatMap((value, operand) =>
    numberOf(value) === undefined ? [{ operand, problem: 'not_a_number' }] : [],
  );
}

function blameMissing(values: unknown[]): Blame[] {
  if (values.length === 0) return [{ path: '', problem: 'missing' }];
  return values.flatMap((value, operand) => (isMissing(value) ? [{ operand, problem: 'missing' }] : []));
}

/** Arithmetic on numbers and texts that look like numbers; undecided on anything else. */
function arithmetic(calculate: (...numbers: number[]) => unknown): Operator {
  const apply = (...values: unknown[]): unknown => {
    const numbers: number[] = [];
    for (const value of values) {
      const number = numberOf(value);
      if (number === undefined) return UNDECIDED;
      numbers.push(number);
    }
    return calculate(...numbers);
  };
  return { build: (operands) => eager(operands, apply), blame: blameNumbers };
}

function blameNumbers(values: unknown[]): Blame[] {
  return values.flatMap((value, operand) => {
    if (isMissing(value)) return [{ operand, problem: 'missing' }];
    return numberOf(value) === undefined ? [{ operand, problem: 'not_a_number' }] : [];
  });
}

/** `a op b` needs both; what stands behind them is not looked at, as in json-logic-js. */
function binaryArithmetic(calculate: (a: number, b: number) => number): Operator {
  const apply = (...values: unknown[]): unknown => {
    const a = numberOf(values[0]);
    const b = numberOf(values[1]);
    return a === undefined || b === undefined ? UNDECIDED : calculate(a, b);
  };
  return {
    build: (operands) => eager(operands, apply),
    blame: (values) => blameNumbers([values[0], values[1]]),
  };
}

const minus: Operator = {
  build: (operands) =>
    eager(operands, (...values) => {
      const a = numberOf(values[0]);
      if (values.length < 2) return a === undefined ? UNDECIDED : -a;
      const b = numberOf(values[1]);
      return a === undefined || b === undefined ? UNDECIDED : a - b;
    }),
  blame: (values) => blameNumbers(values.slice(0, 2)),
};

/** json-logic-js hands a single factor back as it came, so a text stays a text. */
const times: Operator = {
  build: (operands) =>
    eager(operands, (...values) => {
      const numbers = values.map(numberOf);
      if (numbers.includes(undefined)) return UNDECIDED;
      return values.length === 1 ? values[0] : (numbers as number[]).reduce((a, b) => a * b);
    }),
  blame: blameNumbers,
};

export const ARITHMETIC: Record<string, Operator> = {
  '<': comparison((order) => order < 0, 3),
  '<=': comparison((order) => order <= 0, 3),
  '>': comparison((order) => order > 0, 2),
  '>=': comparison((order) => order >= 0, 2),
  '+': arithmetic((...numbers) => numbers.reduce((a, b) => a + b, 0)),
  '-': minus,
  '*': times,
  '/': binaryArithmetic((a, b) => a / b),
  '%': binaryArithmetic((a, b) => a % b),
  min: arithmetic(Math.min),
  max: arithmetic(Math.max),
};
