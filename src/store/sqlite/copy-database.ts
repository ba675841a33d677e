import { type CopyDatabase } from '../copy-database.js';
import { type Row } from '../copy-tables.js';
import { type Migrations } from '../migrations/migrations.js';
import { decodeText, encodeText } from '../text.js';
import { type SqlValue } from '../statement.js';
import { StoreRefusedError } from '../store.js';
import { type Connection, openForReading, openForWriting, requireFile } from './connection.js';
import { FileLock } from './file-lock.js';
import { migrateFile, refuseUnfinishedCopy, requireCurrent } from './migrate.js';
import { isSqliteError, messageOf } from './sqlite-errors.js';

const BUSY_TIMEOUT_MS = 1_000;

/** A file that nobody may use meanwhile. It is not written to. @throws {StoreRefusedError} */
export function openSourceFile(file: string, migrations: Migrations): CopyDatabase {
  requireFile(file);
  return open(file, () => {
    const db = openForReading(file, BUSY_TIMEOUT_MS);
    requireCurrent(db, file, migrations);
    refuseUnfinishedCopy(db, file);
    return db;
  });
}

/** It gets its schema; a file that is not there is made. @throws {StoreRefusedError} */
export async function openTargetFile(file: string, migrations: Migrations): Promise<CopyDatabase> {
  await migrateFile(file, migrations);
  return open(file, () => openForWriting(file, BUSY_TIMEOUT_MS));
}

function open(file: string, connect: () => Connection): CopyDatabase {
  const lock = lockFile(file);
  try {
    const db = connect();
    return { ...statements(db), place: `sqlite:${file}`, dialect: 'sqlite', close: closer(db, lock) };
  } catch (error) {
    lock.release();
    if (error instanceof StoreRefusedError) throw error;
    throw new StoreRefusedError(`${file}: cannot be opened: ${messageOf(error)}`);
  }
}

function lockFile(file: string): FileLock {
  try {
    return new FileLock(file);
  } catch (error) {
    if (!(error instanceof StoreRefusedError)) throw error;
    throw new StoreRefusedError(`${file}: a server is running on this database; stop it first`);
  }
}

function closer(db: Connection, lock: FileLock): CopyDatabase['close'] {
  return () => {
    db.close();
    lock.release();
    return Promise.resolve();
  };
}

function statements(db: Connection): Pick<CopyDatabase, 'run' | 'insert' | 'settle'> {
  return {
    run: ({ sql, parameters }) =>
      settle(() => {
        const prepared = db.prepare(sql);
        const values = parameters.map((value) => toStored(value as SqlValue));
        if (prepared.reader)
          return prepared
            .raw()
            .all(...values)
            .map((row) => (row as SqlValue[]).map(fromStored));
        prepared.run(...values);
        return [];
      }),
    insert: ({ name, columns }, rows) =>
      settle(() => {
        const names = columns.map((column) => `"${column.name}"`).join(', ');
        const places = columns.map(() => '?').join(', ');
        const prepared = db.prepare<SqlValue[]>(`insert into ${name} (${names}) values (${places})`);
        const insertAll = db.transaction((those: readonly Row[]) => {
          for (const row of those) prepared.run(...row.map(toStored));
        });
        insertAll.immediate(rows);
      }),
    // The row id goes on behind the highest one, and every commit is on the disk.
    settle: () => Promise.resolve(),
  };
}

function toStored(value: SqlValue): SqlValue {
  return typeof value === 'string' ? encodeText(value) : value;
}

function fromStored(value: SqlValue): SqlValue {
  return typeof value === 'string' ? decodeText(value) : value;
}

/** The addon's errors are of a class of their own, with much in them. */
function settle<T>(act: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    try {
      resolve(act());
    } catch (error) {
      reject(isSqliteError(error) ? new Error(`${error.message} (${error.code})`) : (error as Error));
    }
  });
}
