import { type LogicNode } from './logic/node.js';
import { readSegments } from './logic/path.js';
import { isAbsent } from './logic/people.js';
import { type SourceSelector } from './rule.js';

/** Where an event came from. */
export interface EventSource {
  name: string;
  labels: Record<string, string>;
}

type Key = string | number;

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
 * Narrowings such that, when none of them hits, the condition is false and does not throw; null when there are
 * none. Undecided parts do not matter: false and undecided is false.
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
 * part: so only parts before which nothing can throw count. Comparing by `===` and ours never throws.
 */
function quietPrefix(parts: LogicNode[]): LogicNode[] {
  const firstLoud = parts.findIndex(({ operator }) => operator !== '===' && operator !== 'same');
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

function isKeyed(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Path of a `var` without a default. */
function fieldOf(node: LogicNode): string | null {
  return node.operator === 'var' && node.operands.length === 1 && node.path !== '' ? node.path : null;
}

interface Field {
  of: Narrowing['of'];
  segments: string[];
  /** Rules by key. */
  buckets: Map<Key, number[]>;
  /** Every rule of the field: for lists and objects, which may equal anything by JavaScript's `==`. */
  all: Set<number>;
}

/** Finds, for one call, the rules whose condition may be anything but false. */
export class RuleIndex {
  readonly #size: number;
  readonly #fields = new Map<string, Field>();
  /** One bit per rule: those without a narrowing, offered to every call. */
  readonly #always: Uint32Array;
  readonly #marked: Uint32Array;

  /** `options[i]` are the ways in which rule i can be narrowed; the one that hits least often is taken. */
  constructor(options: readonly Narrowing[][][]) {
    this.#size = options.length;
    this.#always = new Uint32Array(Math.ceil(options.length / 32));
    this.#marked = new Uint32Array(this.#always.length);
    const counts = countKeys(options);
    options.forEach((ways, rule) => {
      const best = leastCommon(ways, counts);
      if (best) for (const narrowing of best) this.#add(narrowing, rule);
      else mark(this.#always, rule);
    });
  }

  /** Marks the candidates for one call; `has` and `next` tell them until the next call. */
  narrow(data: unknown, source: EventSource): void {
    this.#marked.set(this.#always);
    for (const field of this.#fields.values()) {
      const value = valueOf(field, data, source);
      if (isKeyed(value)) {
        const bucket = field.buckets.get(indexKey(value));
        if (bucket) for (const rule of bucket) mark(this.#marked, rule);
      } else if (typeof value === 'object' && value !== null) {
        for (const rule of field.all) mark(this.#marked, rule);
      }
    }
  }

  has(rule: number): boolean {
    return ((this.#marked[rule >>> 5] as number) & (1 << (rule & 31))) !== 0;
  }

  /** The first candidate from `rule` on; the number of rules when there is none. */
  next(rule: number): number {
    let word = rule >>> 5;
    if (word >= this.#marked.length) return this.#size;
    let bits = (this.#marked[word] as number) & (-1 << (rule & 31));
    while (bits === 0) {
      word += 1;
      if (word >= this.#marked.length) return this.#size;
      bits = this.#marked[word] as number;
    }
    return word * 32 + 31 - Math.clz32(bits & -bits);
  }

  #add({ of, field, keys }: Narrowing, rule: number): void {
    const name = `${of} ${field}`;
    const known = this.#fields.get(name) ?? {
      of,
      segments: of === 'data' ? field.split('.') : [field],
      buckets: new Map<Key, number[]>(),
      all: new Set<number>(),
    };
    this.#fields.set(name, known);
    known.all.add(rule);
    for (const key of keys) {
      const bucket = known.buckets.get(key);
      if (bucket) bucket.push(rule);
      else known.buckets.set(key, [rule]);
    }
  }
}

function mark(bits: Uint32Array, rule: number): void {
  const word = rule >>> 5;
  bits[word] = (bits[word] as number) | (1 << (rule & 31));
}

function valueOf({ of, segments }: Field, data: unknown, source: EventSource): unknown {
  if (of === 'source') return source.name;
  return readSegments(of === 'label' ? source.labels : data, segments);
}

function countKeys(options: readonly Narrowing[][][]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const narrowing of options.flat(2))
    for (const name of namesOf(narrowing)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function leastCommon(ways: Narrowing[][], counts: Map<string, number>): Narrowing[] | undefined {
  const costOf = (way: Narrowing[]) =>
    way.flatMap(namesOf).reduce((sum, name) => sum + (counts.get(name) ?? 0), 0);
  const costs = ways.map(costOf);
  return ways[costs.indexOf(Math.min(...costs))];
}

function namesOf({ of, field, keys }: Narrowing): string[] {
  return keys.map((key) => `${of} ${field} ${typeof key} ${key}`);
}
