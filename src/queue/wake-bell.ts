import { type WakeListener } from './queue.js';

/** Gathers wake-ups, and tells the one listener of them once per turn of the event loop. */
export class WakeBell {
  #listener: WakeListener | null = null;
  readonly #woken = new Set<string>();
  #nextDueAt = Infinity;
  #isScheduled = false;

  listen(listener: WakeListener): void {
    this.#listener = listener;
  }

  ring(destinations: Iterable<string>, nextDueAt = Infinity): void {
    for (const destination of destinations) this.#woken.add(destination);
    this.#nextDueAt = Math.min(this.#nextDueAt, nextDueAt);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#tell());
  }

  /** Tells nobody any more. */
  silence(): void {
    this.#listener = null;
  }

  #tell(): void {
    const destinations = [...this.#woken];
    const nextDueAt = this.#nextDueAt === Infinity ? null : this.#nextDueAt;
    this.#woken.clear();
    this.#nextDueAt = Infinity;
    this.#isScheduled = false;
    this.#listener?.(destinations, nextDueAt);
  }
}
