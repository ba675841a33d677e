import { readStorage } from '../open-store.js';
import { type CopyDatabase } from '../store/copy-database.js';
import { postgres, sqlite } from '../store/dialect.js';
import { migrationsFor } from '../store/migrations/migrations.js';
import { openSourceDatabase, openTargetDatabase } from '../store/postgres/copy-database.js';
import { openSourceFile, openTargetFile } from '../store/sqlite/copy-database.js';

/** @param storage as in `storage:` of the configuration, a file with its whole path @throws {StoreRefusedError} */
export async function openCopySource(storage: string): Promise<CopyDatabase> {
  const place = readStorage(storage);
  return place.kind === 'sqlite'
    ? openSourceFile(place.file, migrationsFor(sqlite))
    : openSourceDatabase(place.url, migrationsFor(postgres));
}

/** As {@link openCopySource}; it gets its schema. */
export async function openCopyTarget(storage: string): Promise<CopyDatabase> {
  const place = readStorage(storage);
  return place.kind === 'sqlite'
    ? openTargetFile(place.file, migrationsFor(sqlite))
    : openTargetDatabase(place.url, migrationsFor(postgres));
}
