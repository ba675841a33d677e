import { type Migration } from 'kysely';
import { compilerFor } from '../compiler.js';
import { type Dialect } from '../dialect.js';

/** One statement of a migration. */
export interface MigrationStep {
  sql: string;
  /** What others notice of it while it runs, in words; null for nothing worth a word. */
  notice: string | null;
}

/**
 * What a migration would do, statement by statement.
 * @param made tables that are new and so empty; those that the migration makes are added
 */
export async function migrationSteps(
  migration: Migration,
  dialect: Dialect['name'],
  made: Set<string>,
): Promise<MigrationStep[]> {
  const statements: string[] = [];
  const recorder = compilerFor<unknown>(dialect, ({ query }) => void statements.push(query.sql));
  await migration.up(recorder);
  return statements.map((statement) => {
    const sql = statement.replace(/\s+/g, ' ');
    const [, table] = /^create table "?(\w+)/i.exec(sql) ?? [];
    if (table !== undefined) made.add(table);
    return { sql, notice: dialect === 'postgres' ? noticeOf(sql, made) : null };
  });
}

/** PostgreSQL adds columns and sets options without touching rows; it reads all of them for an index or another type. */
export function noticeOf(sql: string, made: ReadonlySet<string>): string | null {
  const [, indexed] = /^create (?:unique )?index .*? on "?(\w+)/i.exec(sql) ?? [];
  if (indexed !== undefined)
    return made.has(indexed) ? null : `writes to ${indexed} wait while this index is built`;
  const [, altered] = /^alter table "?(\w+)/i.exec(sql) ?? [];
  if (altered === undefined || made.has(altered)) return null;
  return / alter column .* type /i.test(sql)
    ? `rewrites every row of ${altered}; nobody reads or writes it meanwhile`
    : `needs ${altered} for itself for a moment`;
}
