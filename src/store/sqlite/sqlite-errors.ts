import SQLite from 'better-sqlite3';
import { StoreUnavailableError } from '../store.js';

export type SqliteError = InstanceType<typeof SQLite.SqliteError>;

/** Trouble with the disk, the file or memory: nothing of the transaction can be trusted to be there. */
const STORE_TROUBLE =
  /^SQLITE_(FULL|IOERR|BUSY|LOCKED|NOMEM|CORRUPT|NOTADB|READONLY|CANTOPEN|PROTOCOL|INTERRUPT|PERM|AUTH)/;

/** After these the connection itself is suspect: a sync that failed once cannot be repeated safely. */
const CONNECTION_TROUBLE = /^SQLITE_(IOERR|CORRUPT|NOTADB|CANTOPEN)/;

export function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof SQLite.SqliteError;
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
  return error instanceof Error ? error : new Error(String(error));
}
