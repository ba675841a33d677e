import { describe as always, it } from '@jest/globals';
import { missingPostgres, missingRedis } from '../support/services.js';

/** What the program runs on: SQLite with the queue inside the process, or PostgreSQL with BullMQ. */
export type Pair = 'sqlite' | 'postgres';

/** The pair of this run. Each project of `jest.config.js` sets it. */
export const pair: Pair = process.env.AFTERCALL_TEST_PAIR === 'postgres' ? 'postgres' : 'sqlite';

const missing = pair === 'postgres' ? ((await missingPostgres()) ?? (await missingRedis())) : null;
if (missing !== null) process.stderr.write(`skipped on PostgreSQL and BullMQ: ${missing}\n`);

type Describe = typeof always.only;

/** Skips where a server of the pair does not answer. */
export const describe: Describe = missing === null ? always : always.skip;

/** For what only SQLite does; titles say why it is not for the other pair. */
export const onSqlite = only('sqlite');
/** For what only PostgreSQL and BullMQ do. */
export const onPostgres = only('postgres');

function only(wanted: Pair): { describe: Describe; it: typeof it.only } {
  return pair === wanted ? { describe, it } : { describe: always.skip, it: it.skip };
}
