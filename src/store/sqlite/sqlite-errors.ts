import { StoreUnavailableError } from '../store.js';

export interface SqliteError {
  /** E.g. `SQLITE_FULL`. */
  code: string;
  message: string;
}

/** Trouble with the disk, the file or memory: nothing of the transaction can be trusted to be there. */
const STORE_TROUBLE =
  /^SQLITE_(FULL|IOERR|BUSY|LOCKED|NOMEM|CORRUPT|NOTADB|READONLY|CANTOPEN|PROTOCOL|INTERRUPT|PERM|AUTH)/;

/** After these the connection itself is suspect: a sync that failed once cannot be repeated safely. */
const CONNECTION_TROUBLE = /^SQLITE_(IOERR|CORRUPT|NOTADB|CANTOPEN)/;

/**
 * By its code, not by its class: the native addon makes errors of the class that the first module in the
 * process to load it gave it, so with two loaders in one process (a host's bundler, a test runner) no
 * class check holds, not even `instanceof Error`.
 */
export function isSqliteError(error: unknown): error is SqliteError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_');
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);
}

export function isStoreTrouble(error: unknown): boolean {
  return isSqliteError(error) && STORE_TROUBLE.test(error.code);
}

export function isConnectionTrouble(error: unknown): boolean {
  return isSqliteError(error) && CONNECTION_TROUBLE.test(error.code);
}

/** SQLite's messages name columns and conditions, never values. */
export function toStoreError(error: unknown): Error {
  if (isStoreTrouble(error)) {
    const { message, code } = error as SqliteError;
    return new StoreUnavailableError(`the store is unavailable: ${message} (${code})`);
  }
  return error instanceof Error ? error : new Error(messageOf(error));
}
