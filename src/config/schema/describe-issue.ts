import { z } from 'zod';
import { nearest } from '../../lib/nearest.js';

type RawIssue = z.core.$ZodRawIssue;

const EXPECTED: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'nothing',
};

/** Words of rule files that have a meaning in mind for them already. */
const RESERVED = new Set(['use', 'params', 'vars', 'else', 'group']);

/**
 * Messages for issues whose schema brings none of its own: what was expected, what is there (its type, never
 * its value: it may be a secret) and the nearest known name. For unknown keys: one line per key.
 */
export function describeIssue(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return describeType(issue.expected, issue.input);
    case 'unrecognized_keys':
      return issue.keys.map((key) => describeUnknownKey(key, knownKeys(issue.inst))).join('\n');
    case 'invalid_value':
      return describeChoice(issue.values.map(String), issue.input);
    case 'too_small':
      return describeBound('at least', issue.minimum, issue.origin);
    case 'too_big':
      return describeBound('at most', issue.maximum, issue.origin);
    case 'invalid_format':
      return `is not ${issue.format === 'url' ? 'a URL' : `a valid ${issue.format}`}`;
    default:
      return undefined;
  }
}

export function expectedWords(expected: string): string {
  return EXPECTED[expected] ?? expected;
}

export function describeType(expected: string, input: unknown): string {
  if (input === undefined) return `is missing; expected ${expectedWords(expected)}`;
  return `expected ${expectedWords(expected)}, got ${typeWords(input)}${typeHint(expected, input)}`;
}

export function typeWords(input: unknown): string {
  if (input === null || input === undefined) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a mapping';
  return (
    { string: 'text', number: 'a number', boolean: 'true or false' }[typeof input as string] ?? typeof input
  );
}

export function describeUnknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  if (near === null && RESERVED.has(key)) return `"${key}" is reserved for later and cannot be used yet`;
  const expected = known.length > 0 && known.length <= 30 ? `; expected ${known.join(', ')}` : '';
  return `unknown key "${key}"${expected}${near === null ? '' : `; did you mean "${near}"?`}`;
}

/** `no destination is called "x"; known are a, b; did you mean "a"?` */
export function describeUnknownName(what: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  const list =
    known.length > 20 ? '' : known.length === 0 ? '; there is none' : `; known: ${known.join(', ')}`;
  return `no ${what} is called "${name}"${list}${near === null ? '' : `; did you mean "${near}"?`}`;
}

function describeChoice(values: string[], input: unknown): string {
  const expected = values.length === 1 ? values[0] : `one of ${values.join(', ')}`;
  if (input === undefined) return `is missing; expected ${expected}`;
  if (typeof input !== 'string') return `expected ${expected}, got ${typeWords(input)}`;
  const near = nearest(input, values);
  return `expected ${expected}${near === null ? '' : `; did you mean "${near}"?`}`;
}

function describeBound(words: string, bound: number | bigint, origin: string): string {
  const limit = String(bound);
  if (origin === 'array' || origin === 'set')
    return `expected ${words} ${limit} ${limit === '1' ? 'entry' : 'entries'}`;
  if (origin === 'string')
    return limit === '1' ? 'must not be empty' : `expected ${words} ${limit} characters`;
  return `expected ${words} ${limit}`;
}

function typeHint(expected: string, input: unknown): string {
  if (expected === 'string' && (typeof input === 'number' || typeof input === 'boolean'))
    return '; put it in quotes';
  if (expected === 'boolean' && typeof input === 'string' && /^(yes|no|on|off|y|n)$/i.test(input))
    return ': YAML 1.2 reads yes, no, on and off as text; write true or false';
  if (expected === 'array' && typeof input === 'string') return '; write it as [ … ]';
  return '';
}

function knownKeys(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
