import { LEADER_LEASE } from '../domain/role.js';
import { type Store } from '../store/store.js';

export const LEADER_LEASE_MS = 15_000;

export interface LeaderOptions {
  store: Pick<Store, 'lead' | 'resign' | 'isShared'>;
  /** Of this process. */
  id: string;
  /** Only those that deliver may lead. */
  canLead: boolean;
  /** Default 15 s. */
  leaseMs?: number;
  onChange?: (leads: boolean) => void;
  onTrouble: (error: unknown) => void;
  /** Milliseconds that only ever go up. Default: the process's own. */
  monotonicNow?: () => number;
}

/**
 * Says whether this process does what only one of all may do. On a store of its own it always does. On a shared one it
 * holds a lease, and takes itself for the leader no longer than that lasts: counted from before it was asked for, so
 * that two never lead at once, however slow the store is.
 */
export class Leader {
  readonly #options: Required<LeaderOptions>;
  #until: number;
  #led = false;
  #timer: NodeJS.Timeout | null = null;
  #asking: Promise<void> = Promise.resolve();

  constructor(options: LeaderOptions) {
    this.#options = {
      leaseMs: LEADER_LEASE_MS,
      onChange: () => undefined,
      monotonicNow: () => performance.now(),
      ...options,
    };
    const { canLead, store } = options;
    this.#until = canLead && !store.isShared ? Infinity : -Infinity;
  }

  readonly leads = (): boolean => this.#options.monotonicNow() < this.#until;

  /** Resolves when it is known whether this process leads from the start. */
  async start(): Promise<void> {
    const { store, canLead, leaseMs } = this.#options;
    if (store.isShared && canLead) {
      await this.#ask();
      this.#timer = setInterval(() => {
        this.#asking = this.#ask();
      }, leaseMs / 3);
    }
    this.#tell();
  }

  /** Lets another lead at once. */
  async stop(): Promise<void> {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    await this.#asking;
    const { store, id, onTrouble } = this.#options;
    const led = this.leads();
    this.#until = -Infinity;
    if (led) await store.resign(LEADER_LEASE, id).catch(onTrouble);
    this.#tell();
  }

  async #ask(): Promise<void> {
    const { store, id, leaseMs, monotonicNow, onTrouble } = this.#options;
    const asked = monotonicNow();
    try {
      const leads = await store.lead(LEADER_LEASE, id, leaseMs);
      this.#until = leads ? asked + leaseMs : -Infinity;
    } catch (error) {
      onTrouble(error);
    }
    this.#tell();
  }

  #tell(): void {
    const leads = this.leads();
    if (leads === this.#led) return;
    this.#led = leads;
    this.#options.onChange(leads);
  }
}
