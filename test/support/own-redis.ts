import { Redis } from 'ioredis';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './server-process.js';

/** A Redis server that belongs to one test and keeps nothing on disk: stopped, it has forgotten everything. */
export interface OwnRedis {
  /** As it stands behind `queue:`. */
  url: string;
  start(): Promise<void>;
  /** `kill` is SIGKILL; `orderly` lets it say goodbye to its clients. */
  stop(how: 'kill' | 'orderly'): Promise<void>;
  /** Removes every key. */
  flushAll(): Promise<void>;
  /** Answers nobody for so long. */
  pause(ms: number): Promise<void>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

const STARTED_WITHIN_MS = 20_000;

/** Null when a server can be started, else why not. In CI that is a failure. */
export function missingOwnRedis(): string | null {
  if (spawnSync('redis-server', ['--version']).status === 0) return null;
  const why = 'redis-server is not installed';
  if (process.env.CI) throw new Error(why);
  return why;
}

/** Starts a server in a temporary folder, on a free port of 127.0.0.1. */
export async function createOwnRedis(): Promise<OwnRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'aftercall-redis-'));
  const port = await freePort();
  let server: ChildProcess | null = null;
  const endAtOnce = () => void server?.kill('SIGKILL');
  process.once('exit', endAtOnce);

  const stop: OwnRedis['stop'] = async (how) => {
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(how === 'kill' ? 'SIGKILL' : 'SIGTERM');
    await ended;
  };
  const start = async () => {
    const keepNothing = ['--save', '', '--appendonly', 'no', '--dir', dir];
    const args = ['--port', String(port), '--bind', '127.0.0.1', ...keepNothing];
    server = spawn('redis-server', args, { stdio: 'ignore' });
    await untilAnswers(port, server);
  };
  await start();
  return {
    ...{ url: `redis://127.0.0.1:${port}`, start, stop },
    flushAll: () => ask(port, (redis) => redis.flushall()),
    pause: (ms) => ask(port, (redis) => redis.call('CLIENT', 'PAUSE', String(ms), 'ALL')),
    remove: async () => {
      await stop('kill');
      process.removeListener('exit', endAtOnce);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function untilAnswers(port: number, server: ChildProcess): Promise<void> {
  const until = Date.now() + STARTED_WITHIN_MS;
  const answers = () =>
    ask(port, (redis) => redis.ping()).then(
      () => true,
      () => false,
    );
  while (!(await answers())) {
    if (server.exitCode !== null) throw new Error(`redis-server ended with exit code ${server.exitCode}`);
    if (Date.now() > until) throw new Error(`redis-server did not answer in ${STARTED_WITHIN_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function ask(port: number, question: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await question(redis);
  } finally {
    redis.disconnect();
  }
}
