import { type Kysely, type Migration, sql } from 'kysely';
import { type Dialect } from '../dialect.js';

/** Leases and the processes that run; what PostgreSQL needs to stay quick at ten million deliveries. */
export const fleet = (dialect: Dialect): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    await createLeases(db, dialect);
    await createProcesses(db, dialect);
    await sql`create index deliveries_sending on deliveries (lease_until) where state = 'sending'`.execute(
      db,
    );
    if (dialect.name === 'postgres') await tunePostgres(db);
  },
});

async function createLeases(db: Kysely<unknown>, { text }: Dialect): Promise<void> {
  await db.schema
    .createTable('leases')
    .addColumn('name', text, (column) => column.notNull().primaryKey())
    .addColumn('holder', text, (column) => column.notNull())
    .addColumn('lease_until', 'bigint', (column) => column.notNull())
    .execute();
}

async function createProcesses(db: Kysely<unknown>, { text }: Dialect): Promise<void> {
  await db.schema
    .createTable('processes')
    .addColumn('id', text, (column) => column.notNull().primaryKey())
    .addColumn('role', text, (column) => column.notNull())
    .addColumn('host', text, (column) => column.notNull())
    .addColumn('version', text, (column) => column.notNull())
    .addColumn('rule_set', text, (column) => column.notNull())
    .addColumn('lanes', text, (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .execute();
}

/**
 * Lists by rule or destination would walk millions of rows of others. Every delivery leaves several dead rows
 * behind, and by default nobody would clear them away before a fifth of the table is dead; claims would wade
 * through them.
 */
async function tunePostgres(db: Kysely<unknown>): Promise<void> {
  await narrowPartialIndexes(db);
  await sql`create index deliveries_rule on deliveries (rule, created_at, seq)`.execute(db);
  await sql`create index deliveries_destination on deliveries (destination, created_at, seq)`.execute(db);
  await sql`create index decisions_rule on decisions (rule, event_id)
    where verdict in ('fired', 'undecided', 'error')`.execute(db);
  await sql`alter table deliveries set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1)`.execute(db);
  for (const table of ['settings', 'leases', 'processes'])
    await sql`alter table ${sql.table(table)} set (fillfactor = 50, autovacuum_vacuum_threshold = 100)`.execute(
      db,
    );
  // A page of a list is no work for several; starting helpers takes longer than reading it.
  for (const table of ['events', 'decisions', 'deliveries'])
    await sql`alter table ${sql.table(table)} set (parallel_workers = 0)`.execute(db);
}

/**
 * PostgreSQL drops a condition that the index's own implies, and so does not use it to find the place in the index: with
 * the state in front it would read all that is pending for each destination. What is dead or held of one rule or
 * destination is looked for among millions that are delivered; few rows are in the indexes for that.
 */
async function narrowPartialIndexes(db: Kysely<unknown>): Promise<void> {
  await sql`drop index deliveries_due`.execute(db);
  await sql`create index deliveries_due on deliveries (destination, due_at, seq) where state = 'pending'`.execute(
    db,
  );
  await sql`drop index deliveries_trouble`.execute(db);
  const trouble = sql`where state in ('dead', 'held')`;
  await sql`create index deliveries_trouble on deliveries (updated_at) ${trouble}`.execute(db);
  await sql`create index deliveries_rule_trouble on deliveries (rule, state, created_at, seq) ${trouble}`.execute(
    db,
  );
  await sql`create index deliveries_destination_trouble on deliveries (destination, state, created_at, seq)
    ${trouble}`.execute(db);
}
