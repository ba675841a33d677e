import { type DestinationConfig } from '../config/config.js';
import { type AttemptOutcome } from '../domain/attempt.js';
import { nextStep } from '../domain/retry-policy.js';
import { type DeliveryQueue } from '../queue/queue.js';
import { type ClaimedDelivery, type DeliveryUpdate, StoreUnavailableError } from '../store/store.js';
import { Lane } from './lane.js';
import { type Gated, type SendTools, passGates, sendDelivery } from './send-delivery.js';

/** Everything known about one attempt, for the one wide log line and the metrics. */
export interface AttemptReport {
  claimed: ClaimedDelivery;
  result: AttemptOutcome;
  state: string;
  dueAt: number;
  durationMs: number;
}

export interface DispatcherOptions extends SendTools {
  queue: DeliveryQueue;
  /** From 0 up to, not including, 1; spreads retries. */
  random: () => number;
  /** Called once per recorded attempt. */
  observe: (report: AttemptReport) => void;
  /** Called when the store refuses work; the dispatcher goes on by itself. */
  onTrouble: (error: unknown) => void;
}

/** No timer lives longer; a lost wake-up costs at most this. */
const LONGEST_SLEEP_MS = 60_000;
/** How long it sleeps while it cannot know what is due next. */
const BACKLOG_SLEEP_MS = 1_000;
/** How long a process may hold a delivery before others take it for dead (several machines only). */
const LEASE_MS = 15_000;
/** Pause before the store is asked again after it refused. */
const STORE_PAUSE_MS = 500;
/** How long a delivery to a disabled destination waits before it looks again. */
const DISABLED_PAUSE_MS = 60_000;

/**
 * Claims what is due, lane by lane, and sends it. The database says what is due; the queue only says when
 * to look. A slow or broken destination fills its own lane and no other.
 */
export class Dispatcher {
  readonly #lanes = new Map<string, Lane>();
  readonly #hungry = new Set<string>();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  #stopping = false;
  #round: Promise<void> = Promise.resolve();
  #looking: Promise<void> = Promise.resolve();
  #claiming = false;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Infinity;
  /** Set once the store was asked; from then on every change of a due time passes through here. */
  #knowsNextDue = false;

  constructor(private readonly options: DispatcherOptions) {}

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
    if (this.#timer) clearTimeout(this.#timer);
    // What a claim under way still brings is given back below.
    await Promise.all([this.#round, this.#looking]);
    const deadline = setTimeout(() => this.#abort.abort(), graceMs);
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
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
      this.#sleepUntil(this.options.clock.now() + STORE_PAUSE_MS);
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
      else if (opensAt !== null) this.#sleepUntil(opensAt);
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
    const work = this.#handle(claimed, lane)
      .catch((error: unknown) => this.options.onTrouble(error))
      .finally(() => {
        this.#inFlight.delete(work);
        lane.released();
        if (lane.isWorthClaiming(this.options.clock.now())) this.#wake([name]);
      });
    this.#inFlight.add(work);
  }

  async #handle(claimed: ClaimedDelivery, lane: Lane): Promise<void> {
    const gated = await passGates(this.options, claimed).catch((error: unknown) => asError(error));
    if (gated instanceof Error) return this.#giveBack(claimed, gated);
    if (gated.state === 'lost') return;
    if (gated.state !== 'ready') return this.#settle(claimed, gated);
    await lane.run(() => this.#attempt(claimed, gated, lane));
  }

  /** Nothing was sent yet; left in `sending` it would stay there until the next start. */
  async #giveBack(claimed: ClaimedDelivery, error: Error): Promise<void> {
    const { clock, onTrouble } = this.options;
    onTrouble(error);
    const dueAt = clock.now() + STORE_PAUSE_MS;
    const { reason } = claimed.delivery;
    if (error instanceof StoreUnavailableError)
      await this.#record(claimed, { state: 'pending', reason, dueAt });
    else await this.#record(claimed, { state: 'held', reason: 'internal', dueAt });
  }

  async #settle(claimed: ClaimedDelivery, gated: Exclude<Gated, { state: 'ready' | 'lost' }>): Promise<void> {
    const now = this.options.clock.now();
    const dueAt = gated.state === 'pending' ? now + DISABLED_PAUSE_MS : claimed.delivery.dueAt;
    await this.#record(claimed, { state: gated.state, reason: gated.reason, dueAt });
  }

  async #attempt(
    claimed: ClaimedDelivery,
    ready: Extract<Gated, { state: 'ready' }>,
    lane: Lane,
  ): Promise<void> {
    const { clock } = this.options;
    const startedAt = clock.now();
    // The lane was paused, or the process is stopping, while this one waited for a slot: give it back.
    if (lane.isPaused(startedAt) || this.#stopping) {
      const dueAt = lane.opensAt(startedAt) ?? startedAt;
      return this.#record(claimed, { state: 'pending', reason: claimed.delivery.reason, dueAt });
    }
    const result = await sendDelivery(this.options, claimed, ready, this.#abort.signal);
    const now = clock.now();
    const { chargedCount, attemptCount } = claimed.delivery;
    const history = { chargedCount, attemptCount };
    const step = nextStep(result, history, ready.destination.retryWaitsMs, now, this.options.random);
    if (step.pauseLaneUntil !== null) lane.pauseUntil(step.pauseLaneUntil);
    const durationMs = now - startedAt;
    const attempt = { startedAt, durationMs, result, charged: step.charged };
    const reason = step.state === 'delivered' ? null : 'reason' in result ? result.reason : null;
    // The slot is free as soon as the answer is there: recording is awaited by the claim, not by the lane.
    void this.#keep(this.#record(claimed, { state: step.state, reason, dueAt: step.dueAt, attempt }));
    this.options.observe({ claimed, result, state: step.state, dueAt: step.dueAt, durationMs });
  }

  async #keep(recording: Promise<void>): Promise<void> {
    const work = recording.catch((error: unknown) => this.options.onTrouble(error));
    const tracked = work.finally(() => this.#inFlight.delete(tracked));
    this.#inFlight.add(tracked);
    await tracked;
  }

  /** An attempt that was made must not be forgotten because the disk was full for a while. */
  async #record(
    { delivery }: ClaimedDelivery,
    change: Pick<DeliveryUpdate, 'state' | 'reason' | 'dueAt' | 'attempt'>,
  ): Promise<void> {
    const { store, clock } = this.options;
    for (;;) {
      try {
        await store.update({ id: delivery.id, fence: delivery.fence, now: clock.now(), ...change });
        if (change.state === 'pending') this.#sleepUntil(change.dueAt);
        return;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || this.#abort.signal.aborted) throw error;
        this.options.onTrouble(error);
        await new Promise((resolve) => setTimeout(resolve, STORE_PAUSE_MS));
      }
    }
  }

  /** Timers may fire a moment early: what fell due after the round began, `since`, its claims may have missed. */
  async #sleepUntilDue(since: number): Promise<void> {
    this.#sleepUntil(since + LONGEST_SLEEP_MS);
    if (this.#knowsNextDue) return;
    this.#knowsNextDue = true;
    const due = (await this.options.store.nextDueAt()) ?? Infinity;
    // What was due before and is still pending waits for a slot, and hides when the others are due.
    this.#sleepUntil(due > since ? due : since + BACKLOG_SLEEP_MS);
  }

  #sleepUntil(time: number): void {
    if (this.#stopping || (this.#timer && this.#timerAt <= time)) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timerAt = time;
    const waitMs = Math.min(LONGEST_SLEEP_MS, Math.max(0, time - this.options.clock.now()));
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#timerAt = Infinity;
      this.#knowsNextDue = false;
      this.#look();
    }, waitMs);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
