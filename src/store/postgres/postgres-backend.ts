import pg from 'pg';
import { type Backend } from '../backend.js';
import { compilerFor } from '../compiler.js';
import { postgres } from '../dialect.js';
import { buildQueries } from '../queries/queries.js';
import { performRead, type Read } from '../reads.js';
import { type Database } from '../schema.js';
import { type Work } from '../work.js';
import { type Settled } from '../write-queue.js';
import { performWrite, type Write } from '../writes.js';
import { arrange, type Indexed, locksOf } from './batch.js';
import { clientConfig, type ConnectionOptions } from './connection.js';
import { takeLocks } from './locks.js';
import { runTogether, runWork } from './pipeline.js';
import { isConnectionTrouble, isPassing, isStoreTrouble, toStoreError } from './postgres-errors.js';

/** Compiles queries and never runs one. */
const compiler = compilerFor<Database>('postgres');
const queries = buildQueries(compiler, postgres);

/** A batch that met another one is done again; a third time it is trouble. */
const TRIES = 3;
/** The server ends a statement earlier; one that does not even do that is given up, and the connection with it. */
const PATIENCE = { query_timeout: 40_000, idleTimeoutMillis: 30_000 };
/** Leases of 15 s are renewed every 5 s: a server that says nothing must be given up before they end. */
const WRITER_MS = 8_000;
/** People's lists, monitors and the dispatcher's questions, side by side. */
const READERS = 4;

/**
 * Statements on a PostgreSQL server. Writes go over one connection, a batch in one transaction and at once; the server
 * lets the commits of several processes share a sync. A connection that is lost is made anew by whoever needs it next.
 */
export class PostgresBackend implements Backend {
  readonly #options: ConnectionOptions;
  readonly #readers: pg.Pool;
  #writer: Promise<pg.Client> | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#readers = new pg.Pool({ ...clientConfig(options), ...PATIENCE, max: READERS });
    // A connection that rests in the pool may be ended by the server; whoever needs one next makes it anew.
    this.#readers.on('error', () => undefined);
    // One that is lost while it is asked fails its question as well; unheard, its event would end the process.
    this.#readers.on('connect', (client) => client.on('error', () => undefined));
  }

  async apply(writes: Write[]): Promise<Settled[]> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#applyOnce(writes);
      } catch (error) {
        if (isPassing(error) && tries < TRIES) continue;
        const failed = { error: toStoreError(error) };
        return writes.map(() => failed);
      }
    }
  }

  /** @throws {StoreUnavailableError} */
  async query(read: Read): Promise<unknown> {
    try {
      return await this.#read(read);
    } catch (error) {
      throw toStoreError(error);
    }
  }

  async close(): Promise<void> {
    const writer = await this.#writer?.catch(() => null);
    await Promise.allSettled([writer?.end(), this.#readers.end()]);
  }

  async #read(read: Read): Promise<unknown> {
    const reader = await this.#readers.connect();
    let broken: unknown;
    try {
      return await runWork(reader, performRead(compiler, queries, read));
    } catch (error) {
      broken = error;
      throw error;
    } finally {
      reader.release(broken !== undefined && isConnectionTrouble(broken));
    }
  }

  /** As on SQLite: without savepoints, and once more with them when one of the writes has failed by itself. */
  async #applyOnce(writes: readonly Write[]): Promise<Settled[]> {
    const client = await this.#connected();
    try {
      return await this.#transaction(client, writes, () => this.#performAll(client, writes));
    } catch (error) {
      if (isStoreTrouble(error)) throw error;
      return this.#transaction(client, writes, () => this.#performApart(client, writes));
    }
  }

  async #transaction<T>(client: pg.Client, writes: readonly Write[], perform: () => Promise<T>): Promise<T> {
    try {
      // They are sent in this order, so that the first statements need not wait for the answers of these.
      const [begun, locked, performed] = await Promise.allSettled([
        client.query('begin'),
        takeLocks(client, locksOf(writes)),
        perform(),
      ]);
      if (begun.status === 'rejected') throw begun.reason;
      if (locked.status === 'rejected') throw locked.reason;
      if (performed.status === 'rejected') throw performed.reason;
      await client.query('commit');
      return performed.value;
    } catch (error) {
      await this.#rollBack(client, error);
      throw error;
    }
  }

  async #rollBack(client: pg.Client, error: unknown): Promise<void> {
    const failed = isConnectionTrouble(error)
      ? true
      : await client.query('rollback').then(
          () => false,
          () => true,
        );
    if (failed) this.#drop(client);
  }

  async #performAll(client: pg.Client, writes: readonly Write[]): Promise<Settled[]> {
    const { together, waves, alone } = arrange(writes);
    const settled: Settled[] = [];
    const keep = (those: readonly Indexed[], values: readonly unknown[]) =>
      those.forEach(({ index }, nth) => (settled[index] = { value: values[nth] }));
    for (const side of [together, ...waves]) {
      const works = side.map(({ write }) => performWrite(compiler, queries, write));
      keep(side, await runTogether(client, works));
    }
    for (const one of alone) keep([one], [await this.#perform(client, one.write)]);
    return settled;
  }

  async #performApart(client: pg.Client, writes: readonly Write[]): Promise<Settled[]> {
    const settled: Settled[] = [];
    for (const write of writes) {
      await client.query('savepoint write');
      try {
        settled.push({ value: await this.#perform(client, write) });
        await client.query('release write');
      } catch (error) {
        if (isStoreTrouble(error)) throw error;
        await client.query('rollback to write; release write');
        settled.push({ error: toStoreError(error) });
      }
    }
    return settled;
  }

  async #perform(client: pg.Client, write: Write): Promise<unknown> {
    const work: Work<unknown> = performWrite(compiler, queries, write);
    return runWork(client, work);
  }

  #connected(): Promise<pg.Client> {
    this.#writer ??= this.#connect();
    return this.#writer;
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...clientConfig(this.#options),
      query_timeout: WRITER_MS,
      pipeline: true,
    });
    client.on('error', () => this.#drop(client));
    client.on('end', () => this.#drop(client));
    try {
      await client.connect();
      await client.query(`select set_config('synchronous_commit', 'on', false)
        where current_setting('synchronous_commit') = 'off'`);
      return client;
    } catch (error) {
      this.#writer = null;
      throw error;
    }
  }

  /** The next batch makes a connection anew; what this one still holds is ended with it. */
  #drop(client: pg.Client): void {
    this.#writer?.then(
      (writer) => {
        if (writer === client) this.#writer = null;
      },
      // It is still connecting, and whoever waits for it hears why it could not.
      () => undefined,
    );
    client.end().catch(() => undefined);
  }
}
