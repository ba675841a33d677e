import { type LaneChange, LaneGate } from './lane-gate.js';

/**
 * One destination's lane: how many requests run at once, how many may start per span of time, and whether
 * anything starts at all ({@link LaneGate}). Deliveries are claimed a little ahead of the slots, so that
 * rendering and storing the next ones never leaves a slot idle; what was claimed ahead waits here.
 */
export class Lane {
  readonly gate: LaneGate;
  #running = 0;
  #claimed = 0;
  #isProbing = false;
  /** Until when one start of the rate is kept for a guest that was refused. */
  #keptUntil = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #starts: number[] = [];
  #limits: LaneLimits;

  constructor(limits: LaneLimits, onChange?: (change: LaneChange) => void) {
    this.#limits = limits;
    this.gate = new LaneGate(onChange);
  }

  /** Requests that run now. */
  get running(): number {
    return this.#running;
  }

  /** True when nothing of this lane is on its way. */
  get isIdle(): boolean {
    return this.#claimed === 0;
  }

  setLimits(limits: LaneLimits): void {
    this.#limits = limits;
    this.#startNext();
  }

  /** How many more deliveries may be claimed now; `asProbe`: the one that tries an open lane. */
  free(now: number): { count: number; asProbe: boolean } {
    const room = this.gate.room(now);
    const asProbe = room === 'probe';
    if (room === 'none' || (asProbe && this.#isProbing)) return { count: 0, asProbe };
    const { concurrency, rate, claimAhead = CLAIM_AHEAD } = this.#limits;
    // A rate counts starts when they are claimed, so nothing may wait here and start in a later span.
    const ahead = (rate ? concurrency : concurrency * claimAhead) - this.#claimed;
    const starts = this.#startsLeft(now) - (now < this.#keptUntil ? 1 : 0);
    return { count: Math.max(0, Math.min(asProbe ? 1 : ahead, starts)), asProbe };
  }

  /**
   * Whether something that is no delivery may come now; it waits for a slot behind what was claimed. Where the
   * rate refuses it, one of the next starts is kept for it for a while: a backlog would take them all.
   */
  admitGuest(now: number): { admitted: boolean; asProbe: boolean } {
    const room = this.gate.room(now);
    const asProbe = room === 'probe';
    const isOpen = room === 'all' || (asProbe && !this.#isProbing);
    const admitted = isOpen && this.#startsLeft(now) > 0;
    if (admitted) this.#keptUntil = 0;
    else if (isOpen) this.#keptUntil = (this.#starts[0] ?? now) + (this.#limits.rate?.perMs ?? 0) + KEPT_MS;
    return { admitted, asProbe };
  }

  /**
   * True when claiming pays: one transaction should bring a batch, unless the lane would run dry. Under a
   * rate nothing waits here to fill a slot, so every free one counts.
   */
  isWorthClaiming(now: number): boolean {
    const { concurrency, rate } = this.#limits;
    const { count, asProbe } = this.free(now);
    return count > 0 && (asProbe || rate !== null || count >= concurrency || this.#claimed === 0);
  }

  /** When the lane can take more by itself (a probe, end of a wait or of the rate's span); null: when a slot frees. */
  opensAt(now: number): number | null {
    const opensAt = this.gate.closure(now)?.opensAt ?? null;
    if (this.gate.room(now) === 'none') return opensAt;
    const { rate } = this.#limits;
    const oldest = this.#starts[0];
    if (this.#startsLeft(now) === 1 && now < this.#keptUntil) return this.#keptUntil;
    return rate && oldest !== undefined && this.#startsLeft(now) <= 0 ? oldest + rate.perMs : null;
  }

  /** Keeps others from probing while this one is being looked for. */
  reserveProbe(): void {
    this.#isProbing = true;
  }

  freeProbe(): void {
    this.#isProbing = false;
  }

  claimed(now: number, asProbe = false): void {
    this.#claimed += 1;
    if (asProbe) this.#isProbing = true;
    if (this.#limits.rate) this.#starts.push(now);
  }

  /** @param unmadeAt when it was claimed, where no attempt came of it: the rate has that start left. Null: one was made */
  released(asProbe = false, unmadeAt: number | null = null): void {
    this.#claimed -= 1;
    if (asProbe) this.#isProbing = false;
    const start = unmadeAt === null ? -1 : this.#starts.indexOf(unmadeAt);
    if (start >= 0) this.#starts.splice(start, 1);
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

/** A guest that was refused comes again every few seconds, or not at all. */
const KEPT_MS = 10_000;

export interface LaneLimits {
  concurrency: number;
  rate: { count: number; perMs: number } | null;
  /** How many times its slots may be claimed; 1 where others could take what would wait here. Default 3. */
  claimAhead?: number;
}
