import { type Kysely, type Migration, sql } from 'kysely';
import { type Dialect } from '../dialect.js';

/** Order per contact, released deliveries, pruned bodies, alerts, and the indexes that looking at trouble needs. */
export const trust = (dialect: Dialect): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    await widenDeliveries(db, dialect);
    await widenEvents(db);
    await createAlerts(db, dialect);
  },
});

// An index that is not partial costs every insert; these hold the few rows that are looked for.
async function widenDeliveries(db: Kysely<unknown>, { text }: Dialect): Promise<void> {
  await db.schema
    .alterTable('deliveries')
    .addColumn('ordered', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.alterTable('deliveries').addColumn('release', text).execute();
  // The state stands in it because SQLite would else take deliveries_state.
  await sql`create index deliveries_trouble on deliveries (state, updated_at)
    where state in ('dead', 'held')`.execute(db);
  await sql`create index deliveries_ordered on deliveries (destination, scope, contact, seq)
    where ordered = 1 and state in ('pending', 'sending')`.execute(db);
}

async function widenEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('events').addColumn('body_pruned_at', 'bigint').execute();
  await sql`create index events_quarantined on events (received_at)
    where status = 'quarantined'`.execute(db);
  await sql`create index events_contact on events (contact, received_at, seq)
    where contact is not null`.execute(db);
}

async function createAlerts(db: Kysely<unknown>, { text }: Dialect): Promise<void> {
  await db.schema
    .createTable('alerts')
    .addColumn('id', text, (column) => column.notNull().primaryKey())
    .addColumn('entry', 'integer', (column) => column.notNull())
    .addColumn('destination', text, (column) => column.notNull())
    .addColumn('cause', text, (column) => column.notNull())
    .addColumn('reason', text, (column) => column.notNull())
    .addColumn('line', text, (column) => column.notNull())
    .addColumn('count', 'integer', (column) => column.notNull())
    .addColumn('passed_before', 'integer', (column) => column.notNull())
    .addColumn('passed_over', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('attempt_count', 'integer', (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('settled_at', 'bigint')
    .execute();
  await sql`create index alerts_cause on alerts (entry, cause, created_at)`.execute(db);
  await sql`create index alerts_due on alerts (due_at) where state = 'pending'`.execute(db);
  await sql`create index alerts_settled on alerts (settled_at) where settled_at is not null`.execute(db);
}
