import { type Kysely, type SqlBool, sql } from 'kysely';
import { type Database } from '../schema.js';
import { statement } from '../statement.js';

/** Rule sets and settings, which are kept by name. */
export function settingQueries(db: Kysely<Database>) {
  return {
    saveRuleSet: statement<{ fingerprint: string; content: string; now: number }>()((arg) =>
      db
        .insertInto('rule_sets')
        .values({ fingerprint: arg('fingerprint'), content: arg('content'), saved_at: arg('now') })
        .onConflict((conflict) => conflict.column('fingerprint').doNothing()),
    ),
    loadRuleSet: statement<{ fingerprint: string }>()((arg) =>
      db.selectFrom('rule_sets').select('content').where('fingerprint', '=', arg('fingerprint')),
    ),
    keepSetting: statement<{ key: string; value: string }>()((arg) =>
      db
        .insertInto('settings')
        .values({ key: arg('key'), value: arg('value') })
        .onConflict((conflict) => conflict.column('key').doNothing()),
    ),
    findSetting: statement<{ key: string }>()((arg) =>
      db.selectFrom('settings').select('value').where('key', '=', arg('key')),
    ),
    // Not `like`: whether it minds upper and lower case differs from database to database.
    findSettings: statement<{ prefix: string }>()((arg) =>
      db
        .selectFrom('settings')
        .select(['key', 'value'])
        .where(sql<SqlBool>`substr(key, 1, length(${arg('prefix')})) = ${arg('prefix')}`)
        .orderBy('key'),
    ),
    removeSetting: statement<{ key: string }>()((arg) =>
      db.deleteFrom('settings').where('key', '=', arg('key')),
    ),
    putSetting: statement<{ key: string; value: string }>()((arg) =>
      db
        .insertInto('settings')
        .values({ key: arg('key'), value: arg('value') })
        .onConflict((conflict) =>
          conflict.column('key').doUpdateSet({ value: (eb) => eb.ref('excluded.value') }),
        ),
    ),
  };
}
