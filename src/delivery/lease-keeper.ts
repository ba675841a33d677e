import { type Clock } from '../lib/clock.js';
import { type HeldLease, type Store } from '../store/store.js';

/** How long a process may hold a delivery before others take it for dead (several machines only). */
export const LEASE_MS = 15_000;

export interface LeaseKeeperOptions {
  store: Pick<Store, 'renew' | 'recover' | 'isShared'>;
  clock: Clock;
  leaseMs: number;
  /** Told for which destinations something was taken up that a dead process had held, and how much. */
  onRecovered: (recovered: { count: number; destinations: string[] }) => void;
  onTrouble: (error: unknown) => void;
}

/**
 * Keeps what is under way ours, and takes up what others no longer hold. Only where the store is shared: elsewhere
 * nobody else could take it.
 */
export class LeaseKeeper {
  readonly #held = new Map<string, HeldLease>();
  #timer: NodeJS.Timeout | null = null;
  #working: Promise<void> = Promise.resolve();

  constructor(private readonly options: LeaseKeeperOptions) {}

  start(): void {
    const { store, leaseMs } = this.options;
    // Twice within its time, so that one lost renewal costs nothing.
    if (store.isShared) this.#timer = setInterval(() => this.#startWork(), leaseMs / 3);
  }

  holds(lease: HeldLease): void {
    this.#held.set(lease.id, lease);
  }

  /** Not when it was claimed anew meanwhile. */
  released({ id, fence }: HeldLease): void {
    if (this.#held.get(id)?.fence === fence) this.#held.delete(id);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#working;
  }

  #startWork(): void {
    this.#working = this.#work().catch((error: unknown) => this.options.onTrouble(error));
  }

  async #work(): Promise<void> {
    const { store, clock, leaseMs, onRecovered } = this.options;
    if (this.#held.size > 0) await store.renew([...this.#held.values()], leaseMs);
    const recovered = await store.recover(clock.now());
    if (recovered.count > 0) onRecovered(recovered);
  }
}
