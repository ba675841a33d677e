import { type CompiledQuery, type RawBuilder, type SqlBool, sql } from 'kysely';
import { compilerFor } from '../compiler.js';
import { type CopiedTable, type Key } from '../copy-tables.js';
import { type Dialect } from '../dialect.js';

/** Settings of a database that a copy goes into: while it is under way, and afterwards. */
export const COPY_SOURCE = 'copy.source';
export const COPY_DONE = 'copy.done';

/** Settings that say something about one database, and not about what is kept in it. */
const OWN_SETTINGS = ['heartbeat', COPY_SOURCE, COPY_DONE];

/** A page is over after so many rows, or with the row that passes so many bytes of texts and blobs. */
export interface PageLimits {
  rows: number;
  bytes: number;
}

/** The same on every database, save for the placeholders. */
export function copyQueries(dialect: Dialect['name']) {
  const compiler = compilerFor<unknown>(dialect);
  const compile = (query: RawBuilder<unknown>): CompiledQuery => query.compile(compiler);
  return {
    /** Rows behind a key, in the order of the keys. */
    page: (table: CopiedTable, after: Key | null, limits: PageLimits) =>
      compile(selectPage(table, after, limits)),
    highestKey: (table: CopiedTable) =>
      compile(
        sql`select ${refs(table.key)} from ${sql.table(table.name)} where ${isCopied(table)}
          order by ${sql.join(table.key.map((name) => sql`${sql.ref(name)} desc`))} limit 1`,
      ),
    count: (table: CopiedTable) =>
      compile(sql`select count(*) from ${sql.table(table.name)} where ${isCopied(table)}`),
    any: (table: CopiedTable) =>
      compile(sql`select 1 from ${sql.table(table.name)} where ${isCopied(table)} limit 1`),
    firstEvent: () => compile(sql`select seq, id, content_hash from events order by seq limit 1`),
    firstRuleSet: () =>
      compile(sql`select fingerprint from rule_sets order by saved_at, fingerprint limit 1`),
    marker: (key: string) => compile(sql`select value from settings where key = ${key}`),
    putMarker: (key: string, value: string) =>
      compile(sql`insert into settings (key, value) values (${key}, ${value})`),
    replaceMarker: (from: string, to: string, value: string) =>
      compile(sql`update settings set key = ${to}, value = ${value} where key = ${from}`),
  };
}

function refs(names: readonly string[]): RawBuilder<unknown> {
  return sql.join(names.map((name) => sql.ref(name)));
}

function isCopied({ name }: CopiedTable): RawBuilder<SqlBool> {
  return name === 'settings' ? sql`key not in (${sql.join(OWN_SETTINGS)})` : sql`1 = 1`;
}

function selectPage(table: CopiedTable, after: Key | null, limits: PageLimits): RawBuilder<unknown> {
  const { name, columns, key } = table;
  const all = columns.map((column) => column.name);
  const sizes = columns
    .filter(({ kind }) => kind !== 'number')
    .map((column) => sql`coalesce(octet_length(${sql.ref(column.name)}), 0)`);
  const isBehind = after === null ? sql`1 = 1` : sql`(${refs(key)}) > (${sql.join(after)})`;
  return sql`select ${refs(all)} from (
      select ${refs(all)}, size, sum(size) over (order by ${refs(key)} rows unbounded preceding) as seen from (
        select ${refs(all)}, ${sql.join(sizes, sql` + `)} as size from ${sql.table(name)}
        where ${isCopied(table)} and ${isBehind} order by ${refs(key)} limit ${sql.lit(limits.rows)}
      ) as page
    ) as sized where seen - size < ${sql.lit(limits.bytes)} order by ${refs(key)}`;
}
