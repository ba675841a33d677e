import { once } from 'node:events';
import { type Redis } from 'ioredis';
import { type Clock } from '../../lib/clock.js';
import {
  type Admission,
  type AdmissionRequest,
  type DeliveryQueue,
  type Permit,
  type WakeListener,
  type WakeUp,
} from '../queue.js';
import { WakeBell } from '../wake-bell.js';
import { Limits } from './limits.js';
import { RedisLimits } from './redis-limits.js';
import { askServer, openLink, openWorkerLink } from './redis-link.js';
import { readRedisUrl } from '../../lib/redis-url.js';
import { Trouble } from './trouble.js';
import { WakeQueues, jobIdOf } from './wake-queues.js';

/** How long opening waits for Redis before it goes on without, and closing for what is under way. */
const OPEN_WAIT_MS = 1_500;
const CLOSE_WAIT_MS = 700;

export interface BullmqQueueOptions {
  /** `redis://…` or `rediss://…`, as `readRedisUrl` reads it. */
  url: string;
  clock: Clock;
  /** The leader alone serves while Redis is away. */
  isLeader: () => boolean;
  /** Told of each trouble with Redis once until it is over, in words without secrets. */
  onTrouble: (error: unknown) => void;
  /** Whether wake-ups may come to this process. */
  canWork: boolean;
}

/**
 * Opens the queue that wakes the dispatchers of all machines through Redis. Where Redis is away it says so,
 * goes on, and picks up when it is back.
 * @throws {Error} when the URL cannot be read.
 */
export async function openBullmqQueue(options: BullmqQueueOptions): Promise<DeliveryQueue> {
  const queue = new BullmqQueue(options);
  await queue.settle();
  return queue;
}

class BullmqQueue implements DeliveryQueue {
  readonly #bell = new WakeBell();
  readonly #trouble: Trouble;
  readonly #link: Redis;
  readonly #workerLink: Redis | null;
  readonly #limits: Limits;
  readonly #queues: WakeQueues;
  /** Ids of this turn of the event loop, by destination. */
  readonly #waking = new Map<string, Set<string>>();
  #isListening = false;
  #closing: Promise<void> | null = null;

  constructor({ url, clock, isLeader, onTrouble, canWork }: BullmqQueueOptions) {
    const address = readRedisUrl(url);
    const trouble = new Trouble(onTrouble, address.password === undefined ? [] : [address.password]);
    const link = openLink(address, trouble);
    this.#trouble = trouble;
    this.#link = link;
    this.#workerLink = canWork ? openWorkerLink(address, trouble) : null;
    this.#limits = new Limits({
      clock,
      isLeader,
      onTrouble: (error) => trouble.tell(error),
      isConnected: () => link.status === 'ready',
      askServer: () => askServer(link, trouble),
      redis: (holder) => new RedisLimits(link, address.prefix, holder),
    });
    this.#queues = new WakeQueues({
      prefix: address.prefix,
      link,
      workerLink: this.#workerLink,
      onWake: (destination) => this.#bell.ring([destination]),
      onTrouble: (error) => trouble.tell(error),
    });
    link.on('ready', () => void this.#join());
    link.on('close', () => this.#limits.lose());
  }

  get reach(): 'process' | 'fleet' {
    return this.#limits.isJoined ? 'fleet' : 'process';
  }

  /** Waits until it is clear whether Redis is there. */
  async settle(): Promise<void> {
    const late = AbortSignal.timeout(OPEN_WAIT_MS);
    await Promise.race([
      once(this.#link, 'ready', { signal: late }).then(() => this.#limits.join()),
      once(this.#link, 'close', { signal: late }),
    ]).catch(() => undefined);
  }

  wake(due: readonly WakeUp[], nextDueAt?: number): void {
    if (this.#closing !== null) return;
    if (nextDueAt !== undefined) this.#bell.ring([], nextDueAt);
    if (due.length === 0) return;
    if (this.#waking.size === 0) setImmediate(() => this.#sendWakeUps());
    for (const { destination, id } of due) {
      const ids = this.#waking.get(destination) ?? new Set();
      this.#waking.set(destination, ids.add(jobIdOf(id)));
    }
  }

  listen(listener: WakeListener, destinations: readonly string[]): void {
    this.#bell.listen(listener);
    this.#isListening = true;
    this.follow(destinations);
  }

  /** Before anybody listens, workers would take wake-ups from others in vain. */
  follow(destinations: readonly string[]): void {
    if (this.#isListening && this.#closing === null) this.#queues.follow(destinations);
  }

  admit(requests: readonly AdmissionRequest[]): Promise<Admission[]> {
    return this.#limits.admit(requests);
  }

  release(permit: Permit, made: boolean): void {
    this.#limits.release(permit.id, made);
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #join(): Promise<void> {
    await this.#limits.join();
    if (this.#limits.isJoined) this.#trouble.over();
  }

  #sendWakeUps(): void {
    const waking = [...this.#waking];
    this.#waking.clear();
    for (const [destination, ids] of waking) void this.#sendWakeUp(destination, ids);
  }

  /** Who cannot be told through Redis is told here, if anybody listens. */
  async #sendWakeUp(destination: string, ids: Iterable<string>): Promise<void> {
    if (this.reach === 'process') return this.#bell.ring([destination]);
    try {
      await this.#queues.add(destination, ids);
    } catch (error) {
      this.#bell.ring([destination]);
      if (this.#link.status === 'ready') this.#trouble.tell(error);
    }
  }

  async #close(): Promise<void> {
    this.#bell.silence();
    await soon(this.#limits.close());
    await soon(this.#queues.close());
    this.#link.disconnect();
    this.#workerLink?.disconnect();
  }
}

/** Waits for it, but not long: Redis may be away. */
async function soon(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_WAIT_MS)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}
