import { type ColumnDefinitionBuilder, type Kysely, type Migration, sql } from 'kysely';
import { type Dialect } from '../dialect.js';

/** Everything the first version keeps. A migration that was released is never edited: write the next one. */
export const start = (dialect: Dialect): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    await createRuleSets(db, dialect);
    await createEvents(db, dialect);
    await createDecisions(db, dialect);
    await createDeliveries(db, dialect);
    await createAttempts(db, dialect);
    await createContacts(db, dialect);
    await createSettings(db, dialect);
  },
});

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();
const key = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull().primaryKey();

async function createRuleSets(db: Kysely<unknown>, { text }: Dialect): Promise<void> {
  await db.schema
    .createTable('rule_sets')
    .addColumn('fingerprint', text, key)
    .addColumn('content', text, required)
    .addColumn('saved_at', 'bigint', required)
    .execute();
}

async function createEvents(db: Kysely<unknown>, { text, bytes, counter, countUp }: Dialect): Promise<void> {
  await db.schema
    .createTable('events')
    .addColumn('seq', counter, (column) => countUp(key(column)))
    .addColumn('id', text, (column) => column.notNull().unique())
    .addColumn('source', text, required)
    .addColumn('event_kind', text, required)
    .addColumn('call_id', text)
    .addColumn('content_hash', text, required)
    .addColumn('revision', 'integer', required)
    .addColumn('status', text, required)
    .addColumn('received_at', 'bigint', required)
    .addColumn('scope', text, required)
    .addColumn('contact', text)
    .addColumn('labels', text, required)
    .addColumn('content_type', text)
    .addColumn('problems', text, required)
    .addColumn('rule_set', text, required)
    .addColumn('raw', bytes, required)
    .execute();
  // The identity of a call. The call id stands first, so that it can be looked up without its source.
  await sql`create unique index events_identity on events (call_id, source, event_kind, content_hash)
    where call_id is not null`.execute(db);
  await sql`create index events_newest on events (received_at, seq)`.execute(db);
}

async function createDecisions(db: Kysely<unknown>, { text, keyedOnly }: Dialect): Promise<void> {
  await db.schema
    .createTable('decisions')
    .addColumn('event_id', text, (column) => column.notNull().references('events.id'))
    .addColumn('position', 'integer', required)
    .addColumn('rule', text, required)
    .addColumn('verdict', text, required)
    .addColumn('shadow', 'integer', required)
    .addColumn('because', text, required)
    .addPrimaryKeyConstraint('decisions_key', ['event_id', 'position'])
    .modifyEnd(keyedOnly)
    .execute();
}

async function createDeliveries(db: Kysely<unknown>, { text, counter, countUp }: Dialect): Promise<void> {
  await db.schema
    .createTable('deliveries')
    .addColumn('seq', counter, (column) => countUp(key(column)))
    .addColumn('id', text, (column) => column.notNull().unique())
    .addColumn('event_id', text, (column) => column.notNull().references('events.id'))
    .addColumn('rule', text, required)
    .addColumn('action', text, required)
    .addColumn('destination', text, required)
    .addColumn('kind', text, required)
    .addColumn('operation', text, required)
    .addColumn('state', text, required)
    .addColumn('reason', text)
    .addColumn('due_at', 'bigint', required)
    .addColumn('on_revision', text, required)
    .addColumn('scope', text, required)
    .addColumn('contact', text)
    .addColumn('attempt_count', 'integer', required)
    .addColumn('charged_count', 'integer', required)
    .addColumn('rule_set', text, required)
    .addColumn('fence', 'integer', required)
    .addColumn('lease_until', 'bigint')
    .addColumn('last_outcome', text)
    .addColumn('supersedes', text)
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .addColumn('progress', text)
    .addColumn('input', text)
    .execute();
  // The state stands in it, though it is always the same, because SQLite would else take deliveries_state.
  await sql`create index deliveries_due on deliveries (state, destination, due_at, seq)
    where state = 'pending'`.execute(db);
  await sql`create index deliveries_event on deliveries (event_id)`.execute(db);
  await sql`create index deliveries_newest on deliveries (created_at, seq)`.execute(db);
  await sql`create index deliveries_state on deliveries (state, created_at, seq)`.execute(db);
  await sql`create index deliveries_contact on deliveries (contact, created_at, seq)
    where contact is not null`.execute(db);
}

async function createAttempts(db: Kysely<unknown>, { text, keyedOnly }: Dialect): Promise<void> {
  await db.schema
    .createTable('attempts')
    .addColumn('delivery_id', text, (column) => column.notNull().references('deliveries.id'))
    .addColumn('number', 'integer', required)
    .addColumn('started_at', 'bigint', required)
    .addColumn('duration_ms', 'integer', required)
    .addColumn('outcome', text, required)
    .addColumn('reason', text)
    .addColumn('message', text)
    .addColumn('http_status', 'integer')
    .addColumn('receipt', text)
    .addPrimaryKeyConstraint('attempts_key', ['delivery_id', 'number'])
    .modifyEnd(keyedOnly)
    .execute();
}

async function createContacts(db: Kysely<unknown>, { text, keyedOnly }: Dialect): Promise<void> {
  await db.schema
    .createTable('contacts')
    .addColumn('scope', text, required)
    .addColumn('phone', text, required)
    .addColumn('first_seen_at', 'bigint', required)
    .addColumn('last_seen_at', 'bigint', required)
    .addPrimaryKeyConstraint('contacts_key', ['scope', 'phone'])
    .modifyEnd(keyedOnly)
    .execute();
}

async function createSettings(db: Kysely<unknown>, { text }: Dialect): Promise<void> {
  await db.schema
    .createTable('settings')
    .addColumn('key', text, key)
    .addColumn('value', text, required)
    .execute();
}
