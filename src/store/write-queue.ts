import { StoreUnavailableError } from './store.js';

export interface WriteQueueOptions<Op> {
  /** Runs a batch as one transaction: one settlement for each operation, in order. Throwing fails them all. */
  run(batch: Op[]): Promise<Settled[]>;
  /** Size of an operation in bytes, roughly. */
  sizeOf(op: Op): number;
  /**
   * True when doing the operation twice does no harm. Only then is its caller told after `maxWaitMs` that
   * it failed while a stalled disk may still finish it; for others only the time in the queue is bounded.
   */
  isRepeatable(op: Op): boolean;
  limits?: Partial<WriteQueueLimits>;
}

export interface WriteQueueLimits {
  maxBatchOps: number;
  maxBatchBytes: number;
  maxPendingOps: number;
  maxPendingBytes: number;
  maxWaitMs: number;
}

/** A batch of 500 took 10 to 20 ms in trials; beyond it latency grows and throughput does not. */
const DEFAULT_LIMITS: WriteQueueLimits = {
  maxBatchOps: 500,
  maxBatchBytes: 8 * 1024 * 1024,
  maxPendingOps: 10_000,
  maxPendingBytes: 64 * 1024 * 1024,
  maxWaitMs: 2_000,
};

const SWEEP_MS = 250;

/** How one operation of a batch ended. */
export type Settled = { value: unknown } | { error: Error };

interface Entry<Op> {
  op: Op;
  bytes: number;
  since: number;
  settle(settled: Settled): void;
}

/**
 * Group commit: whatever is submitted while a batch is on its way to the disk forms the next one, so that
 * many writes share one sync. What waits is bounded in number, size and time; beyond that callers get a
 * {@link StoreUnavailableError} and can tell the sender to come back.
 */
export class WriteQueue<Op> {
  readonly #options: WriteQueueOptions<Op>;
  readonly #limits: WriteQueueLimits;
  #waiting: Entry<Op>[] = [];
  #waitingBytes = 0;
  #running: Entry<Op>[] = [];
  #scheduled = false;
  #closed = false;
  #sweeper: NodeJS.Timeout | null = null;
  #idle: (() => void)[] = [];

  constructor(options: WriteQueueOptions<Op>) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  /** Resolves with what `run` settled for this operation. */
  submit(op: Op): Promise<unknown> {
    const bytes = this.#options.sizeOf(op);
    const refusal = this.#refusal(bytes);
    if (refusal !== null) return Promise.reject(new StoreUnavailableError(refusal));
    return new Promise((resolve, reject) => {
      const settle = (settled: Settled): void => {
        if ('error' in settled) reject(settled.error);
        else resolve(settled.value);
      };
      this.#waiting.push({ op, bytes, since: performance.now(), settle });
      this.#waitingBytes += bytes;
      this.#schedule();
    });
  }

  /** Takes nothing more and resolves when everything submitted has ended. */
  close(): Promise<void> {
    this.#closed = true;
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #refusal(bytes: number): string | null {
    if (this.#closed) return 'the store is closed';
    const { maxPendingOps, maxPendingBytes } = this.#limits;
    const full = this.#waiting.length >= maxPendingOps || this.#waitingBytes + bytes > maxPendingBytes;
    return full ? 'the store is busy: too many writes are waiting' : null;
  }

  /** Waits for the turn of the event loop to end, so that what arrives in one turn shares a batch. */
  #schedule(): void {
    if (this.#scheduled || this.#running.length > 0 || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => void this.#runBatch());
  }

  async #runBatch(): Promise<void> {
    this.#scheduled = false;
    const batch = this.#takeBatch();
    if (batch.length === 0) return this.#rest();
    this.#running = batch;
    this.#sweeper ??= setTimeout(() => this.#sweep(), SWEEP_MS).unref();
    const settled = await this.#run(batch);
    this.#running = [];
    batch.forEach((entry, index) => entry.settle(settled[index] ?? unavailable('the store gave no answer')));
    if (this.#waiting.length > 0) this.#schedule();
    else this.#rest();
  }

  async #run(batch: Entry<Op>[]): Promise<Settled[]> {
    try {
      return await this.#options.run(batch.map(({ op }) => op));
    } catch (error) {
      const failed = error instanceof Error ? { error } : unavailable(String(error));
      return batch.map(() => failed);
    }
  }

  #takeBatch(): Entry<Op>[] {
    const { maxBatchOps, maxBatchBytes } = this.#limits;
    let bytes = 0;
    let count = 0;
    for (const entry of this.#waiting) {
      bytes += entry.bytes;
      if (count === maxBatchOps || (count > 0 && bytes > maxBatchBytes)) break;
      count += 1;
    }
    const batch = this.#waiting.splice(0, count);
    for (const entry of batch) this.#waitingBytes -= entry.bytes;
    return batch;
  }

  /** Settling an entry a second time, when its batch ends at last, has no effect. */
  #sweep(): void {
    const oldest = performance.now() - this.#limits.maxWaitMs;
    const late = this.#waiting.filter((entry) => entry.since <= oldest);
    this.#waiting = this.#waiting.filter((entry) => entry.since > oldest);
    for (const entry of late) this.#waitingBytes -= entry.bytes;
    const stuck = this.#running.filter(
      (entry) => entry.since <= oldest && this.#options.isRepeatable(entry.op),
    );
    for (const entry of [...late, ...stuck]) entry.settle(unavailable('the store did not write in time'));
    this.#sweeper = this.#isIdle() ? null : setTimeout(() => this.#sweep(), SWEEP_MS).unref();
  }

  #rest(): void {
    if (this.#sweeper !== null) clearTimeout(this.#sweeper);
    this.#sweeper = null;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #isIdle(): boolean {
    return this.#waiting.length === 0 && this.#running.length === 0;
  }
}

function unavailable(message: string): Settled {
  return { error: new StoreUnavailableError(message) };
}
