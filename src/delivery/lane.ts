/**
 * One destination's lane: how many requests run at once, how many may start per span of time, and until
 * when nothing starts. Deliveries are claimed a little ahead of the slots, so that rendering and storing
 * the next ones never leaves a slot idle; what was claimed ahead waits here.
 */
export class Lane {
  #running = 0;
  #claimed = 0;
  #pausedUntil = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #starts: number[] = [];
  #limits: LaneLimits;

  constructor(limits: LaneLimits) {
    this.#limits = limits;
  }

  setLimits(limits: LaneLimits): void {
    this.#limits = limits;
    this.#startNext();
  }

  /** How many more deliveries may be claimed now; 0 while the lane is paused. */
  free(now: number): number {
    if (now < this.#pausedUntil) return 0;
    const { concurrency, rate } = this.#limits;
    // A rate counts starts when they are claimed, so nothing may wait here and start in a later span.
    const room = (rate ? concurrency : concurrency * CLAIM_AHEAD) - this.#claimed;
    return Math.max(0, Math.min(room, this.#startsLeft(now)));
  }

  /**
   * True when claiming pays: one transaction should bring a batch, unless the lane would run dry. Under a
   * rate nothing waits here to fill a slot, so every free one counts.
   */
  isWorthClaiming(now: number): boolean {
    const { concurrency, rate } = this.#limits;
    const free = this.free(now);
    return free > 0 && (rate !== null || free >= concurrency || this.#claimed === 0);
  }

  /** When the lane can take more by itself (end of a pause or of the rate's span); null: when a slot frees. */
  opensAt(now: number): number | null {
    if (now < this.#pausedUntil) return this.#pausedUntil;
    const { rate } = this.#limits;
    const oldest = this.#starts[0];
    return rate && oldest !== undefined && this.#startsLeft(now) <= 0 ? oldest + rate.perMs : null;
  }

  isPaused(now: number): boolean {
    return now < this.#pausedUntil;
  }

  pauseUntil(time: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, time);
  }

  claimed(now: number): void {
    this.#claimed += 1;
    if (this.#limits.rate) this.#starts.push(now);
  }

  released(): void {
    this.#claimed -= 1;
  }

  /** Waits for a slot, runs, frees the slot. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limits.concurrency)
      await new Promise<void>((start) => this.#waiting.push(start));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#startNext();
    }
  }

  #startNext(): void {
    while (this.#running < this.#limits.concurrency) {
      const start = this.#waiting.shift();
      if (!start) return;
      this.#running += 1;
      start();
    }
  }

  #startsLeft(now: number): number {
    const { rate } = this.#limits;
    if (!rate) return Infinity;
    while (this.#starts[0] !== undefined && this.#starts[0] <= now - rate.perMs) this.#starts.shift();
    return rate.count - this.#starts.length;
  }
}

/** Three times the slots keeps a fast destination busy across the two syncs that a delivery needs. */
const CLAIM_AHEAD = 3;

export interface LaneLimits {
  concurrency: number;
  rate: { count: number; perMs: number } | null;
}
