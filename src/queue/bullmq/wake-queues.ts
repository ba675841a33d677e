import { type Job, Queue, Worker } from 'bullmq';
import { type Redis } from 'ioredis';
import { newId } from '../../lib/ids.js';

/**
 * A handler ends at once, so a job that stays active for longer belongs to a process that died. Its wake-up goes to
 * another one within the sum of both, well before anybody gives up on it.
 */
const LOCK_MS = 5_000;
const STALLED_CHECK_MS = 5_000;

/** How often a job may be left behind by dying processes before it is thrown away. */
const MOST_STALLS = 10;

/** BullMQ waits 15 s by default before it asks again after an error. */
const RETRY_MS = 500;

/**
 * Jobs for one destination in one turn of the event loop. Who wakes claims all that is due, as far as there is room, so
 * this many rouse everybody who could help; each costs a round trip of the worker that takes it.
 */
const MOST_JOBS = 10;

/** Nobody reads the stream of events that BullMQ writes. */
const KEPT_EVENTS = 10;

export interface WakeQueuesOptions {
  prefix: string;
  /** For adding: fails at once where Redis is away. */
  link: Redis;
  /** For workers: waits. Null: this process has none. */
  workerLink: Redis | null;
  onWake: (destination: string) => void;
  onTrouble: (error: unknown) => void;
}

/**
 * One BullMQ queue per destination, and one worker in each process that works. A job is a wake-up and nothing else:
 * it says by its queue who is meant, and is removed as soon as somebody woke, so that its id can come again (BullMQ
 * ignores an id that it still knows).
 */
export class WakeQueues {
  readonly #queues = new Map<string, Queue>();
  readonly #workers = new Map<string, Worker>();

  constructor(private readonly options: WakeQueuesOptions) {}

  /** Adds a job for each id, {@link MOST_JOBS} at most. Only while there is a connection. @throws {Error} when Redis fails. */
  async add(destination: string, ids: Iterable<string>): Promise<void> {
    const queue = this.#queues.get(destination) ?? this.#openQueue(destination);
    const jobIds = [...ids].slice(0, MOST_JOBS);
    await queue.addBulk(jobIds.map((jobId) => ({ name: 'wake', data: null, opts: { jobId } })));
  }

  /** Opens and closes workers. Names that are new here are heard from now on. */
  follow(destinations: readonly string[]): void {
    const wanted = new Set(destinations);
    for (const name of wanted) if (!this.#workers.has(name)) this.#openWorker(name);
    for (const [name, worker] of this.#workers)
      if (!wanted.has(name)) {
        this.#workers.delete(name);
        void this.#close(worker);
      }
    for (const [name, queue] of this.#queues)
      if (!wanted.has(name)) {
        this.#queues.delete(name);
        void this.#close(queue);
      }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers.values(), ...this.#queues.values()].map((part) => this.#close(part)));
  }

  #openQueue(destination: string): Queue {
    const { link, prefix, onTrouble } = this.options;
    const queue = new Queue(destination, {
      connection: link,
      prefix,
      skipVersionCheck: true,
      streams: { events: { maxLen: KEPT_EVENTS } },
      defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
    });
    queue.on('error', onTrouble);
    this.#queues.set(destination, queue);
    return queue;
  }

  #openWorker(destination: string): void {
    const { workerLink, prefix, onTrouble, onWake } = this.options;
    if (workerLink === null) return;
    const wake = (job: Job): Promise<void> => {
      // Somebody else's may say otherwise, but what stays makes its id unusable.
      job.opts.removeOnComplete = true;
      return Promise.resolve(onWake(destination));
    };
    const worker = new Worker(destination, wake, {
      connection: workerLink,
      prefix,
      skipVersionCheck: true,
      removeOnFail: { count: 0 },
      lockDuration: LOCK_MS,
      skipLockRenewal: true,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: MOST_STALLS,
      runRetryDelay: RETRY_MS,
    });
    worker.on('error', onTrouble);
    this.#workers.set(destination, worker);
  }

  /** Without waiting for jobs: one that is left behind is found by the others. */
  async #close(part: Queue | Worker): Promise<void> {
    try {
      await (part instanceof Worker ? part.close(true) : part.close());
    } catch (error) {
      this.options.onTrouble(error);
    }
  }
}

/**
 * The id of a wake-up, as BullMQ takes it: it refuses ids of digits only and such with a colon, and with one of them
 * all that are added together. Where it would, or nothing is given, one that is new.
 */
export function jobIdOf(id: string | undefined): string {
  return id !== undefined && /^(?=.*[A-Za-z_-])[\w-]+$/.test(id) ? id : newId();
}
