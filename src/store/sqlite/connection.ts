import SQLite from 'better-sqlite3';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreRefusedError } from '../store.js';

export type Connection = SQLite.Database;

/** SQLite's own number for `synchronous = FULL`. */
const FULL = 2;

/** Folder and file are for their owner only: they hold phone numbers and tokens. */
export function makeFolder(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
}

export function makeFile(file: string): void {
  // Never touched when it is there: closing any descriptor of a file drops this process's locks on it.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
}

export function requireFile(file: string): void {
  if (!existsSync(file)) throw new StoreRefusedError(`${file}: there is no such database`);
}

/**
 * Opens the file so that a commit that returned is on the disk. better-sqlite3 is compiled to sync less than
 * that in WAL mode, so the settings are read back. @throws {StoreRefusedError} when they did not take.
 */
export function openForWriting(file: string, busyTimeoutMs: number): Connection {
  const db = new SQLite(file, { timeout: busyTimeoutMs });
  try {
    // Takes effect in an empty file only. Three events of 2 kB fit a page of 8 KiB, one fits 4 KiB.
    db.pragma('page_size = 8192');
    const journal = db.pragma('journal_mode = WAL', { simple: true });
    db.pragma('synchronous = FULL');
    const synchronous = db.pragma('synchronous', { simple: true });
    if (journal !== 'wal' || synchronous !== FULL) {
      throw new StoreRefusedError(
        `${file}: needs journal_mode wal and synchronous ${FULL}, ` +
          `got ${String(journal)} and ${String(synchronous)}; use a local disk`,
      );
    }
    tune(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens an existing file for reading; writing to it fails. */
export function openForReading(file: string, busyTimeoutMs: number): Connection {
  return new SQLite(file, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
}

function tune(db: Connection): void {
  db.pragma('foreign_keys = ON');
  // Journals of savepoints stay in memory.
  db.pragma('temp_store = MEMORY');
  // In pages: 4 MiB. Every checkpoint stalls the writes behind it; with 32 MiB p99 was three times as long.
  db.pragma('wal_autocheckpoint = 500');
  db.pragma('journal_size_limit = 67108864');
  db.pragma('cache_size = -32000');
}
