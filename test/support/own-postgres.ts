import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './server-process.js';

/** A PostgreSQL cluster that belongs to one test: it may be stopped and started as the test likes. */
export interface OwnPostgres {
  /** Of its database `postgres`, as it stands behind `storage:`. */
  url: string;
  start(): Promise<void>;
  /** `immediate` ends it like a crash: nothing is flushed, and the next start recovers from the log. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  /** Stops it and removes its files. */
  remove(): Promise<void>;
}

const DEBIAN_BINARIES = '/usr/lib/postgresql';
const STARTED_WITHIN_MS = 60_000;

/** Small, but as careful as in production. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '32MB',
  max_wal_size: '256MB',
  max_connections: '100',
};

/** Null when a cluster can be made, else why not. In CI that is a failure. */
export function missingOwnPostgres(): string | null {
  if (existsSync(join(binaries(), 'initdb'))) return null;
  const why = "PostgreSQL's initdb is not installed";
  if (process.env.CI) throw new Error(why);
  return why;
}

/** Makes a cluster in a temporary folder, on a free port of 127.0.0.1, and starts it. */
export async function createOwnPostgres(): Promise<OwnPostgres> {
  const dir = mkdtempSync(join(tmpdir(), 'aftercall-postgres-'));
  const data = join(dir, 'data');
  const port = await freePort();
  const owner = ownerOf(dir);
  let server: ChildProcess | null = null;
  const endAtOnce = () => void server?.kill('SIGKILL');
  process.once('exit', endAtOnce);
  initialise(data, { cwd: dir, ...owner });

  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const stop: OwnPostgres['stop'] = async (mode) => {
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(mode === 'immediate' ? 'SIGQUIT' : 'SIGINT');
    await ended;
  };
  const start = async () => {
    const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const args = ['-D', data, '-p', String(port), ...settings];
    server = spawn(join(binaries(), 'postgres'), args, { cwd: dir, ...owner, stdio: 'ignore' });
    await untilAnswers(url, server);
  };
  const remove = async () => {
    await stop('immediate');
    process.removeListener('exit', endAtOnce);
    rmSync(dir, { recursive: true, force: true });
  };
  await start().catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return { url, start, stop, remove };
}

/** PostgreSQL refuses to run as root: there it belongs to the user `postgres`, and the folder with it. */
function ownerOf(dir: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim() || NaN);
  const [uid, gid] = [idOf('-u'), idOf('-g')];
  if (Number.isNaN(uid)) throw new Error('PostgreSQL does not run as root, and there is no user postgres');
  chownSync(dir, uid, gid);
  return { uid, gid };
}

function initialise(data: string, options: { cwd: string; uid?: number; gid?: number }): void {
  const args = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  const { status, stderr } = spawnSync(join(binaries(), 'initdb'), args, { ...options, encoding: 'utf8' });
  if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
}

async function untilAnswers(url: string, server: ChildProcess): Promise<void> {
  const until = Date.now() + STARTED_WITHIN_MS;
  while (!(await answers(url))) {
    if (server.exitCode !== null) throw new Error(`postgres ended with exit code ${server.exitCode}`);
    if (Date.now() > until) throw new Error(`postgres did not answer in ${STARTED_WITHIN_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Debian keeps them out of the path, a folder per version; the newest is taken. */
function binaries(): string {
  const { stdout } = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  const named = stdout?.trim() ?? '';
  if (named !== '' && existsSync(join(named, 'initdb'))) return named;
  const versions = existsSync(DEBIAN_BINARIES) ? readdirSync(DEBIAN_BINARIES) : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0] ?? '';
  return join(DEBIAN_BINARIES, newest, 'bin');
}
