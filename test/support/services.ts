import { Redis } from 'ioredis';
import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** The servers that tests use, each run with a database and a key prefix of its own. */
const POSTGRES = process.env.AFTERCALL_TEST_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const REDIS = process.env.AFTERCALL_TEST_REDIS ?? 'redis://127.0.0.1:6379';

/** A database that is there for one test file or run. */
export interface TestDatabase {
  url: string;
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>;
}

/** Makes an empty database. @throws {Error} when no server answers. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `aftercall_test_${process.pid}_${randomBytes(6).toString('hex')}`;
  await query(POSTGRES, `create database ${name}`);
  const url = new URL(POSTGRES);
  url.pathname = `/${name}`;
  const drop = () => query(POSTGRES, `drop database if exists ${name} with (force)`);
  return { url: url.href, drop };
}

/** Address of the Redis server with a prefix that nobody else uses, as it stands behind `queue:`. */
export function redisWithPrefix(): { url: string; prefix: string; clear(): Promise<void> } {
  const prefix = `aftercall-test-${process.pid}-${randomBytes(6).toString('hex')}`;
  return { url: `${REDIS}?prefix=${prefix}`, prefix, clear: () => removeKeys(prefix) };
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function removeKeys(prefix: string): Promise<void> {
  const redis = new Redis(REDIS);
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 1_000 }))
      if ((keys as string[]).length > 0) await redis.unlink(...(keys as string[]));
  } finally {
    redis.disconnect();
  }
}

/** Null when it answers, else why the tests that need it are skipped. In CI a missing server is a failure. */
async function missing(name: string, ask: () => Promise<unknown>): Promise<string | null> {
  try {
    await ask();
    return null;
  } catch (error) {
    const why = `${name} does not answer: ${error instanceof Error ? error.message : String(error)}`;
    if (process.env.CI) throw new Error(why, { cause: error });
    return why;
  }
}

export const missingPostgres = (): Promise<string | null> =>
  missing('PostgreSQL', () => query(POSTGRES, 'select 1'));

export const missingRedis = (): Promise<string | null> =>
  missing('Redis', async () => {
    const redis = new Redis(REDIS, { lazyConnect: true, retryStrategy: () => null });
    try {
      await redis.connect();
      await redis.ping();
    } finally {
      redis.disconnect();
    }
  });
