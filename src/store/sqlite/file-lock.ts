import SQLite from 'better-sqlite3';
import { StoreRefusedError } from '../store.js';
import { isSqliteError } from './sqlite-errors.js';

/** A process that was just killed may take a moment to let go. */
const WAIT_MS = 500;

/**
 * Makes this process the only one on a database, by an exclusive transaction on `<file>.lock` that is held
 * until {@link FileLock.release}. The kernel ends it with the process, so a killed server never locks out
 * its successor, as a file with a process id in it would.
 */
export class FileLock {
  readonly #db: SQLite.Database;

  /** @throws {StoreRefusedError} when another process holds it; its cause then has the code `SQLITE_BUSY`. */
  constructor(file: string) {
    this.#db = new SQLite(`${file}.lock`, { timeout: WAIT_MS });
    try {
      this.#db.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      this.#db.close();
      if (!isSqliteError(error) || !error.code.startsWith('SQLITE_BUSY')) throw error;
      throw new StoreRefusedError(
        `${file}: a server is running on this database; use --url to reach it, or stop it first`,
        { cause: error },
      );
    }
  }

  release(): void {
    this.#db.close();
  }
}
