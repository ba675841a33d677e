import { Redis } from 'ioredis';
import pg from 'pg';
import { createDatabase, redisWithPrefix } from '../test/support/services.js';
import { type ServerProcess, freePort, startServer } from '../test/support/server-process.js';
import { type Groups } from './proc.js';
import { type Workspace, TOKEN, benchRules, createWorkspace } from './workspace.js';

/** How many processes of role `all` work together, and on what. */
export interface FleetShape {
  store: 'sqlite' | 'postgres';
  /** Whether Redis wakes them. */
  queue: boolean;
  processes: number;
}

/** What the store and Redis hold at a moment. */
export interface Holdings {
  /** Of the log that PostgreSQL writes ahead, since its beginning. */
  walBytes: number;
  databaseBytes: number;
  redisKeys: number;
}

export interface Fleet {
  ports: number[];
  /** Lets the destination be sent to, or not. */
  enable(enabled: boolean): Promise<void>;
  /** Whose CPU time is told apart. */
  groups: Groups & { servers: Groups[string] };
  holdings(): Promise<Holdings>;
  end(): Promise<void>;
}

const STARTED_WITHIN_MS = 60_000;

/** A fleet with one destination and 20 rules, one of which fires; on a database and a key prefix of its own. */
export async function startFleet(
  shape: FleetShape,
  sink: { url: string },
  concurrency: number,
): Promise<Fleet> {
  const workspace = await createWorkspace();
  const database = shape.store === 'postgres' ? await createDatabase() : null;
  const redis = shape.queue ? redisWithPrefix() : null;
  const storage = database?.url ?? `sqlite:${workspace.dir}/bench.db`;
  // Without Redis each process keeps the limit for itself.
  const each = Math.ceil(concurrency / (redis === null ? shape.processes : 1));
  const enable = (enabled: boolean) =>
    workspace.write(
      {
        ...{ storage, ...(redis === null ? {} : { queue: redis.url }) },
        sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
        destinations: { sink: { kind: 'http', url: `${sink.url}/ours`, concurrency: each, enabled } },
        egress: { allow: ['127.0.0.1/32'] },
      },
      benchRules(20, 1),
    );
  await enable(false);
  const servers = await startServers(workspace, shape.processes);
  const watch = await openWatch(database?.url ?? null, redis);
  return {
    ports: servers.map(({ url }) => Number(new URL(url).port)),
    enable,
    groups: { servers: () => Promise.resolve(servers.map(({ pid }) => pid)), ...watch.groups },
    holdings: watch.holdings,
    end: async () => {
      await Promise.all(servers.map((server) => server.end()));
      await watch.close();
      await redis?.clear();
      await database?.drop();
      await workspace.remove();
    },
  };
}

async function startServers(workspace: Workspace, count: number): Promise<ServerProcess[]> {
  const ports: number[] = [];
  for (let nth = 0; nth < count; nth += 1) ports.push(await freePort());
  const common = { cwd: workspace.dir, env: { AFTERCALL_LOG_LEVEL: 'error' }, readyPath: '/health/ready' };
  return Promise.all(ports.map((port) => startServer({ ...common, port, readyWithinMs: STARTED_WITHIN_MS })));
}

/** Connections of our own, from which the figures of PostgreSQL and Redis are read. */
async function openWatch(databaseUrl: string | null, redis: { url: string; prefix: string } | null) {
  const client = databaseUrl === null ? null : new pg.Client({ connectionString: databaseUrl });
  await client?.connect();
  const link = redis === null ? null : new Redis(redis.url.replace(/\?.*/, ''));
  const one = async (sql: string) => Number((await client?.query<{ is: string }>(sql))?.rows[0]?.is ?? 0);
  return {
    groups: {
      ...(client && { PostgreSQL: () => backendsOf(client) }),
      ...(link && { Redis: async () => [Number(/process_id:(\d+)/.exec(await link.info('server'))?.[1])] }),
    },
    holdings: async (): Promise<Holdings> => ({
      walBytes: await one(`select pg_current_wal_lsn() - '0/0' as is`),
      databaseBytes: await one('select pg_database_size(current_database()) as is'),
      redisKeys: link && redis ? await countKeys(link, redis.prefix) : 0,
    }),
    close: async () => {
      await client?.end();
      link?.disconnect();
    },
  };
}

/** Those of this database, and what the server does for all: the log, checkpoints, vacuum. */
async function backendsOf(client: pg.Client): Promise<number[]> {
  const { rows } = await client.query<{ pid: number }>(
    'select pid from pg_stat_activity where datname = current_database() or datname is null',
  );
  return rows.map(({ pid }) => pid);
}

async function countKeys(link: Redis, prefix: string): Promise<number> {
  let count = 0;
  for await (const keys of link.scanStream({ match: `${prefix}:*`, count: 1_000 }))
    count += (keys as string[]).length;
  return count;
}
