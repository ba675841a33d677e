import { setTimeout as wait } from 'node:timers/promises';
import { type Config } from './config/config.js';
import { longestLimitMs } from './domain/contact-limits.js';
import { type Clock } from './lib/clock.js';
import { type PruneCursor, type Store } from './store/store.js';

export interface RetentionParts {
  store: Pick<Store, 'prune'>;
  /** The configuration in force; asked before each batch. */
  live: { current(): { config: Pick<Config, 'retention' | 'contactLimits'> } };
  clock: Clock;
  /** Whether this process removes for all. Default: it does. */
  leads?: () => boolean;
  /** Told after each batch that removed something. */
  observe: (removed: { events: number; bodies: number }) => void;
  onTrouble: (error: unknown) => void;
  /** Resolves after so many milliseconds, or rejects when the signal is aborted. Default: a timer. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** A start has better things to do, and a process that is restarted again and again still comes this far. */
const FIRST_PASS_AFTER_MS = 60_000;
/** Nothing outlives its time by much more than this; a pass that finds nothing reads an index only. */
const BETWEEN_PASSES_MS = 3_600_000;
/**
 * 20 events with all that hangs on them took the writer 3 to 10 ms, in a file of a million; then it has many
 * times as long for others. That is still some 300 events a second, more than arrive over a day.
 */
const BATCH_EVENTS = 20;
const BETWEEN_BATCHES_MS = 50;

/** Removes what is older than `retention:` allows, in small batches, so that what arrives never waits long. */
export class Retention {
  readonly #parts: RetentionParts;
  readonly #stopped = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when the batch under way, if any, has ended. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    await this.#sleep(FIRST_PASS_AFTER_MS);
    while (!this.#stopped.signal.aborted) {
      await this.#pass().catch((error: unknown) => this.#parts.onTrouble(error));
      await this.#sleep(BETWEEN_PASSES_MS);
    }
  }

  async #pass(): Promise<void> {
    let after: PruneCursor | null = null;
    do {
      after = await this.#batch(after);
      if (after !== null) await this.#sleep(BETWEEN_BATCHES_MS);
    } while (after !== null && !this.#stopped.signal.aborted);
  }

  async #batch(after: PruneCursor | null): Promise<PruneCursor | null> {
    const { store, live, clock, observe, leads } = this.#parts;
    if (leads?.() === false) return null;
    const { retention, contactLimits } = live.current().config;
    const { eventsMs, bodiesMs } = retention;
    if (eventsMs === null && bodiesMs === null) return null;
    const now = clock.now();
    const { next, ...removed } = await store.prune({
      eventsBefore: eventsMs === null ? null : now - eventsMs,
      bodiesBefore: bodiesMs === null ? null : now - bodiesMs,
      reachesBefore: eventsMs === null ? null : now - Math.max(eventsMs, longestLimitMs(contactLimits)),
      now,
      limit: BATCH_EVENTS,
      after,
    });
    if (removed.events + removed.bodies > 0) observe(removed);
    return next;
  }

  /** Ends early when it is stopped. */
  async #sleep(ms: number): Promise<void> {
    const { sleep = waitUnreferenced } = this.#parts;
    await sleep(ms, this.#stopped.signal).catch(() => undefined);
  }
}

/** A host that has nothing else to do may end without it. */
function waitUnreferenced(ms: number, signal: AbortSignal): Promise<unknown> {
  return wait(ms, undefined, { signal, ref: false });
}
