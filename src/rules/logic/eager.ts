import { type LogicNode, type Run } from './node.js';
import { UNDECIDED } from './undecided.js';

/** Runs all operands, then the function; undecided when one of them is. Most compare one value with a literal. */
export function eager(operands: LogicNode[], apply: (...values: unknown[]) => unknown): Run {
  const runs = operands.map((operand) => operand.run);
  if (runs.length === 1) return unary(runs[0] as Run, apply);
  const second = operands[1]?.literal;
  if (runs.length === 2 && second) return unary(runs[0] as Run, (value) => apply(value, second.value));
  if (runs.length === 2) return binary(runs[0] as Run, runs[1] as Run, apply);
  return (data) => {
    const values: unknown[] = [];
    let undecided = false;
    for (const run of runs) {
      const value = run(data);
      if (value === UNDECIDED) undecided = true;
      values.push(value);
    }
    return undecided ? UNDECIDED : apply(...values);
  };
}

function unary(run: Run, apply: (value: unknown) => unknown): Run {
  return (data) => {
    const value = run(data);
    return value === UNDECIDED ? UNDECIDED : apply(value);
  };
}

function binary(first: Run, second: Run, apply: (a: unknown, b: unknown) => unknown): Run {
  return (data) => {
    const a = first(data);
    const b = second(data);
    return a === UNDECIDED || b === UNDECIDED ? UNDECIDED : apply(a, b);
  };
}
