import { Redis, type RedisOptions } from 'ioredis';
import { type RedisAddress } from '../../lib/redis-url.js';
import { type Trouble } from './trouble.js';

/** A second and a half at most until a server that is back is found: well within the quiet time of the limits. */
const CONNECT_TIMEOUT_MS = 1_000;
const LONGEST_RETRY_MS = 500;

/** A server that does not answer for this long counts as away. */
const COMMAND_TIMEOUT_MS = 2_000;

/** Oldest server that BullMQ runs on. */
const OLDEST_VERSION = 5;

/** The process's own connection, for commands that must answer soon or fail: nothing waits for a server that is away. */
export function openLink(address: RedisAddress, trouble: Trouble): Redis {
  const redis = new Redis({
    ...connectionOptions(address),
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: 2 * COMMAND_TIMEOUT_MS,
  });
  redis.on('error', (error) => trouble.tell(error));
  return redis;
}

/** The one that BullMQ's workers share, and copy for waiting: their commands wait until the server is back. */
export function openWorkerLink(address: RedisAddress, trouble: Trouble): Redis {
  const redis = new Redis({ ...connectionOptions(address), maxRetriesPerRequest: null });
  redis.on('error', (error) => trouble.tell(error));
  return redis;
}

function connectionOptions(address: RedisAddress): RedisOptions {
  const { prefix: _prefix, isEncrypted, ...place } = address;
  return {
    ...place,
    ...(isEncrypted && { tls: { servername: address.host } }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (times) => Math.min(times * 50, LONGEST_RETRY_MS),
  };
}

/**
 * Identifies the run of a server: another one may have forgotten what this one knew.
 * @throws {Error} when it does not answer.
 */
export async function askServer(redis: Redis, trouble: Trouble): Promise<string> {
  const info = await redis.info();
  const field = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  const policy = field('maxmemory_policy');
  if (Number.parseInt(field('redis_version'), 10) < OLDEST_VERSION)
    trouble.tell(
      new Error(`its version is ${field('redis_version')}; expected ${OLDEST_VERSION}.0 or newer`),
    );
  if (policy !== '' && policy !== 'noeviction')
    trouble.tell(
      new Error(
        `it throws keys away when its memory is full (maxmemory-policy ${policy}), and limits with them; expected noeviction`,
      ),
    );
  return field('run_id');
}
