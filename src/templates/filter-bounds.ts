import { type Context, type FilterImplOptions, filters as builtIn, toValue } from 'liquidjs';
import { textOf } from './escape.js';
import { LIMITS } from './limits.js';

/** A filter is called with the rendering as `this`. */
export type Filter = (this: { context: Context }, value: unknown, ...args: unknown[]) => unknown;

export function engineFilter(name: string): Filter {
  const filter: FilterImplOptions | undefined = builtIn[name];
  if (typeof filter !== 'function') throw new Error(`the template engine has no filter ${name}`);
  return filter as Filter;
}

/** Charges a filter before it runs: its work is at most what its input, which is bounded, allows. */
export function bounded(read: (value: unknown) => unknown, filter: Filter): Filter {
  return function (value, ...args) {
    const { context } = this;
    context.renderLimit.check(performance.now());
    const input = read(value);
    charge(context, input);
    for (let i = 0; i < args.length; i++) charge(context, (args[i] = read(args[i])));
    return filter.call(this, input, ...args);
  };
}

/** An entry that is sorted takes as long as this many characters. */
const COST_OF_ENTRY = 64;
/** Searching backwards compares every place with the whole needle: beyond this it takes seconds. */
const LONGEST_NEEDLE = 100;

function charge(context: Context, value: unknown): void {
  if (typeof value === 'string') {
    if (value.length > LIMITS.textLength)
      throw new Error(`a filter was given a text of more than ${LIMITS.textLength} characters`);
    context.memoryLimit.use(value.length);
  }
  if (Array.isArray(value)) context.memoryLimit.use(refuseLongList(value).length * COST_OF_ENTRY);
}

export function refuseLongList(list: unknown[]): unknown[] {
  if (list.length > LIMITS.listLength)
    throw new Error(`a filter was given a list of more than ${LIMITS.listLength} entries`);
  return list;
}

/** Text filters see lists and objects as JSON; the engine would print `[object Object]`. */
export function textual(value: unknown): unknown {
  const plain: unknown = toValue(value);
  return typeof plain === 'object' && plain !== null ? textOf(plain) : plain;
}

export function asIs(value: unknown): unknown {
  return value;
}

export function withShortNeedle(filter: Filter): Filter {
  return function (value, needle, ...more) {
    if (textOf(needle).length > LONGEST_NEEDLE)
      throw new Error(`a filter was asked to look for more than ${LONGEST_NEEDLE} characters from the end`);
    return filter.call(this, value, needle, ...more);
  };
}

export function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  return value === null || value === undefined ? [] : [value];
}
