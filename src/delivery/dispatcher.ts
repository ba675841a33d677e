import { type DestinationConfig } from '../config/config.js';
import { type DeliveryQueue } from '../queue/queue.js';
import { type ClaimedDelivery } from '../store/store.js';
import { Carrier, type CarrierOptions, STORE_PAUSE_MS } from './carrier.js';
import { Lane } from './lane.js';
import { LONGEST_SLEEP_MS, WakeTimer } from './wake-timer.js';

export interface DispatcherOptions extends CarrierOptions {
  queue: DeliveryQueue;
}

/** How long it sleeps while it cannot know what is due next. */
const BACKLOG_SLEEP_MS = 1_000;
/** How long a process may hold a delivery before others take it for dead (several machines only). */
const LEASE_MS = 15_000;
/**
 * Claims what is due, lane by lane, and sends it. The database says what is due; the queue only says when
 * to look. A slow or broken destination fills its own lane and no other.
 */
export class Dispatcher {
  readonly #lanes = new Map<string, Lane>();
  readonly #hungry = new Set<string>();
  readonly #inFlight = new Set<Promise<void>>();
  #stopping = false;
  #round: Promise<void> = Promise.resolve();
  #looking: Promise<void> = Promise.resolve();
  #claiming = false;
  /** Set once the store was asked; from then on every change of a due time passes through here. */
  #knowsNextDue = false;

  readonly #timer: WakeTimer;
  readonly #carrier: Carrier;

  constructor(private readonly options: DispatcherOptions) {
    this.#timer = new WakeTimer(options.clock, () => {
      this.#knowsNextDue = false;
      this.#look();
    });
    this.#carrier = new Carrier(options, (dueAt) => this.#timer.sleepUntil(dueAt));
  }

  async start(): Promise<void> {
    const { store, clock, queue, live } = this.options;
    await store.recover(clock.now());
    live.onSwap(() => {
      this.#looking = this.#lookEverywhere();
    });
    queue.onWake((destinations) => this.#wake(destinations));
    await this.#lookEverywhere();
  }

  /** Also at what is planned for destinations that the configuration no longer has: it becomes held. */
  async #lookEverywhere(): Promise<void> {
    this.#look();
    try {
      this.#wake(await this.options.store.pendingDestinations());
    } catch (error) {
      this.options.onTrouble(error);
    }
  }

  /** Starts nothing new, waits for what is under way, and gives back the rest. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#timer.stop();
    this.#carrier.stopSending();
    // What a claim under way still brings is given back below.
    await Promise.all([this.#round, this.#looking]);
    const deadline = setTimeout(() => this.#carrier.abort(), graceMs);
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
    await this.#carrier.recorded();
    clearTimeout(deadline);
  }

  /** Looks at every lane, e.g. at start, after a configuration change and when a timer ends. */
  #look(): void {
    this.#wake([...this.options.live.current().config.destinations.keys()]);
  }

  #wake(destinations: readonly string[]): void {
    for (const destination of destinations) this.#hungry.add(destination);
    this.#startRound();
  }

  #startRound(): void {
    if (!this.#claiming && !this.#stopping) this.#round = this.#claimDue();
  }

  /** One claim at a time; wake-ups that arrive meanwhile are served by the next round. */
  async #claimDue(): Promise<void> {
    this.#claiming = true;
    const since = this.options.clock.now();
    try {
      for (let slots = this.#slots(); slots !== null && !this.#stopping; slots = this.#slots())
        await this.#claim(slots);
      await this.#sleepUntilDue(since);
    } catch (error) {
      this.options.onTrouble(error);
      this.#timer.sleepUntil(this.options.clock.now() + STORE_PAUSE_MS);
    } finally {
      this.#claiming = false;
      if (this.#hungry.size > 0) this.#startRound();
    }
  }

  async #claim(slots: Record<string, number>): Promise<void> {
    const { store, clock } = this.options;
    const now = clock.now();
    const claimed = await store.claim({ now, slots, leaseUntil: now + LEASE_MS });
    const counts = new Map<string, number>();
    for (const one of claimed) {
      const { destination } = one.delivery;
      counts.set(destination, (counts.get(destination) ?? 0) + 1);
      this.#track(one);
    }
    // A lane that got all it asked for may have more waiting.
    for (const [destination, count] of counts)
      if (count === slots[destination]) this.#hungry.add(destination);
  }

  /** Free slots of the lanes that were woken; null when there is nothing to claim. */
  #slots(): Record<string, number> | null {
    const now = this.options.clock.now();
    const slots: Record<string, number> = {};
    for (const name of this.#hungry) {
      const destination = this.options.live.current().config.destinations.get(name);
      if (destination?.enabled === false) continue;
      const lane = this.#lane(name, destination);
      const free = lane.free(now);
      // The timer is set here, because the lane may have opened by the time that this round ends.
      const opensAt = lane.opensAt(now);
      if (free > 0) slots[name] = free;
      else if (opensAt !== null) this.#timer.sleepUntil(opensAt);
    }
    this.#hungry.clear();
    return Object.keys(slots).length > 0 ? slots : null;
  }

  #lane(name: string, destination: DestinationConfig | undefined): Lane {
    const limits = { concurrency: destination?.concurrency ?? 1, rate: destination?.rate ?? null };
    const lane = this.#lanes.get(name);
    if (lane) {
      lane.setLimits(limits);
      return lane;
    }
    const created = new Lane(limits);
    this.#lanes.set(name, created);
    return created;
  }

  #track(claimed: ClaimedDelivery): void {
    const name = claimed.delivery.destination;
    const lane = this.#lane(name, this.options.live.current().config.destinations.get(name));
    lane.claimed(this.options.clock.now());
    const work = this.#carrier
      .carry(claimed, lane)
      .catch((error: unknown) => this.options.onTrouble(error))
      .finally(() => {
        this.#inFlight.delete(work);
        lane.released();
        if (lane.isWorthClaiming(this.options.clock.now())) this.#wake([name]);
      });
    this.#inFlight.add(work);
  }

  /** Timers may fire a moment early: what fell due after the round began, `since`, its claims may have missed. */
  async #sleepUntilDue(since: number): Promise<void> {
    this.#timer.sleepUntil(since + LONGEST_SLEEP_MS);
    if (this.#knowsNextDue) return;
    this.#knowsNextDue = true;
    const due = (await this.options.store.nextDueAt()) ?? Infinity;
    // What was due before and is still pending waits for a slot, and hides when the others are due.
    this.#timer.sleepUntil(due > since ? due : since + BACKLOG_SLEEP_MS);
  }
}
