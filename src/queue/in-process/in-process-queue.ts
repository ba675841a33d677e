import { type DeliveryQueue, type WakeListener } from '../queue.js';

/** Wakes the dispatcher of this very process; many wake-ups of one turn of the event loop become one. */
export class InProcessQueue implements DeliveryQueue {
  #listener: WakeListener | null = null;
  readonly #woken = new Set<string>();
  #nextDueAt = Infinity;
  #isScheduled = false;

  wake(destinations: readonly string[], nextDueAt = Infinity): void {
    for (const destination of destinations) this.#woken.add(destination);
    this.#nextDueAt = Math.min(this.#nextDueAt, nextDueAt);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#flush());
  }

  onWake(listener: WakeListener): void {
    this.#listener = listener;
  }

  close(): Promise<void> {
    this.#listener = null;
    return Promise.resolve();
  }

  #flush(): void {
    const destinations = [...this.#woken];
    const nextDueAt = this.#nextDueAt === Infinity ? null : this.#nextDueAt;
    this.#woken.clear();
    this.#nextDueAt = Infinity;
    this.#isScheduled = false;
    this.#listener?.(destinations, nextDueAt);
  }
}
