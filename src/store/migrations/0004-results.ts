import { type Kysely, type Migration, sql } from 'kysely';
import { type Dialect } from '../dialect.js';

/** Deliveries that wait for the result of others, and what adapters keep. */
export const results = (dialect: Dialect): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    for (const flag of ['may_have_arrived', 'needed'])
      await db.schema
        .alterTable('deliveries')
        .addColumn(flag, 'integer', (column) => column.notNull().defaultTo(0))
        .execute();
    await createNeeds(db, dialect);
    await createLinks(db, dialect);
  },
});

async function createNeeds(db: Kysely<unknown>, { text, keyedOnly }: Dialect): Promise<void> {
  await db.schema
    .createTable('needs')
    .addColumn('delivery_id', text, (column) => column.notNull().references('deliveries.id'))
    .addColumn('needed_id', text, (column) => column.notNull().references('deliveries.id'))
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('needs_key', ['delivery_id', 'needed_id'])
    .modifyEnd(keyedOnly)
    .execute();
  await sql`create index needs_needed on needs (needed_id)`.execute(db);
}

async function createLinks(db: Kysely<unknown>, { text, keyedOnly }: Dialect): Promise<void> {
  await db.schema
    .createTable('links')
    .addColumn('scope', text, (column) => column.notNull())
    .addColumn('destination', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('value', text, (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('links_key', ['scope', 'destination', 'key'])
    .modifyEnd(keyedOnly)
    .execute();
  await sql`create index links_age on links (updated_at)`.execute(db);
}
