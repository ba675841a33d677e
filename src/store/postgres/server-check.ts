import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { StoreRefusedError } from '../store.js';
import { clientConfig, type ConnectionOptions, placeOf } from './connection.js';
import { codeOf, messageOf } from './postgres-errors.js';

const OLDEST_VERSION = 150_000;
const RETRY_MS = 500;
/** The server is not there yet or is just starting. */
const NOT_YET = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|57P03)$/;
/** Leases go by the server's clock, due times by ours. */
const CLOCK_APART_MS = 2_000;

interface ServerSettings {
  version: number;
  encoding: string;
  fsync: string;
  synchronousCommit: string;
  fullPageWrites: string;
  now: number;
}

const ASK = `select current_setting('server_version_num')::int as version,
  current_setting('server_encoding') as encoding, current_setting('fsync') as fsync,
  current_setting('synchronous_commit') as "synchronousCommit",
  current_setting('full_page_writes') as "fullPageWrites",
  (extract(epoch from clock_timestamp()) * 1000)::bigint as now`;

export interface ServerCheck extends ConnectionOptions {
  onWarning?: (message: string) => void;
  waitMs?: number;
}

/** @throws {StoreRefusedError} when the server cannot be reached or used; warns of settings that may lose events. */
export async function inspectServer({ onWarning, waitMs = 0, ...options }: ServerCheck): Promise<void> {
  const place = placeOf(options.url);
  const onWait = (why: string) =>
    onWarning?.(`${place}: ${why}; trying again for ${Math.round(waitMs / 1000)} s`);
  const settings = await askSettings(options, Date.now() + waitMs, onWait);
  const refusal = refusalOf(settings);
  if (refusal !== null) throw new StoreRefusedError(`${place}: ${refusal}`);
  for (const warning of warningsOf(settings, Date.now())) onWarning?.(`${place}: ${warning}`);
}

async function askSettings(
  options: ConnectionOptions,
  until: number,
  onWait: (why: string) => void,
): Promise<ServerSettings> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await withClient(options, async (client) => {
        const { rows } = await client.query<ServerSettings>(ASK);
        const [settings] = rows;
        if (settings === undefined) throw new Error('the server gave no settings');
        return settings;
      });
    } catch (error) {
      const isStarting = NOT_YET.test(codeOf(error) ?? '');
      if (!isStarting || Date.now() > until)
        throw new StoreRefusedError(`${placeOf(options.url)}: ${whyNot(error)}`, { cause: error });
      if (tries === 1) onWait(whyNot(error));
      await wait(RETRY_MS);
    }
  }
}

/** A connection for one use. */
export async function withClient<T>(
  options: ConnectionOptions,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(clientConfig(options));
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function whyNot(error: unknown): string {
  const code = codeOf(error);
  if (code === '3D000') return 'there is no such database on the server; make it with createdb';
  if (code === '28P01' || code === '28000') return 'the server refuses this user or password';
  return `cannot be reached: ${messageOf(error)}`;
}

function refusalOf({ version, encoding }: ServerSettings): string | null {
  if (version < OLDEST_VERSION)
    return `needs PostgreSQL 15 or later, and this is ${Math.floor(version / 10_000)}`;
  if (encoding !== 'UTF8') return `needs a database in UTF8, and this is in ${encoding}; make another one`;
  return null;
}

/** @param now the time of this process, milliseconds since the epoch */
export function warningsOf(settings: ServerSettings, now: number): string[] {
  const warnings: string[] = [];
  if (settings.fsync === 'off')
    warnings.push(
      'fsync is off: a crash of the server may lose calls that were answered with 2xx; turn it on',
    );
  if (settings.fullPageWrites === 'off')
    warnings.push('full_page_writes is off: a crash of the server may ruin the database; turn it on');
  if (settings.synchronousCommit === 'off')
    warnings.push(
      'synchronous_commit is off: a crash of the server would lose calls that were answered with 2xx; ' +
        'Aftercall turns it on for what it writes itself',
    );
  const apartMs = Math.abs(settings.now - now);
  if (apartMs > CLOCK_APART_MS)
    warnings.push(`its clock and ours are ${Math.round(apartMs / 1000)} s apart; due times go by ours`);
  return warnings;
}
