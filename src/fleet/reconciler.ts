import { type LiveRuleSet } from '../config/live.js';
import { type Clock } from '../lib/clock.js';
import { type DeliveryQueue, wakeUpId } from '../queue/queue.js';
import { type Store } from '../store/store.js';

const LOOK_MS = 1_000;
/** What was woken for in the usual way is claimed by then. */
const OVERDUE_MS = 1_000;
/** A destination that this process does not know after so long is gone, and not merely new. */
const GONE_AFTER_MS = 60_000;

export interface ReconcilerOptions {
  store: Pick<Store, 'dueDestinations' | 'isShared'>;
  queue: Pick<DeliveryQueue, 'wake' | 'reach'>;
  live: { current(): Pick<LiveRuleSet, 'config'> };
  clock: Clock;
  leads: () => boolean;
  /** Has this process itself look at destinations that nobody knows any more: no worker listens for their wake-ups. */
  lookAtGone: (destinations: readonly string[]) => void;
  /** Told how long the oldest of what is due has been waiting; 0: nothing is. */
  onLook?: (oldestMs: number) => void;
  onTrouble: (error: unknown) => void;
}

/**
 * Wakes for what the store says is due and nobody was woken for: what other processes planned, what fell due while its
 * process was away, and whatever a queue has lost. Where wake-ups reach all processes, the leader alone looks.
 */
export class Reconciler {
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;

  constructor(private readonly options: ReconcilerOptions) {}

  start(): void {
    if (this.options.store.isShared) this.#timer = setInterval(() => this.#startLook(), LOOK_MS);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#looking;
  }

  #startLook(): void {
    const { queue, leads, onTrouble } = this.options;
    if (queue.reach === 'fleet' && !leads()) return this.options.onLook?.(0);
    this.#looking ??= this.#look()
      .catch(onTrouble)
      .finally(() => {
        this.#looking = null;
      });
  }

  async #look(): Promise<void> {
    const { store, queue, clock, onLook } = this.options;
    const now = clock.now();
    // Without a queue for all, this look is how a process hears of what others planned.
    const due = await store.dueDestinations(queue.reach === 'fleet' ? now - OVERDUE_MS : now);
    onLook?.(Math.max(0, ...due.map(({ dueAt }) => now - dueAt)));
    const known = due.filter(({ destination }) => this.#knows(destination));
    const gone = due.filter(
      ({ destination, dueAt }) => !this.#knows(destination) && dueAt < now - GONE_AFTER_MS,
    );
    if (gone.length > 0) this.options.lookAtGone(gone.map(({ destination }) => destination));
    if (known.length === 0) return;
    queue.wake(
      known.map(({ destination, deliveryId, attemptCount }) => ({
        destination,
        id: wakeUpId(deliveryId, attemptCount),
      })),
    );
  }

  #knows(destination: string): boolean {
    return this.options.live.current().config.destinations.has(destination);
  }
}
