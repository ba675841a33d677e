import { readSegments } from './logic/path.js';
import { indexKey, isKeyed, type Key, type Narrowing } from './narrowing.js';

/** Where an event came from. */
export interface EventSource {
  name: string;
  labels: Record<string, string>;
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

  /** `options[i]` are the ways in which rule i can be narrowed; the one that will hit least often is taken. */
  constructor(options: readonly Narrowing[][][]) {
    this.#size = options.length;
    this.#always = new Uint32Array(Math.ceil(options.length / 32));
    this.#marked = new Uint32Array(this.#always.length);
    const counts = new KeyCounts(options);
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

/** How many rules ask for a key, and how many different keys of a field are asked for. */
class KeyCounts {
  readonly #rules = new Map<string, number>();
  readonly #keys = new Map<string, number>();

  constructor(options: readonly Narrowing[][][]) {
    for (const { of, field, keys } of options.flat(2)) {
      for (const key of keys) {
        const isNew = raise(this.#rules, `${of} ${field} ${key}`) === 1;
        if (isNew) raise(this.#keys, `${of} ${field}`);
      }
    }
  }

  /** Rules of the narrowing's keys, each key as likely as any other of its field to be in a call. */
  expectedHits({ of, field, keys }: Narrowing): number {
    const rules = keys.reduce<number>((sum, key) => sum + (this.#rules.get(`${of} ${field} ${key}`) ?? 0), 0);
    return rules / (this.#keys.get(`${of} ${field}`) ?? 1);
  }
}

function raise(counts: Map<string, number>, name: string): number {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  return count;
}

function leastCommon(ways: Narrowing[][], counts: KeyCounts): Narrowing[] | undefined {
  const costs = ways.map((way) => way.reduce((sum, narrowing) => sum + counts.expectedHits(narrowing), 0));
  return ways[costs.indexOf(Math.min(...costs))];
}
