import { type Kysely, type Migration, sql } from 'kysely';
import { type Dialect } from '../dialect.js';

/** Who may be reached and who was, what a call followed from, digests, and follow-ups that are planned once. */
export const followUps = (dialect: Dialect): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    await widenEvents(db, dialect);
    await widenDeliveries(db, dialect);
    await createStops(db, dialect);
    await createReaches(db, dialect);
    await createOnce(db, dialect);
  },
});

async function widenEvents(db: Kysely<unknown>, { name: database, text }: Dialect): Promise<void> {
  for (const name of ['cause', 'root', 'call_status'])
    await db.schema.alterTable('events').addColumn(name, text).execute();
  await db.schema
    .alterTable('events')
    .addColumn('call_missed', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  if (database === 'sqlite') await coverCalls(db);
}

/**
 * The new columns stand behind the bytes, through which SQLite would read for every call of a contact: here it finds all
 * that is counted in the index. PostgreSQL keeps long bytes elsewhere, and takes no long keys.
 */
async function coverCalls(db: Kysely<unknown>): Promise<void> {
  await sql`drop index events_contact`.execute(db);
  await sql`create index events_contact on events (contact, received_at, seq, scope, status, source, event_kind,
    call_id, revision, call_status, call_missed) where contact is not null`.execute(db);
}

async function widenDeliveries(db: Kysely<unknown>, { text }: Dialect): Promise<void> {
  for (const name of ['channel', 'digest_key', 'digest_head'])
    await db.schema.alterTable('deliveries').addColumn(name, text).execute();
  await db.schema
    .alterTable('deliveries')
    .addColumn('try_number', 'integer', (column) => column.notNull().defaultTo(1))
    .execute();
  await sql`create index deliveries_digest on deliveries (rule, action, digest_key, due_at)
    where digest_key is not null and state in ('pending', 'sending')`.execute(db);
  await sql`create index deliveries_digest_head on deliveries (digest_head)
    where digest_head is not null`.execute(db);
}

async function createStops(db: Kysely<unknown>, { text, keyedOnly }: Dialect): Promise<void> {
  await db.schema
    .createTable('stops')
    .addColumn('scope', text, (column) => column.notNull())
    .addColumn('contact', text, (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addColumn('reason', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('stops_key', ['scope', 'contact'])
    .modifyEnd(keyedOnly)
    .execute();
}

async function createReaches(db: Kysely<unknown>, { text, keyedOnly }: Dialect): Promise<void> {
  await db.schema
    .createTable('reaches')
    .addColumn('delivery_id', text, (column) => column.notNull())
    .addColumn('scope', text, (column) => column.notNull())
    .addColumn('contact', text, (column) => column.notNull())
    .addColumn('channel', text, (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('root', text)
    .addPrimaryKeyConstraint('reaches_key', ['delivery_id', 'contact'])
    .modifyEnd(keyedOnly)
    .execute();
  await sql`create index reaches_contact on reaches (contact, scope, at)`.execute(db);
  await sql`create index reaches_root on reaches (root) where root is not null`.execute(db);
  await sql`create index reaches_age on reaches (at)`.execute(db);
}

async function createOnce(db: Kysely<unknown>, { text, keyedOnly }: Dialect): Promise<void> {
  await db.schema
    .createTable('once')
    .addColumn('scope', text, (column) => column.notNull())
    .addColumn('rule', text, (column) => column.notNull())
    .addColumn('action', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('delivery_id', text, (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('until_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('once_key', ['scope', 'rule', 'action', 'key'])
    .modifyEnd(keyedOnly)
    .execute();
  await sql`create index once_until on once (until_at)`.execute(db);
}
