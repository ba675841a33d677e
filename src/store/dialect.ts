import {
  type ColumnDataType,
  type ColumnDefinitionBuilder,
  type RawBuilder,
  type SqlBool,
  sql,
} from 'kysely';

/** Everything in which the databases differ; queries and migrations are otherwise the same. */
export interface Dialect {
  name: 'sqlite' | 'postgres';
  /** Texts are compared byte by byte, whatever the locale of the database is. */
  text: ColumnDataType | RawBuilder<unknown>;
  bytes: ColumnDataType | RawBuilder<unknown>;
  /** Type of the key that counts insertions. */
  counter: ColumnDataType;
  countUp: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
  /** Stands at the end of a table whose key is all that finds its rows. */
  keyedOnly: RawBuilder<unknown>;
  noBytes: RawBuilder<Uint8Array>;
  /** Others wait until the transaction has ended before they change the rows of the table that were read. */
  lockRows: (table: string) => RawBuilder<unknown>;
  /** Rows that somebody else is changing are passed by. */
  skipLocked: RawBuilder<unknown>;
  /** The time by which leases are measured; `now` is the clock of this process. */
  clock: (now: RawBuilder<number>) => RawBuilder<number>;
  /** Whether nobody holds a delivery in `sending` any more. */
  leaseEnded: RawBuilder<SqlBool>;
}

const nothing = sql``;

/** One process at a time: it locks the file, and what it finds `sending` at its start is left over. */
export const sqlite: Dialect = {
  name: 'sqlite',
  text: 'text',
  bytes: 'blob',
  // Only a column declared exactly `integer primary key` is the row id.
  counter: 'integer',
  countUp: (column) => column,
  keyedOnly: sql`without rowid`,
  noBytes: sql`x''`,
  lockRows: () => nothing,
  skipLocked: nothing,
  clock: (now) => now,
  leaseEnded: sql`1 = 1`,
};

/** Milliseconds since the epoch. Clocks of machines differ, so that leases go by the one they have in common. */
const POSTGRES_CLOCK = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

export const postgres: Dialect = {
  name: 'postgres',
  // An index under a locale breaks when the system's locale is updated.
  text: sql`text collate "C"`,
  bytes: 'bytea',
  counter: 'bigint',
  countUp: (column) => column.generatedByDefaultAsIdentity(),
  keyedOnly: nothing,
  noBytes: sql`''::bytea`,
  lockRows: (table) => sql`for update of ${sql.ref(table)}`,
  skipLocked: sql`for update skip locked`,
  clock: () => POSTGRES_CLOCK,
  leaseEnded: sql`coalesce(lease_until, 0) <= ${POSTGRES_CLOCK}`,
};
