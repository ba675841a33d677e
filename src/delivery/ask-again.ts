import { type Clock } from '../lib/clock.js';
import { WakeTimer } from './wake-timer.js';

/** Lanes that were refused what they asked for, and when each of them asks again. */
export class AskAgain {
  readonly #at = new Map<string, number>();
  readonly #timer: WakeTimer;

  constructor(
    private readonly clock: Clock,
    private readonly wake: (names: readonly string[]) => void,
  ) {
    this.#timer = new WakeTimer(clock, () => this.#wakeDue());
  }

  refused(lanes: readonly { name: string; at: number }[]): void {
    for (const { name, at } of lanes) {
      this.#at.set(name, at);
      this.#timer.sleepUntil(at);
    }
  }

  stop(): void {
    this.#timer.stop();
  }

  #wakeDue(): void {
    const now = this.clock.now();
    const due = [...this.#at].filter(([, at]) => at <= now).map(([name]) => name);
    for (const name of due) this.#at.delete(name);
    this.wake(due);
    for (const at of this.#at.values()) this.#timer.sleepUntil(at);
  }
}
