import { Kysely, Migrator, SqliteAdapter, SqliteDialect } from 'kysely';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { type Migrations } from '../migrations/migrations.js';
import { refuseUnfinished } from '../copy-marker.js';
import { COPY_SOURCE } from '../queries/copy-queries.js';
import { compareSchema, refuseForeign, refuseNewer, type SchemaState } from '../schema-state.js';
import { StoreRefusedError } from '../store.js';
import { type Connection, makeFile, makeFolder, openForReading, openForWriting } from './connection.js';
import { FileLock } from './file-lock.js';
import { messageOf } from './sqlite-errors.js';

const BUSY_TIMEOUT_MS = 1_000;

/**
 * Brings the database to the schema of this program: an empty one at once, an older one after a copy of the
 * file has been made. @throws {StoreRefusedError} for a schema that this program does not know.
 */
export async function migrate(db: Connection, file: string, migrations: Migrations): Promise<Migrated> {
  const found = stateOf(db, migrations);
  refuseNewer(file, found, migrations, 'file');
  refuseForeign(file, found, 'file');
  const target = found.missing.at(-1);
  if (target === undefined) return { applied: [], copy: null };
  const copy = found.applied.length > 0 ? `${file}.before-${target}` : null;
  if (copy !== null) copyFile(db, copy);
  await runMigrations(db, file, migrations);
  return { applied: found.missing, copy };
}

export interface Migrated {
  /** Names of what was missing. */
  applied: string[];
  /** Where the file as it was before is kept; null where nothing was in it. */
  copy: string | null;
}

/** As {@link migrate}, for a file that nobody has open; it is made if it is not there. @throws {StoreRefusedError} */
export async function migrateFile(file: string, migrations: Migrations): Promise<Migrated> {
  if (existsSync(file)) {
    const found = readFileSchema(file, migrations);
    refuseNewer(file, found, migrations, 'file');
    if (found.missing.length === 0) return { applied: [], copy: null };
  }
  makeFolder(file);
  const lock = new FileLock(file);
  try {
    makeFile(file);
    const db = openForWriting(file, BUSY_TIMEOUT_MS);
    try {
      return await migrate(db, file, migrations);
    } finally {
      db.close();
    }
  } finally {
    lock.release();
  }
}

/** What a file has, beside a running server; one that is not there has nothing. */
export function readFileSchema(file: string, migrations: Migrations): SchemaState {
  if (!existsSync(file)) return compareSchema([], migrations, false);
  let db: Connection | null = null;
  try {
    db = openForReading(file, BUSY_TIMEOUT_MS);
    return stateOf(db, migrations);
  } catch (error) {
    throw new StoreRefusedError(`${file}: cannot be read: ${messageOf(error)}`);
  } finally {
    db?.close();
  }
}

/** @throws {StoreRefusedError} unless the schema is exactly the one that this program reads. */
export function requireCurrent(db: Connection, file: string, migrations: Migrations): void {
  const found = stateOf(db, migrations);
  refuseNewer(file, found, migrations, 'file');
  if (found.missing.length > 0) {
    throw new StoreRefusedError(
      `${file}: made by an older version; start the server once to bring it up to date, or run ` +
        '`aftercall migrate apply`',
    );
  }
}

/** @throws {StoreRefusedError} for a file that a copy went into and is not whole yet. */
export function refuseUnfinishedCopy(db: Connection, file: string): void {
  const read = db.prepare<[string], string>('select value from settings where key = ?').pluck();
  refuseUnfinished(file, read.get(COPY_SOURCE) ?? null);
}

function stateOf(db: Connection, migrations: Migrations): SchemaState {
  const has = (table: string) =>
    db.prepare(`select 1 from sqlite_schema where name = ?`).get(table) !== undefined;
  const applied = has('kysely_migration')
    ? db.prepare<[], string>('select name from kysely_migration order by name').pluck().all()
    : [];
  return compareSchema(applied, migrations, has('events'));
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
