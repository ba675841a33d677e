import { Kysely, Migrator, SqliteAdapter, SqliteDialect } from 'kysely';
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { type Migrations } from '../migrations/migrations.js';
import { StoreRefusedError } from '../store.js';
import { type Connection } from './connection.js';
import { messageOf } from './sqlite-errors.js';

/**
 * Brings the database to the schema of this program: an empty one at once, an older one after a copy of the
 * file has been made. @throws {StoreRefusedError} for a schema that this program does not know.
 */
export async function migrate(db: Connection, file: string, migrations: Migrations): Promise<void> {
  const applied = appliedMigrations(db);
  refuseNewer(file, applied, migrations);
  const missing = Object.keys(migrations).filter((name) => !applied.includes(name));
  const target = missing.sort().at(-1);
  if (target === undefined) return;
  if (applied.length > 0) copyFile(db, `${file}.before-${target}`);
  await runMigrations(db, file, migrations);
}

/** @throws {StoreRefusedError} unless the schema is exactly the one that this program reads. */
export function requireCurrent(db: Connection, file: string, migrations: Migrations): void {
  const applied = appliedMigrations(db);
  refuseNewer(file, applied, migrations);
  if (applied.length < Object.keys(migrations).length) {
    throw new StoreRefusedError(
      `${file}: made by an older version; start the server once to bring it up to date`,
    );
  }
}

function appliedMigrations(db: Connection): string[] {
  const table = db.prepare(`select 1 from sqlite_schema where name = 'kysely_migration'`).get();
  if (table === undefined) return [];
  return db.prepare<[], string>('select name from kysely_migration order by name').pluck().all();
}

function refuseNewer(file: string, applied: readonly string[], migrations: Migrations): void {
  const unknown = applied.filter((name) => !Object.hasOwn(migrations, name)).at(-1);
  if (unknown === undefined) return;
  throw new StoreRefusedError(
    `${file}: made by a newer version (it has ${unknown}, this version knows up to ` +
      `${Object.keys(migrations).sort().at(-1) ?? 'nothing'}); run that version or take another file`,
  );
}

/** The copy gets its name only when it is whole and on the disk; one of an earlier try is replaced. */
function copyFile(db: Connection, copy: string): void {
  const unfinished = `${copy}.unfinished`;
  rmSync(unfinished, { force: true });
  const descriptor = openSync(unfinished, 'wx', 0o600);
  try {
    db.prepare('vacuum into ?').run(unfinished);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(unfinished, copy);
}

/**
 * Kysely does not trust SQLite with tables made inside a transaction, which SQLite has always kept. Without
 * it a process killed at its first start would leave half a schema that nothing gets past.
 */
class AtomicAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class AtomicDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new AtomicAdapter();
  }
}

async function runMigrations(db: Connection, file: string, migrations: Migrations): Promise<void> {
  const kysely = new Kysely<unknown>({ dialect: new AtomicDialect({ database: db }) });
  const provider = { getMigrations: () => Promise.resolve({ ...migrations }) };
  const { error } = await new Migrator({ db: kysely, provider }).migrateToLatest();
  if (error === undefined) return;
  const why = messageOf(error);
  throw new StoreRefusedError(`${file}: could not be brought up to date: ${why}`);
}
