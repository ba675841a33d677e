import { resolve } from 'node:path';
import { compilerFor } from '../compiler.js';
import { sqlite } from '../dialect.js';
import { type Migrations, migrationsFor } from '../migrations/migrations.js';
import { buildQueries } from '../queries/queries.js';
import { performRead, type Read } from '../reads.js';
import { type Database } from '../schema.js';
import { type ClaimedDelivery, StoreRefusedError } from '../store.js';
import { all } from '../work.js';
import { type Settled } from '../write-queue.js';
import { performWrite, type Write } from '../writes.js';
import {
  type Connection,
  makeFile,
  makeFolder,
  openForReading,
  openForWriting,
  requireFile,
} from './connection.js';
import { FileLock } from './file-lock.js';
import { migrate, refuseUnfinishedCopy, requireCurrent } from './migrate.js';
import { StatementRunner } from './statement-runner.js';
import { isConnectionTrouble, isStoreTrouble, toStoreError, messageOf } from './sqlite-errors.js';

export interface SqliteEngineOptions {
  /** Path of the database; its folder is made. */
  file: string;
  /** Default false. Needs an existing file of the current schema; works beside a running server. */
  readOnly?: boolean;
  /** How long a write waits while another program has the file locked. Default 1000. */
  busyTimeoutMs?: number;
  /** Default: those of this program. */
  migrations?: Migrations;
}

/** Compiles queries and never runs one. */
const compiler = compilerFor<Database>('sqlite');
const queries = buildQueries(compiler, sqlite);
const ownMigrations = migrationsFor(sqlite);

/** The database file and the statements on it. Everything but opening is synchronous. */
export class SqliteEngine {
  /** Null for a reader: in WAL mode it never gets in the writer's way. */
  readonly #lock: FileLock | null;
  readonly #connect: () => Connection;
  #db: Connection;
  #runner: StatementRunner;
  #broken = false;
  /** Claimed in a transaction of which nobody knows whether it reached the disk. */
  #doubtful: ClaimedDelivery[] = [];

  private constructor(lock: FileLock | null, connect: () => Connection, db: Connection) {
    this.#lock = lock;
    this.#connect = connect;
    this.#db = db;
    this.#runner = new StatementRunner(db);
  }

  /** @throws {StoreRefusedError} with one line for a person. */
  static async open(options: SqliteEngineOptions): Promise<SqliteEngine> {
    const file = resolve(options.file);
    try {
      if (options.readOnly === true) requireFile(file);
      else makeFolder(file);
      const lock = options.readOnly === true ? null : new FileLock(file);
      return await SqliteEngine.#openLocked(file, lock, options);
    } catch (error) {
      if (error instanceof StoreRefusedError) throw error;
      const why = messageOf(error);
      throw new StoreRefusedError(`${file}: cannot be opened: ${why}`);
    }
  }

  static async #openLocked(
    file: string,
    lock: FileLock | null,
    options: SqliteEngineOptions,
  ): Promise<SqliteEngine> {
    const { readOnly = false, busyTimeoutMs = 1_000, migrations = ownMigrations } = options;
    const open = readOnly ? openForReading : openForWriting;
    const connect = (): Connection => open(file, busyTimeoutMs);
    let db: Connection | null = null;
    try {
      if (!readOnly) makeFile(file);
      db = connect();
      if (readOnly) requireCurrent(db, file, migrations);
      else await migrate(db, file, migrations);
      refuseUnfinishedCopy(db, file);
      return new SqliteEngine(lock, connect, db);
    } catch (error) {
      db?.close();
      lock?.release();
      throw error;
    }
  }

  /** Runs a batch as one transaction. One bad write does not fail the others; trouble with the disk does. */
  apply(writes: readonly Write[]): Settled[] {
    const claimed: ClaimedDelivery[] = [];
    try {
      this.#mend();
      return this.#transaction(writes, claimed);
    } catch (error) {
      this.#giveUp(error, claimed);
      const failed = { error: toStoreError(error) };
      return writes.map(() => failed);
    }
  }

  /** @throws {StoreUnavailableError} */
  query(read: Read): unknown {
    try {
      this.#mend();
      return this.#runner.run(performRead(compiler, queries, read));
    } catch (error) {
      this.#giveUp(error, []);
      throw toStoreError(error);
    }
  }

  close(): void {
    this.#db.close();
    this.#lock?.release();
  }

  /**
   * A savepoint for each write would cost a quarter of the throughput, and writes hardly ever fail by
   * themselves: so the batch runs without, and once more with savepoints when one of them has failed.
   */
  #transaction(writes: readonly Write[], claimed: ClaimedDelivery[]): Settled[] {
    try {
      return this.#commit(() => writes.map((write) => ({ value: this.#perform(write, claimed) })));
    } catch (error) {
      if (isStoreTrouble(error)) throw error;
      claimed.length = 0;
      return this.#commit(() => writes.map((write) => this.#performApart(write, claimed)));
    }
  }

  #commit(perform: () => Settled[]): Settled[] {
    this.#db.exec(this.#db.readonly ? 'BEGIN' : 'BEGIN IMMEDIATE');
    try {
      const settled = perform();
      this.#db.exec('COMMIT');
      return settled;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  #rollBack(): void {
    try {
      // SQLite rolls back by itself after some errors.
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
    } catch {
      this.#broken = true;
    }
  }

  #performApart(write: Write, claimed: ClaimedDelivery[]): Settled {
    this.#db.exec('SAVEPOINT write');
    try {
      const value = this.#perform(write, claimed);
      this.#db.exec('RELEASE write');
      return { value };
    } catch (error) {
      if (isStoreTrouble(error)) throw error;
      this.#db.exec('ROLLBACK TO write; RELEASE write');
      return { error: toStoreError(error) };
    }
  }

  #perform(write: Write, claimed: ClaimedDelivery[]): unknown {
    const value = this.#runner.run(performWrite(compiler, queries, write));
    if (write.do === 'claim') claimed.push(...(value as ClaimedDelivery[]));
    return value;
  }

  #giveUp(error: unknown, claimed: ClaimedDelivery[]): void {
    if (!isConnectionTrouble(error)) return;
    this.#broken = true;
    this.#doubtful.push(...claimed);
  }

  /**
   * Opens the connection anew after trouble. A claim whose commit failed may be found written after all;
   * nobody sends those deliveries, so they go back to being due.
   */
  #mend(): void {
    if (!this.#broken) return;
    this.#db.close();
    this.#db = this.#connect();
    this.#runner = new StatementRunner(this.#db);
    for (const { delivery } of this.#doubtful) {
      this.#runner.run(all(queries.giveBack, { id: delivery.id, fence: delivery.fence }));
    }
    this.#doubtful = [];
    this.#broken = false;
  }
}
