import { type Redis } from 'ioredis';
import { createHash } from 'node:crypto';
import { type AdmissionRequest } from '../queue.js';
import { ARRIVAL_MS, LONGEST_QUIET_MS, PERMIT_LEASE_MS, QUIET_MS } from './admission.js';
import { ADMIT, RELEASE, RENEW } from './limit-scripts.js';
import { wordsOf } from './trouble.js';

/** A permit's name and whose it is. */
export interface PermitName {
  id: string;
  destination: string;
}

/** When the request of a permit is taken to have arrived, as an age: the clock of Redis is another one. */
export interface Arrival extends PermitName {
  /** Negative: it will. */
  ageMs: number;
  perMs: number;
}

/** The limits as they stand in Redis. Every call is one round trip, and throws where Redis does not answer. */
export class RedisLimits {
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly holder: string,
  ) {}

  /**
   * Grants permits `${holder}-${first}` and so on.
   * @returns for each request how many, and in how many milliseconds to ask again (-1: nothing was refused, 0:
   *   nobody knows).
   */
  async admit(
    requests: readonly (AdmissionRequest & { first: number })[],
    server: string,
  ): Promise<{ granted: number; waitMs: number }[]> {
    const times = [PERMIT_LEASE_MS, ARRIVAL_MS, QUIET_MS, LONGEST_QUIET_MS];
    const answer = (await this.#run(
      ADMIT,
      [this.#since, ...requests.flatMap(({ destination }) => this.#keysOf(destination))],
      [server, this.holder, ...times, ...requests.flatMap(argumentsOf)],
    )) as number[];
    return requests.map((_, i) => ({ granted: answer[2 * i] ?? 0, waitMs: answer[2 * i + 1] ?? 0 }));
  }

  async renew(held: readonly PermitName[], server: string, arrivals: readonly Arrival[] = []): Promise<void> {
    const running = held.map(({ destination }) => this.#running(destination));
    const logs = arrivals.map(({ destination }) => this.#log(destination));
    await this.#run(
      RENEW,
      [this.#since, ...running, ...logs],
      [
        server,
        PERMIT_LEASE_MS,
        held.length,
        ...held.map(({ id }) => id),
        ...arrivals.flatMap(({ id, ageMs, perMs }) => [id, Math.floor(ageMs), perMs]),
      ],
    );
  }

  async release(permits: readonly (PermitName & { made: boolean })[]): Promise<void> {
    if (permits.length === 0) return;
    const keys = permits.flatMap(({ destination }) => this.#keysOf(destination));
    await this.#run(
      RELEASE,
      keys,
      permits.flatMap(({ id, made }) => [id, made ? 1 : 0]),
    );
  }

  get #since(): string {
    return `${this.prefix}:limits:since`;
  }

  #running(destination: string): string {
    return `${this.prefix}:limits:running:${destination}`;
  }

  #log(destination: string): string {
    return `${this.prefix}:limits:log:${destination}`;
  }

  #keysOf(destination: string): [string, string] {
    return [this.#running(destination), this.#log(destination)];
  }

  /** A server that restarted does not know the script yet. */
  async #run(script: string, keys: string[], args: (string | number)[]): Promise<unknown> {
    try {
      return await this.redis.evalsha(sha1Of(script), keys.length, ...keys, ...args);
    } catch (error) {
      if (!wordsOf(error).startsWith('NOSCRIPT')) throw error;
      return this.redis.eval(script, keys.length, ...keys, ...args);
    }
  }
}

function argumentsOf(request: AdmissionRequest & { first: number }): number[] {
  const { count, concurrency, rate, first } = request;
  return [count, concurrency, rate?.count ?? 0, rate?.perMs ?? 0, first];
}

const hashes = new Map<string, string>();

function sha1Of(script: string): string {
  const hash = hashes.get(script) ?? createHash('sha1').update(script).digest('hex');
  hashes.set(script, hash);
  return hash;
}
