import { DatabaseError } from 'pg';
import { StoreUnavailableError } from '../store.js';

/**
 * Classes of SQLSTATE that say something about one write: its data (22), a constraint (23), the statement (42), a limit
 * of the program (54). Everything else, and every error without a state, is trouble with the server or on the way to it.
 */
const OF_ONE_WRITE = new Set(['22', '23', '42', '54']);

/** Two transactions that waited for each other, or met: PostgreSQL ends one, which may simply be done again. */
const PASSING = new Set(['40001', '40P01']);

/** The transaction has failed before; the first error says why. */
const ALREADY_FAILED = '25P02';

export function codeOf(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}

export function isPassing(error: unknown): boolean {
  return PASSING.has(codeOf(error) ?? '');
}

export function isAfterAnother(error: unknown): boolean {
  return codeOf(error) === ALREADY_FAILED;
}

export function isStoreTrouble(error: unknown): boolean {
  // Our own mistakes, such as a state that cannot follow, are no trouble of the server's.
  if (error instanceof TypeError || error instanceof RangeError) return false;
  return !(error instanceof DatabaseError) || !OF_ONE_WRITE.has((error.code ?? '').slice(0, 2));
}

/** Nothing of the connection can be trusted any more. */
export function isConnectionTrouble(error: unknown): boolean {
  return !(error instanceof DatabaseError) || /^(08|57P|58|XX)/.test(error.code ?? '');
}

/** PostgreSQL's messages name tables and constraints; its `detail`, which is left out, shows values. */
export function toStoreError(error: unknown): Error {
  if (isStoreTrouble(error)) {
    const code = codeOf(error);
    return new StoreUnavailableError(
      `the store is unavailable: ${messageOf(error)}${code === null ? '' : ` (${code})`}`,
    );
  }
  return new Error(messageOf(error), { cause: codeOf(error) });
}

/** An `AggregateError` of several addresses has no message of its own. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error && error.message !== '' ? error.message : (codeOf(error) ?? String(error));
}
