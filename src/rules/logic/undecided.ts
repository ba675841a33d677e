/** What a rule gives when data it needs is missing or unusable. The same symbol in every copy of the package. */
export const UNDECIDED: unique symbol = Symbol.for('aftercall.undecided');

export type Truth = 'true' | 'false' | 'undecided';

/** JSON Logic's own truth: like JavaScript's, but an empty list is false. */
export function isTruthy(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

export function truthOf(value: unknown): Truth {
  if (value === UNDECIDED) return 'undecided';
  return isTruthy(value) ? 'true' : 'false';
}
