import { UNDECIDED } from './undecided.js';

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** The segment of a path that leads to what objects inherit, or null. */
export function forbiddenSegment(path: string): string | null {
  return path.split('.').find((segment) => FORBIDDEN.has(segment)) ?? null;
}

/**
 * Follows path segments through own properties; `undefined` where they end early. Characters and length of a
 * text are its own, as in json-logic-js.
 */
export function readSegments(data: unknown, segments: readonly string[]): unknown {
  let current = data;
  for (const segment of segments) {
    if (current === null || current === undefined) return undefined;
    if (typeof current === 'symbol') return UNDECIDED;
    if (!Object.hasOwn(current, segment)) return undefined;
    current = (current as Record<string, unknown>)[segment];
  }
  return current;
}
