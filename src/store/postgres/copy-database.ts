import pg from 'pg';
import { type CopyDatabase } from '../copy-database.js';
import { COPIED_TABLES, type CopiedTable, type Row } from '../copy-tables.js';
import { type Migrations } from '../migrations/migrations.js';
import { decodeText, encodeText } from '../text.js';
import { type SqlValue } from '../statement.js';
import { StoreRefusedError, StoreUnavailableError } from '../store.js';
import { clientConfig, placeOf } from './connection.js';
import { applyMigrations, prepareSchema, WITHOUT_TIMEOUTS } from './migrate.js';
import { messageOf } from './postgres-errors.js';
import { inspectServer } from './server-check.js';

/** Two copies into one database would meet. */
const COPY_LOCK = 'aftercall copy';
/** A process is heard of every five seconds. */
const SILENT_MS = 20_000;
const ARRAYS = { text: 'text[]', number: 'bigint[]', bytes: 'bytea[]' } as const;

/** Read as it was when it was opened, while no process works on it. @throws {StoreRefusedError} */
export async function openSourceDatabase(url: string, migrations: Migrations): Promise<CopyDatabase> {
  const options = { url, readOnly: true };
  await inspectServer(options);
  await prepareSchema(options, migrations);
  return open(url, async (client) => {
    await refuseRunning(client, placeOf(url));
    await client.query('begin isolation level repeatable read read only');
  });
}

/** It gets its schema; no process may work on it. @throws {StoreRefusedError} */
export async function openTargetDatabase(url: string, migrations: Migrations): Promise<CopyDatabase> {
  await inspectServer({ url });
  await applyMigrations({ url }, migrations);
  return open(url, async (client) => {
    await refuseRunning(client, placeOf(url));
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
      [COPY_LOCK],
    );
    if (rows[0]?.taken !== true)
      throw new StoreRefusedError(`${placeOf(url)}: another copy into this database is running`);
    // What a crash of the server takes away are the last pages, which a later run copies again.
    await client.query('set synchronous_commit = off');
  });
}

async function open(url: string, prepare: (client: pg.Client) => Promise<void>): Promise<CopyDatabase> {
  const client = new pg.Client(clientConfig({ url }));
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(WITHOUT_TIMEOUTS);
    await prepare(client);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error instanceof StoreRefusedError ? error : toTrouble(url, error);
  }
  return {
    dialect: 'postgres',
    place: placeOf(url),
    run: (query) => guarded(url, () => run(client, query.sql, query.parameters.map(toStored))),
    insert: (table, rows) => guarded(url, () => insert(client, table, rows)),
    settle: () => guarded(url, () => settle(client)),
    close: () => client.end().catch(() => undefined),
  };
}

async function run(client: pg.Client, text: string, values: unknown[]): Promise<Row[]> {
  const { rows } = await client.query<SqlValue[]>({ text, values, rowMode: 'array' });
  for (const row of rows)
    row.forEach((value, index) => (row[index] = typeof value === 'string' ? decodeText(value) : value));
  return rows;
}

/** A list for each column, so that the statement is the same for any number of rows. */
async function insert(client: pg.Client, table: CopiedTable, rows: readonly Row[]): Promise<void> {
  const { name, columns } = table;
  const names = columns.map((column) => `"${column.name}"`).join(', ');
  const lists = columns.map(({ kind }, index) => `$${index + 1}::${ARRAYS[kind]}`).join(', ');
  await client.query({
    name: `copy-${name}`,
    text: `insert into ${name} (${names}) select * from unnest(${lists})`,
    values: columns.map((_, index) => rows.map((row) => toStored(row[index]))),
  });
}

async function settle(client: pg.Client): Promise<void> {
  for (const { name, key } of COPIED_TABLES) {
    if (key[0] === 'seq')
      await client.query(
        `select setval(pg_get_serial_sequence('${name}', 'seq'), max(seq)) from ${name} having max(seq) is not null`,
      );
    await client.query(`analyze ${name}`);
  }
  // The next commit takes all before it to the disk.
  await client.query('set synchronous_commit = on');
}

async function refuseRunning(client: pg.Client, place: string): Promise<void> {
  const { rows } = await client.query<{ role: string; host: string }>(
    `select role, host from processes where seen_at > extract(epoch from clock_timestamp()) * 1000 - $1
     order by started_at limit 1`,
    [SILENT_MS],
  );
  const [running] = rows;
  if (running !== undefined)
    throw new StoreRefusedError(
      `${place}: a server is running on this database (${running.role} on ${running.host}); stop it first, ` +
        `and wait ${SILENT_MS / 1000} s if it was killed`,
    );
}

async function guarded<T>(url: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw toTrouble(url, error);
  }
}

function toTrouble(url: string, error: unknown): StoreUnavailableError {
  return new StoreUnavailableError(`${placeOf(url)}: ${messageOf(error)}`);
}

function toStored(value: unknown): unknown {
  return typeof value === 'string' ? encodeText(value) : value;
}
