import { type z } from 'zod';
import { nearest } from '../lib/nearest.js';
import { type InputField } from './input-field.js';

/** A finding about one input; the path starts below `with`, e.g. `blocks[0].text`. */
export interface InputProblem {
  path: string;
  message: string;
}

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

const WORDS: Record<string, string> = {
  string: 'text',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

/** What a schema has against an input, in words that never quote a value. */
export function problemsOf(issue: Issue, input: unknown, root: InputField): InputProblem[] {
  const path = pathText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = [...(fieldAt(root, issue.path)?.properties.keys() ?? [])];
    return issue.keys.map((key) => ({
      path: pathText([...issue.path, key]),
      message: unknownKey(key, known),
    }));
  }
  const value = valueAt(input, issue.path);
  const expected = expectedBy(issue);
  if (expected === null) return [{ path, message: issue.message }];
  if (value === undefined) return [{ path, message: `is missing; expected ${expected}` }];
  return [{ path, message: `is ${nameOf(value)}; expected ${expected}` }];
}

export function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  const hint = near === null ? '' : `; did you mean ${near}?`;
  return `is not known here; known are ${known.join(', ')}${hint}`;
}

function expectedBy(issue: Issue): string | null {
  if (issue.code === 'invalid_type') return WORDS[issue.expected] ?? issue.expected;
  if (issue.code !== 'invalid_union') return null;
  const expected = issue.errors.flatMap(([first]) =>
    first && first.path.length === 0 ? (expectedBy(first) ?? []) : [],
  );
  return expected.length === issue.errors.length && expected.length > 0
    ? [...new Set(expected)].join(' or ')
    : null;
}

function nameOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return WORDS[typeof value] ?? typeof value;
}

export function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function fieldAt(root: InputField, path: Path): InputField | null {
  let field: InputField | null = root;
  for (const key of path) {
    if (!field) return null;
    field =
      typeof key === 'number' ? field.items : (field.properties.get(String(key)) ?? field.otherProperties);
  }
  return field;
}
