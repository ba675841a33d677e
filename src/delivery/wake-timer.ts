import { type Clock } from '../lib/clock.js';

/** No timer lives longer; a lost wake-up costs at most this. */
export const LONGEST_SLEEP_MS = 60_000;

/** One timer for the earliest of many times. */
export class WakeTimer {
  #timer: NodeJS.Timeout | null = null;
  #at = Infinity;
  #stopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly onWake: () => void,
  ) {}

  /** Wakes at this time at the latest, or a minute from now; an earlier time that was set stays. */
  sleepUntil(time: number): void {
    if (this.#stopped || this.#at <= time) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#at = time;
    const waitMs = Math.min(LONGEST_SLEEP_MS, Math.max(0, time - this.clock.now()));
    this.#timer = setTimeout(() => {
      this.#at = Infinity;
      this.onWake();
    }, waitMs);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }
}
