import { type DeliveryQueue } from '../queue.js';

/** Wakes the dispatcher of this very process; many wake-ups of one turn of the event loop become one. */
export class InProcessQueue implements DeliveryQueue {
  #listener: ((destinations: readonly string[]) => void) | null = null;
  readonly #woken = new Set<string>();

  wake(destinations: readonly string[]): void {
    if (this.#woken.size === 0) setImmediate(() => this.#flush());
    for (const destination of destinations) this.#woken.add(destination);
  }

  onWake(listener: (destinations: readonly string[]) => void): void {
    this.#listener = listener;
  }

  close(): Promise<void> {
    this.#listener = null;
    return Promise.resolve();
  }

  #flush(): void {
    const destinations = [...this.#woken];
    this.#woken.clear();
    this.#listener?.(destinations);
  }
}
