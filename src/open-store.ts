import { resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { type Config } from './config/config.js';
import { type Store, StoreRefusedError } from './store/store.js';

export interface OpenStoreOptions {
  /** Runs SQLite on a thread of its own. */
  thread: boolean;
  readOnly?: boolean;
  /** A file that is not there is not made, and an empty database gets no schema. Default false. */
  mustExist?: boolean;
  /** How long a PostgreSQL server that is not there yet is waited for. Default: not at all. */
  waitMs?: number;
  /** Told what is set so that a 2xx may not be kept; a line each. */
  onWarning?: (message: string) => void;
}

/** Where `storage:` leads. */
export type Storage = { kind: 'sqlite'; file: string } | { kind: 'postgres'; url: string };

/** @param storage as checked: `sqlite:<file>` or `postgres://…` */
export function readStorage(storage: string): Storage {
  const [, file] = /^sqlite:(.+)$/s.exec(storage) ?? [];
  return file === undefined ? { kind: 'postgres', url: storage } : { kind: 'sqlite', file };
}

/**
 * Opens the store that `storage:` names.
 * @throws {StoreRefusedError} with one line for a person.
 */
export async function openStore(
  { storage }: Pick<Config, 'storage'>,
  options: OpenStoreOptions,
): Promise<Store> {
  const place = readStorage(storage);
  // Each is loaded where it is used: the other's driver would make every start slower.
  if (place.kind === 'postgres') {
    const { openPostgresStore } = await import('./store/postgres/postgres-store.js');
    return openPostgresStore({ ...options, url: place.url });
  }
  if (options.mustExist === true && !existsSync(place.file))
    throw new StoreRefusedError(`${resolve(place.file)}: there is no such database`);
  const { openSqliteStore } = await import('./store/sqlite/sqlite-store.js');
  return openSqliteStore({ ...options, file: place.file });
}
