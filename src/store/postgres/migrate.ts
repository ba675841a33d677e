import { Kysely, type Migration, Migrator, PostgresDialect } from 'kysely';
import pg from 'pg';
import { type Migrations } from '../migrations/migrations.js';
import { refuseUnfinished } from '../copy-marker.js';
import { COPY_SOURCE } from '../queries/copy-queries.js';
import { compareSchema, refuseForeign, refuseNewer, type SchemaState } from '../schema-state.js';
import { StoreRefusedError } from '../store.js';
import { clientConfig, type ConnectionOptions, placeOf } from './connection.js';
import { messageOf } from './postgres-errors.js';
import { withClient } from './server-check.js';

/** One for all processes that start on one database. */
const MIGRATION_LOCK = 'aftercall migrations';
/** Indexes over millions of rows take their time, and those who wait for us wait as long. */
export const WITHOUT_TIMEOUTS =
  'set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0';

interface PrepareOptions extends ConnectionOptions {
  /** An empty database stays empty and is refused. */
  mustExist?: boolean;
}

/**
 * Makes the schema in an empty database, once, however many processes start together.
 * @throws {StoreRefusedError} for a schema that is older or newer than this program's, or a copy that is not whole.
 */
export async function prepareSchema(options: PrepareOptions, migrations: Migrations): Promise<void> {
  const place = placeOf(options.url);
  const found = await readSchema(options, migrations);
  if (found.applied.length === 0 && options.readOnly !== true && options.mustExist !== true)
    return void (await applyMigrations(options, migrations));
  refuseNewer(place, found, migrations, 'database');
  if (found.applied.length === 0) throw new StoreRefusedError(`${place}: the database is empty`);
  if (found.missing.length > 0)
    throw new StoreRefusedError(
      `${place}: made by an older version; it lacks ${found.missing.join(', ')}: ` +
        'look with `aftercall migrate plan`, then run `aftercall migrate apply`',
    );
  await refuseUnfinishedCopy(options);
}

/** Half a store would send half of what is due, and make the other half impossible to copy. */
async function refuseUnfinishedCopy(options: ConnectionOptions): Promise<void> {
  const marker = await withClient(options, async (client) => {
    const { rows } = await client.query<{ value: string }>('select value from settings where key = $1', [
      COPY_SOURCE,
    ]);
    return rows[0]?.value ?? null;
  });
  refuseUnfinished(placeOf(options.url), marker);
}

/** Brings the schema to that of this program; answers what was missing. @throws {StoreRefusedError} */
export async function applyMigrations(options: ConnectionOptions, migrations: Migrations): Promise<string[]> {
  const place = placeOf(options.url);
  return withClient(options, async (client) => {
    await client.query(WITHOUT_TIMEOUTS);
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [MIGRATION_LOCK]);
    // Another process may have done it while this one waited.
    const found = await readSchema(options, migrations);
    refuseNewer(place, found, migrations, 'database');
    refuseForeign(place, found, 'database or schema');
    if (found.missing.length > 0) await run(options, migrations);
    return found.missing;
  });
}

/** @throws {StoreRefusedError} when a step fails; everything is as it was then. */
async function run(options: ConnectionOptions, migrations: Migrations): Promise<void> {
  const pool = new pg.Pool({ ...clientConfig(options), max: 1 });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => void client.query(WITHOUT_TIMEOUTS));
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  const provider = { getMigrations: () => Promise.resolve<Record<string, Migration>>({ ...migrations }) };
  try {
    const { error } = await new Migrator({ db, provider }).migrateToLatest();
    if (error !== undefined)
      throw new StoreRefusedError(
        `${placeOf(options.url)}: could not be brought up to date: ${messageOf(error)}`,
      );
  } finally {
    await db.destroy();
  }
}

export async function readSchema(options: ConnectionOptions, migrations: Migrations): Promise<SchemaState> {
  return withClient(options, async (client) => {
    const { rows: tables } = await client.query<{ migrations: string | null; events: string | null }>(
      `select to_regclass('kysely_migration')::text as migrations, to_regclass('events')::text as events`,
    );
    const hasHistory = typeof tables[0]?.migrations === 'string';
    const { rows } = hasHistory
      ? await client.query<{ name: string }>('select name from kysely_migration order by name')
      : { rows: [] };
    const applied = rows.map(({ name }) => name);
    return compareSchema(applied, migrations, typeof tables[0]?.events === 'string');
  });
}
