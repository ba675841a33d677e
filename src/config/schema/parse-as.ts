import { type z } from 'zod';
import { type Path, pathKey } from '../path.js';
import { describeIssue, expectedWords, typeWords } from './describe-issue.js';

/** One thing that a schema does not like, below the value that was parsed. */
export interface SchemaIssue {
  path: Path;
  at: 'key' | 'value';
  message: string;
}

export type Parsed<T> = { ok: true; data: T } | { ok: false; issues: SchemaIssue[] };

/**
 * Parses `value` and turns every issue into a place and a sentence. Values that came from the environment
 * are texts; where a number or true/false was expected they are read as one (`port: ${PORT}`).
 */
export function parseAs<T extends z.ZodType>(
  schema: T,
  value: unknown,
  base: Path = [],
  interpolated: ReadonlySet<string> = new Set(),
): Parsed<z.output<T>> {
  const first = schema.safeParse(value, { error: describeIssue });
  if (first.success) return { ok: true, data: first.data };
  const converted =
    interpolated.size > 0 ? convertTexts(value, first.error.issues, base, interpolated) : value;
  const second = converted === value ? first : schema.safeParse(converted, { error: describeIssue });
  if (second.success) return { ok: true, data: second.data };
  return { ok: false, issues: second.error.issues.flatMap((issue) => flatten(issue, [], value)) };
}

function flatten(issue: z.core.$ZodIssue, above: Path, value: unknown): SchemaIssue[] {
  const path = [...above, ...(issue.path as Path)];
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n');
    return issue.keys.map((key, i) => ({
      path: [...path, key],
      at: 'key',
      message: messages[i] ?? issue.message,
    }));
  }
  if (issue.code === 'invalid_union') return flattenUnion(issue, path, value);
  if (issue.code === 'invalid_key')
    return [{ path, at: 'key', message: issue.issues[0]?.message ?? issue.message }];
  if (issue.code === 'invalid_element') return issue.issues.flatMap((inner) => flatten(inner, path, value));
  // What is wrong with a thing as a whole stands at its name.
  const isOfWhole = issue.code === 'custom' && path.length === 0;
  const at = isOfWhole || valueAt(value, path) === undefined ? 'key' : 'value';
  return [{ path, at, message: issue.message }];
}

/** What zod says when the schema of a union brings no message of its own. */
const DEFAULT_UNION_MESSAGE = 'Invalid input';

/** Of a union, the branch that has the right type speaks; where none has, all say what they expected. */
function flattenUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, value: unknown): SchemaIssue[] {
  if (issue.message !== DEFAULT_UNION_MESSAGE) return [{ path, at: 'value', message: issue.message }];
  const branches = issue.errors.filter((branch) => !branch.some(isOfOtherType));
  const best = branches.sort((a, b) => a.length - b.length)[0];
  if (best) return best.flatMap((inner) => flatten(inner, path, value));
  const expected = issue.errors.flat().flatMap(expectedBy);
  const there = valueAt(value, path);
  const words = expected.length > 0 ? [...new Set(expected)].join(' or ') : 'something else';
  const message =
    there === undefined ? `is missing; expected ${words}` : `expected ${words}, got ${typeWords(there)}`;
  return [{ path, at: there === undefined ? 'key' : 'value', message }];
}

function expectedBy(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return issue.code === 'invalid_type' ? [expectedWords(issue.expected)] : [];
}

function isOfOtherType(issue: z.core.$ZodIssue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function convertTexts(
  value: unknown,
  issues: z.core.$ZodIssue[],
  base: Path,
  interpolated: ReadonlySet<string>,
): unknown {
  let converted = value;
  for (const issue of issues) {
    if (issue.code !== 'invalid_type') continue;
    const path = issue.path as Path;
    const replacement = readText(issue.expected, valueAt(value, path));
    if (replacement === undefined || !interpolated.has(pathKey([...base, ...path]))) continue;
    if (converted === value) converted = structuredClone(value);
    setAt(converted, path, replacement);
  }
  return converted;
}

function readText(expected: string, text: unknown): number | boolean | undefined {
  if (typeof text !== 'string') return undefined;
  if (expected === 'boolean') return { true: true, false: false }[text];
  return (expected === 'number' || expected === 'int') && /^-?\d{1,15}(\.\d+)?$/.test(text)
    ? Number(text)
    : undefined;
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = (current as Record<string | number, unknown>)[part];
  }
  return current;
}

function setAt(root: unknown, path: Path, value: unknown): void {
  const parent = valueAt(root, path.slice(0, -1));
  const last = path.at(-1);
  if (typeof parent === 'object' && parent !== null && last !== undefined)
    (parent as Record<string | number, unknown>)[last] = value;
}
