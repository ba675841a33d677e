import Database from 'better-sqlite3';
import { join } from 'node:path';
import pg from 'pg';
import { createDatabase, redisWithPrefix } from '../support/services.js';
import { type Pair } from './pair.js';

/** Where the server of a trial keeps things. */
export interface TrialStore {
  /** What stands in `aftercall.yaml` for it; nothing where the defaults do. */
  settings: { storage?: string; queue?: string };
  /** Looks into it from beside; `?` stands for a value. Whole numbers come as numbers, bytes as buffers. */
  rows<Row>(sql: string, values: unknown[]): Promise<Row[]>;
  remove(): Promise<void>;
}

export function createTrialStore(pair: Pair, dir: string): Promise<TrialStore> {
  return pair === 'sqlite' ? Promise.resolve(sqliteStore(dir)) : postgresStore();
}

/** The default file below the trial's folder, which is removed with that folder. */
function sqliteStore(dir: string): TrialStore {
  return {
    settings: {},
    // eslint-disable-next-line @typescript-eslint/require-await -- so that a missing file rejects
    rows: async <Row>(sql: string, values: unknown[]) => {
      const database = new Database(join(dir, 'data', 'aftercall.db'), { readonly: true });
      try {
        return database.prepare(sql).all(...values) as Row[];
      } finally {
        database.close();
      }
    },
    remove: () => Promise.resolve(),
  };
}

async function postgresStore(): Promise<TrialStore> {
  const database = await createDatabase();
  const redis = redisWithPrefix();
  const pool = new pg.Pool({
    connectionString: database.url,
    max: 1,
    types,
  });
  // A connection that idles while its server goes away is none of the test's business.
  pool.on('error', () => undefined);
  return {
    settings: { storage: database.url, queue: redis.url },
    rows: async <Row>(sql: string, values: unknown[]) =>
      (await pool.query(numbered(sql), values)).rows as Row[],
    remove: async () => {
      await pool.end();
      await Promise.all([database.drop(), redis.clear()]);
    },
  };
}

/** `pg` gives what may be beyond 2^53 as text; no count and no time of a test is. */
const types = new pg.TypeOverrides();
for (const oid of [pg.types.builtins.INT8, pg.types.builtins.NUMERIC]) types.setTypeParser(oid, Number);

function numbered(sql: string): string {
  let count = 0;
  return sql.replace(/\?/g, () => `$${(count += 1)}`);
}
