import { isMissing, joined, looselyEqual, toPrimitive, toText } from './coerce.js';
import { eager } from './eager.js';
import { frame } from './frame.js';
import { type Operator, type Run } from './node.js';
import { readSegments } from './path.js';
import { isAbsent } from './people.js';
import { UNDECIDED } from './undecided.js';

function plain(apply: (...values: unknown[]) => unknown, isCostly = false): Operator {
  return { build: (operands) => eager(operands, apply), isCostly };
}

/** `var`: [path, what to give where it ends early]. */
const variable: Operator = {
  build(operands) {
    const [path, otherwise] = operands;
    if (!path) return (data) => data;
    if (!path.literal || (otherwise && !otherwise.literal)) return dynamicVariable(path.run, otherwise?.run);
    const written = path.literal.value;
    const fallback = otherwise?.literal?.value ?? null;
    if (written === null || written === undefined || written === '') return (data) => data;
    return readerOf(toText(written).split('.'), fallback);
  },
};

function dynamicVariable(path: Run, otherwise: Run | undefined): Run {
  return (data) => {
    const wanted = path(data);
    const fallback = otherwise ? otherwise(data) : null;
    if (wanted === UNDECIDED || fallback === UNDECIDED) return UNDECIDED;
    return readVarOf(data, [wanted, fallback]);
  };
}

/** `var` of json-logic-js on operands that are at hand: an empty or missing path is the data itself. */
export function readVarOf(data: unknown, [path, otherwise = null]: readonly unknown[]): unknown {
  if (path === undefined || path === null || path === '') return data;
  return missingOr(data, toText(path).split('.'), otherwise);
}

function readerOf(segments: string[], fallback: unknown): Run {
  const [first = '', second] = segments;
  if (segments.length === 1) return (data) => readOwn(data, first) ?? missingOr(data, segments, fallback);
  if (segments.length === 2 && second !== undefined)
    return (data) => readOwn(readOwn(data, first), second) ?? missingOr(data, segments, fallback);
  return (data) => {
    const found = readSegments(data, segments);
    return found === undefined ? fallback : found;
  };
}

/** The fast way through records; everything unusual goes through `readSegments`. */
function readOwn(data: unknown, key: string): unknown {
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, key)) return undefined;
  return (data as Record<string, unknown>)[key];
}

function missingOr(data: unknown, segments: string[], fallback: unknown): unknown {
  const found = readSegments(data, segments);
  return found === undefined ? fallback : found;
}

/** The paths among `keys` that lead to nothing, null or empty text. */
function missingKeys(data: unknown, keys: readonly unknown[]): unknown[] {
  return keys.filter((key) => {
    frame.spend(1);
    const [path, otherwise] = Array.isArray(key) ? (key as unknown[]) : [key];
    const value = readVarOf(data, [path, otherwise]);
    return value === null || value === '';
  });
}

/** `missing` of json-logic-js: paths one by one, or one list of them. */
export function missing(data: unknown, values: readonly unknown[]): unknown[] {
  return missingKeys(data, Array.isArray(values[0]) ? (values[0] as unknown[]) : values);
}

/** `missing_some`: nothing when enough of the paths are there, otherwise those that are not. */
export function missingSome(data: unknown, values: readonly unknown[]): unknown[] {
  const [needed, options] = values;
  const absent = missing(data, Array.isArray(options) ? (options as unknown[]) : [options]);
  const length = Array.isArray(options) || typeof options === 'string' ? options.length : NaN;
  return length - absent.length >= Number(toPrimitive(needed)) ? [] : absent;
}

function readingData(read: (data: unknown, values: unknown[]) => unknown): Operator {
  return {
    build(operands) {
      const runs = operands.map((operand) => operand.run);
      return (data) => {
        const values = runs.map((run) => run(data));
        return values.includes(UNDECIDED) ? UNDECIDED : read(data, values);
      };
    },
  };
}

/**
 * `exists`: [path]: there and not null; [path, "not_empty"]: nor text that says nothing, which is what `match`
 * means by it.
 */
export function exists(data: unknown, [path, how]: readonly unknown[]): boolean {
  const value = readVarOf(data, [path]);
  return how === 'not_empty' ? !isAbsent(value) : !isMissing(value);
}

function isIn(needle: unknown, haystack: unknown): boolean {
  if (typeof haystack === 'string') return haystack !== '' && haystack.includes(toText(needle));
  return Array.isArray(haystack) && haystack.includes(needle) && !Number.isNaN(needle);
}

function substr(source: unknown, start: unknown, end: unknown): string {
  const text = toText(source);
  const from = toPrimitive(start) as number;
  const until = toPrimitive(end) as number;
  if (!(until < 0)) return text.substr(from, until);
  const rest = text.substr(from);
  return rest.substr(0, rest.length + until);
}

/** All operands joined as text. Counted before it is made. */
export function cat(values: readonly unknown[]): string {
  return joined(values, '');
}

/** All operands as one list; lists among them are opened one level. Counted before it is made. */
export function merge(values: readonly unknown[]): unknown[] {
  let length = 0;
  for (const value of values) length += Array.isArray(value) ? value.length : 1;
  frame.spend(length);
  frame.produce(length);
  return values.flatMap((value) => value);
}

export const BASICS: Record<string, Operator> = {
  var: variable,
  exists: readingData(exists),
  missing: readingData(missing),
  missing_some: readingData(missingSome),
  '==': plain(looselyEqual),
  '!=': plain((a, b) => !looselyEqual(a, b)),
  '===': plain((a, b) => a === b),
  '!==': plain((a, b) => a !== b),
  in: plain(isIn),
  substr: plain(substr),
  cat: plain((...values) => cat(values), true),
  merge: plain((...values) => merge(values), true),
};
