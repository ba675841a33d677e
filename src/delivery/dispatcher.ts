import { type AttemptOutcome } from '../domain/attempt.js';
import { DESTINATION_SETTINGS } from '../domain/destination-settings.js';
import { type DeliveryQueue, type Permit } from '../queue/queue.js';
import { Carrier, type CarrierOptions, type Recorded } from './carrier.js';
import { ClaimRounds } from './claim-rounds.js';
import { type Taken } from './claim-wanted.js';
import { type Lane } from './lane.js';
import { type LaneStatus, Lanes, type LanesOptions } from './lanes.js';
import { LEASE_MS, LeaseKeeper } from './lease-keeper.js';

export interface DispatcherOptions extends CarrierOptions, LanesOptions {
  queue: DeliveryQueue;
  /** How long a claim is ours unless it is renewed. Default 15 s. */
  leaseMs?: number;
  /** Told how much was taken up that another process had held. */
  onRecovered?: (count: number) => void;
}

/** How work in a lane ended. `ran: false`: the lane is closed until `opensAt`; null: nobody knows until when. */
export type LaneRun = { ran: true; result: AttemptOutcome } | { ran: false; opensAt: number | null };

/** A place in a lane that something under way takes. */
interface Occupied {
  lane: Lane;
  asProbe: boolean;
  permit: Permit;
}

/**
 * Claims what is due, lane by lane, and sends it. The database says what is due; the queue only says when
 * to look. A slow or broken destination fills its own lane and no other.
 */
export class Dispatcher {
  readonly #lanes: Lanes;
  readonly #inFlight = new Set<Promise<unknown>>();
  #stopping = false;
  #looking: Promise<void> = Promise.resolve();
  readonly #rounds: ClaimRounds;
  readonly #carrier: Carrier;
  readonly #leases: LeaseKeeper;

  constructor(private readonly options: DispatcherOptions) {
    // Where others could take it, nothing is claimed before there is a slot for it.
    const ofLanes = options.store.isShared ? { ...options, claimAhead: 1 } : options;
    this.#lanes = new Lanes(ofLanes, options.live.current().config.destinations);
    this.#carrier = new Carrier(options, (recorded) => this.#goOnAfter(recorded));
    const { leaseMs = LEASE_MS } = options;
    const take = (taken: Taken) => this.#track(taken);
    this.#rounds = new ClaimRounds({ ...options, lanes: this.#lanes, leaseMs, take });
    this.#leases = new LeaseKeeper({
      ...options,
      leaseMs,
      onRecovered: ({ count, destinations }) => {
        options.onRecovered?.(count);
        this.#rounds.wake(destinations);
      },
    });
  }

  async start(): Promise<void> {
    const { store, clock, queue, live } = this.options;
    await store.recover(clock.now());
    this.#lanes.followPauses(await store.findSettings(DESTINATION_SETTINGS));
    this.#lanes.follow(live.current().config.destinations);
    live.onSwap(({ config }) => {
      queue.follow([...config.destinations.keys()]);
      this.probe(this.#lanes.follow(config.destinations));
      this.#looking = this.#lookEverywhere();
    });
    const listener = (destinations: readonly string[], nextDueAt: number | null) => {
      if (nextDueAt !== null) this.#rounds.sleepUntil(nextDueAt);
      this.#rounds.wake(destinations);
    };
    queue.listen(listener, [...live.current().config.destinations.keys()]);
    this.#leases.start();
    await this.#lookEverywhere();
  }

  /** Takes over the pauses that people asked for, wherever they did. */
  followPauses(settings: Record<string, string>): void {
    this.#rounds.wake(this.#lanes.followPauses(settings));
  }

  /**
   * A person asked, or a destination was mended: looks at these at once. An open lane probes, and only a wait
   * that the destination itself asked for is kept.
   */
  probe(destinations: readonly string[]): void {
    const now = this.options.clock.now();
    for (const name of destinations) this.#lanes.get(name).gate.lookAtOnce(now);
    this.#rounds.wake(destinations);
  }

  /** Nothing is sent to a paused destination. The caller keeps it in the store (`pausedKey`). */
  setPaused(name: string, paused: boolean): void {
    this.#lanes.setPaused(name, paused ? this.options.clock.now() : null);
    if (!paused) this.#rounds.wake([name]);
  }

  /** The lane of every configured destination. */
  lanes(): LaneStatus[] {
    return this.#lanes.statuses();
  }

  /**
   * Sends something that is no delivery through a destination's lane: it takes a slot and counts for its rate,
   * and the lane learns from its outcome. It may be the probe of an open lane. `signal` is aborted when the
   * process ends first. What `work` throws is thrown.
   */
  async runInLane(name: string, work: (signal: AbortSignal) => Promise<AttemptOutcome>): Promise<LaneRun> {
    const { clock, live } = this.options;
    const isThere = live.current().config.destinations.has(name);
    if (this.#stopping || !isThere) return { ran: false, opensAt: null };
    const lane = this.#lanes.get(name);
    const { admitted, asProbe } = lane.admitGuest(clock.now());
    if (!admitted) return { ran: false, opensAt: lane.opensAt(clock.now()) };
    if (asProbe) lane.reserveProbe();
    const { permits, askAgainAt } = await this.#admitGuest(name);
    const [permit] = permits;
    if (permit === undefined) {
      if (asProbe) lane.freeProbe();
      return { ran: false, opensAt: askAgainAt };
    }
    return this.#occupy<LaneRun>(
      { lane, asProbe, permit },
      () =>
        lane.run(async () => {
          const now = clock.now();
          if (this.#stopping || lane.gate.refusal(now, asProbe) !== null)
            return { ran: false, opensAt: lane.opensAt(now) };
          const result = await work(this.#carrier.signal);
          lane.gate.judge(result, { now: clock.now(), isProbe: asProbe });
          return { ran: true, result };
        }),
      ({ ran }) => ran,
    );
  }

  async #admitGuest(name: string): Promise<{ permits: Permit[]; askAgainAt: number | null }> {
    const request = { destination: name, count: 1, ...this.#lanes.configured(name) };
    const [admission = { permits: [], askAgainAt: null }] = await this.options.queue.admit([request]);
    return admission;
  }

  /** Also at what is planned for destinations that the configuration no longer has: it becomes held when it is due. */
  async #lookEverywhere(): Promise<void> {
    this.#rounds.look();
    // Another process may know a destination that this one does not know yet: the reconciler sees to those.
    if (this.options.store.isShared) return;
    try {
      const pending = await this.options.store.pendingDestinations();
      const { destinations } = this.options.live.current().config;
      this.#rounds.alsoLookAt(pending.filter((name) => !destinations.has(name)));
      this.#rounds.wake(pending);
    } catch (error) {
      this.options.onTrouble(error);
    }
  }

  /** Starts nothing new, waits for what is under way, and gives back the rest. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#carrier.stopSending();
    // What a claim under way still brings is given back below.
    await Promise.all([this.#rounds.stop(), this.#looking]);
    const deadline = setTimeout(() => this.#carrier.abort(), graceMs);
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
    await this.#carrier.recorded();
    await this.#leases.stop();
    clearTimeout(deadline);
  }

  #track(taken: Taken): void {
    const { claimed, asProbe, permit } = taken;
    const lane = this.#lanes.get(claimed.delivery.destination);
    this.#leases.holds(claimed.delivery);
    const carry = () => this.#carrier.carry(taken, lane);
    this.#occupy({ lane, asProbe, permit }, carry, ({ made }) => made)
      // Until it is on record nobody else may take it for left.
      .then(({ recorded }) => recorded)
      .catch((error: unknown) => this.options.onTrouble(error))
      .finally(() => this.#leases.released(claimed.delivery));
  }

  /** Counts what is under way, in its lane and for the stop of the process. */
  #occupy<T>(
    { lane, asProbe, permit }: Occupied,
    work: () => Promise<T>,
    wasMade: (result: T) => boolean,
  ): Promise<T> {
    const claimedAt = this.options.clock.now();
    lane.claimed(claimedAt, asProbe);
    let made = true;
    const done = work()
      .then((result) => {
        made = wasMade(result);
        return result;
      })
      .finally(() => {
        this.#inFlight.delete(done);
        lane.released(asProbe, made ? null : claimedAt);
        this.options.queue.release(permit, made);
        this.#goOn(permit.destination, lane);
      });
    this.#inFlight.add(done);
    return done;
  }

  /** A slot is free, or the lane closed and will open. */
  #goOn(name: string, lane: Lane): void {
    const now = this.options.clock.now();
    const opensAt = lane.gate.closure(now)?.opensAt ?? null;
    if (lane.isWorthClaiming(now)) this.#rounds.wake([name]);
    else if (opensAt !== null) this.#rounds.sleepUntil(opensAt);
  }

  #goOnAfter({ destination, state, dueAt, ordered, due, nextDueAt }: Recorded): void {
    // Other processes may be the ones that have room for them.
    if (due.length > 0 || nextDueAt !== null)
      this.options.queue.wake(
        due.map((name) => ({ destination: name })),
        nextDueAt ?? undefined,
      );
    if (state === 'pending') this.#sleepUntilOpen(destination, dueAt);
    // The next of its contact may have waited for it, and nothing else would say so.
    else if (ordered) this.#rounds.wake([destination]);
  }

  /** What is due already waits for its closed lane alone. */
  #sleepUntilOpen(destination: string, dueAt: number): void {
    const now = this.options.clock.now();
    const { gate } = this.#lanes.get(destination);
    const at = Math.max(dueAt, gate.closure(now)?.opensAt ?? 0);
    if (at > now || gate.room(now) !== 'none') this.#rounds.sleepUntil(at);
  }
}
