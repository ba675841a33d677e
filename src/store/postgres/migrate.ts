import { Kysely, type Migration, Migrator, PostgresDialect } from 'kysely';
import pg from 'pg';
import { type Migrations } from '../migrations/migrations.js';
import { StoreRefusedError } from '../store.js';
import { clientConfig, type ConnectionOptions, placeOf } from './connection.js';
import { messageOf } from './postgres-errors.js';
import { withClient } from './server-check.js';

/** One for all processes that start on one database. */
const MIGRATION_LOCK = 'aftercall migrations';
/** Indexes over millions of rows take their time, and those who wait for us wait as long. */
const WITHOUT_TIMEOUTS =
  'set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0';

/** What a database has of the migrations of this program. */
export interface SchemaState {
  applied: string[];
  /** In the order in which they run. */
  missing: string[];
  /** Names that this program does not know. */
  unknown: string[];
  /** No migration ran here, and tables of the same names are there already. */
  isForeign: boolean;
}

/**
 * Makes the schema in an empty database, once, however many processes start together.
 * @throws {StoreRefusedError} for a schema that is older or newer than this program's.
 */
export async function prepareSchema(options: ConnectionOptions, migrations: Migrations): Promise<void> {
  const place = placeOf(options.url);
  const found = await readSchema(options, migrations);
  if (found.applied.length === 0 && options.readOnly !== true) return applyMigrations(options, migrations);
  refuseNewer(place, found, migrations);
  if (found.applied.length === 0) throw new StoreRefusedError(`${place}: the database is empty`);
  if (found.missing.length > 0)
    throw new StoreRefusedError(
      `${place}: made by an older version; it lacks ${found.missing.join(', ')}: ` +
        'look with `aftercall migrate plan`, then run `aftercall migrate apply`',
    );
}

/** Brings the schema to that of this program. @throws {StoreRefusedError} */
export async function applyMigrations(options: ConnectionOptions, migrations: Migrations): Promise<void> {
  const place = placeOf(options.url);
  await withClient(options, async (client) => {
    await client.query(WITHOUT_TIMEOUTS);
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [MIGRATION_LOCK]);
    // Another process may have done it while this one waited.
    const found = await readSchema(options, migrations);
    refuseNewer(place, found, migrations);
    if (found.isForeign)
      throw new StoreRefusedError(
        `${place}: there are tables in it that are not Aftercall's; take an empty database or schema`,
      );
    if (found.missing.length > 0) await run(options, migrations);
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
    const known = Object.keys(migrations).sort();
    return {
      applied,
      missing: known.filter((name) => !applied.includes(name)),
      unknown: applied.filter((name) => !known.includes(name)),
      isForeign: applied.length === 0 && typeof tables[0]?.events === 'string',
    };
  });
}

function refuseNewer(place: string, { unknown }: SchemaState, migrations: Migrations): void {
  const [newest] = unknown.slice(-1);
  if (newest === undefined) return;
  throw new StoreRefusedError(
    `${place}: made by a newer version (it has ${newest}, this version knows up to ` +
      `${Object.keys(migrations).sort().at(-1) ?? 'nothing'}); run that version or take another database`,
  );
}
