import { type LogicNode } from './logic/node.js';
import { isAbsent } from './logic/people.js';
import { type SourceSelector } from './rule.js';

export type Key = string | number;

/** "Not matched, unless this field holds one of these." A rule is offered when one of its narrowings hits. */
export interface Narrowing {
  /** A path of the data, `source`, or a label of the source. */
  of: 'data' | 'source' | 'label';
  field: string;
  keys: Key[];
}

/**
 * One key for all primitives that any equality may take for equal: JavaScript's `==` (1, "1", true; 0, "",
 * false), `same` (case, space, "yes") and so on. Unequal values may share one: the index only narrows.
 */
export function indexKey(value: string | number | boolean): Key {
  if (typeof value !== 'string') return Number(value);
  const text = value.trim().toLowerCase();
  if (text === 'true' || text === 'yes') return 1;
  if (text === 'false' || text === 'no') return 0;
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

/**
 * The ways in which a condition narrows; empty when it does not. When none of the narrowings of one way hits,
 * the condition is false and does not throw. Undecided parts do not matter: false and undecided is false.
 */
export function narrowingsOf(node: LogicNode, missing: 'undecided' | 'as-null'): Narrowing[][] {
  if (node.operator !== 'and') return equalityOf(node) ?? [];
  const parts =
    missing === 'as-null' ? quietPrefix(node.operands) : node.operands.filter((part) => !part.isCostly);
  return parts.flatMap((part) =>
    part.operator === 'and' ? narrowingsOf(part, missing) : (equalityOf(part) ?? []),
  );
}

/** What a rule's `sources` narrow by. */
export function narrowingsOfSelector(selector: SourceSelector): Narrowing[][] {
  if (selector === 'all') return [];
  if (Array.isArray(selector)) return [[{ of: 'source', field: '', keys: keysOf(selector) }]];
  return Object.entries(selector).map(([field, value]) => [{ of: 'label', field, keys: [indexKey(value)] }]);
}

/**
 * json-logic-js may throw on odd data (an object with a field named `toString`), and stops at the first false
 * part: so only parts before which nothing can throw count. A field compared by `===` or `same` never throws.
 */
function quietPrefix(parts: LogicNode[]): LogicNode[] {
  const firstLoud = parts.findIndex((part) => {
    const isStrict = part.operator === '===' || part.operator === 'same';
    return !isStrict || equalityOf(part) === null;
  });
  return firstLoud < 0 ? parts : parts.slice(0, firstLoud + 1);
}

function equalityOf(node: LogicNode): Narrowing[][] | null {
  const { operator, operands } = node;
  if (operator === 'or') return anyOfEqualities(operands);
  const [first, second] = operands;
  if (!first || !second || operands.length !== 2) return null;
  if (operator === '==' || operator === '===') return comparison(first, second) ?? comparison(second, first);
  if (operator === 'same') return listed(first, second, isAbsent) ?? comparison(first, second);
  return operator === 'in' ? listed(first, second, () => false) : null;
}

/** An `or` narrows only when each of its parts does. */
function anyOfEqualities(parts: LogicNode[]): Narrowing[][] | null {
  const narrowings: Narrowing[] = [];
  for (const part of parts) {
    const narrowing = part.operator === 'or' ? null : equalityOf(part)?.[0];
    if (!narrowing) return null;
    narrowings.push(...narrowing);
  }
  return parts.length > 0 ? [narrowings] : null;
}

function comparison(variable: LogicNode, value: LogicNode): Narrowing[][] | null {
  const field = fieldOf(variable);
  const written = value.literal?.value;
  if (field === null || !isKeyed(written)) return null;
  return [[{ of: 'data', field, keys: [indexKey(written)] }]];
}

/** Values of a list that cannot be met by anything are left out; null, which a missing field meets, spoils it. */
function listed(
  variable: LogicNode,
  list: LogicNode,
  cannotBeMet: (value: unknown) => boolean,
): Narrowing[][] | null {
  const field = fieldOf(variable);
  const values = list.literal?.value;
  if (field === null || !Array.isArray(values)) return null;
  const wanted = (values as unknown[]).filter((value) => !cannotBeMet(value));
  return wanted.every(isKeyed) ? [[{ of: 'data', field, keys: keysOf(wanted) }]] : null;
}

function keysOf(values: readonly (string | number | boolean)[]): Key[] {
  return [...new Set(values.map(indexKey))];
}

export function isKeyed(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Path of a `var` without a default. */
function fieldOf(node: LogicNode): string | null {
  return node.operator === 'var' && node.operands.length === 1 && node.path !== '' ? node.path : null;
}
