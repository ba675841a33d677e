import { type AttemptOutcome } from '../domain/attempt.js';
import { type DeliveryQueue } from '../queue/queue.js';
import { type ClaimedDelivery } from '../store/store.js';
import { Carrier, type CarrierOptions, type Recorded, STORE_PAUSE_MS } from './carrier.js';
import { type Wanted, claimWanted, roomOf } from './claim-wanted.js';
import { type Lane } from './lane.js';
import { type LaneStatus, Lanes, type LanesOptions } from './lanes.js';
import { LONGEST_SLEEP_MS, WakeTimer } from './wake-timer.js';

export interface DispatcherOptions extends CarrierOptions, LanesOptions {
  queue: DeliveryQueue;
}

/** How work in a lane ended. `ran: false`: the lane is closed until `opensAt`; null: nobody knows until when. */
export type LaneRun = { ran: true; result: AttemptOutcome } | { ran: false; opensAt: number | null };

/** How long it sleeps while it cannot know what is due next. */
const BACKLOG_SLEEP_MS = 1_000;

/**
 * Claims what is due, lane by lane, and sends it. The database says what is due; the queue only says when
 * to look. A slow or broken destination fills its own lane and no other.
 */
export class Dispatcher {
  readonly #lanes: Lanes;
  readonly #hungry = new Set<string>();
  /** Destinations that the configuration no longer has, with something still planned for them. */
  #gone: string[] = [];
  readonly #inFlight = new Set<Promise<unknown>>();
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
    this.#lanes = new Lanes(options, options.live.current().config.destinations);
    this.#carrier = new Carrier(options, (recorded) => this.#goOnAfter(recorded));
  }

  async start(): Promise<void> {
    const { store, clock, queue, live } = this.options;
    await store.recover(clock.now());
    this.#lanes.restorePauses(await store.findSettings('destination.'));
    this.#lanes.follow(live.current().config.destinations);
    live.onSwap(({ config }) => {
      this.probe(this.#lanes.follow(config.destinations));
      this.#looking = this.#lookEverywhere();
    });
    queue.onWake((destinations, nextDueAt) => {
      if (nextDueAt !== null) this.#timer.sleepUntil(nextDueAt);
      this.#wake(destinations);
    });
    await this.#lookEverywhere();
  }

  /**
   * A person asked, or a destination was mended: looks at these at once. An open lane probes, and only a wait
   * that the destination itself asked for is kept.
   */
  probe(destinations: readonly string[]): void {
    const now = this.options.clock.now();
    for (const name of destinations) this.#lanes.get(name).gate.lookAtOnce(now);
    this.#wake(destinations);
  }

  /** Nothing is sent to a paused destination. The caller keeps it in the store ({@link pausedKey}). */
  setPaused(name: string, paused: boolean): void {
    this.#lanes.setPaused(name, paused ? this.options.clock.now() : null);
    if (!paused) this.#wake([name]);
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
    return this.#occupy(name, lane, asProbe, () =>
      lane.run(async () => {
        const now = clock.now();
        if (this.#stopping || lane.gate.refusal(now, asProbe) !== null)
          return { ran: false, opensAt: lane.opensAt(now) };
        const result = await work(this.#carrier.signal);
        lane.gate.judge(result, { now: clock.now(), isProbe: asProbe });
        return { ran: true, result };
      }),
    );
  }

  /** Also at what is planned for destinations that the configuration no longer has: it becomes held when it is due. */
  async #lookEverywhere(): Promise<void> {
    this.#look();
    try {
      const pending = await this.options.store.pendingDestinations();
      const { destinations } = this.options.live.current().config;
      this.#gone = pending.filter((name) => !destinations.has(name));
      this.#wake(pending);
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
    this.#wake([...this.options.live.current().config.destinations.keys(), ...this.#gone]);
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
      for (let wanted = this.#wanted(); wanted.length > 0 && !this.#stopping; wanted = this.#wanted())
        await this.#claim(wanted);
      await this.#sleepUntilDue(since);
    } catch (error) {
      this.options.onTrouble(error);
      this.#timer.sleepUntil(this.options.clock.now() + STORE_PAUSE_MS);
    } finally {
      this.#claiming = false;
      if (this.#hungry.size > 0) this.#startRound();
    }
  }

  #wanted(): Wanted[] {
    const { wanted, opensAt } = roomOf(this.#lanes, this.#hungry, this.options.clock.now());
    this.#hungry.clear();
    // The timer is set here, because the lane may have opened by the time that this round ends.
    if (opensAt !== null) this.#timer.sleepUntil(opensAt);
    return wanted;
  }

  async #claim(wanted: readonly Wanted[]): Promise<void> {
    const { store, clock } = this.options;
    const parts = { store, lanes: this.#lanes, now: clock.now() };
    const more = await claimWanted(parts, wanted, (claimed, asProbe) => this.#track(claimed, asProbe));
    for (const name of more) this.#hungry.add(name);
  }

  #track(claimed: ClaimedDelivery, asProbe: boolean): void {
    const name = claimed.delivery.destination;
    const lane = this.#lanes.get(name);
    this.#occupy(name, lane, asProbe, () => this.#carrier.carry(claimed, lane, asProbe)).catch(
      (error: unknown) => this.options.onTrouble(error),
    );
  }

  /** Counts what is under way, in its lane and for the stop of the process. */
  #occupy<T>(name: string, lane: Lane, asProbe: boolean, work: () => Promise<T>): Promise<T> {
    lane.claimed(this.options.clock.now(), asProbe);
    const done = work().finally(() => {
      this.#inFlight.delete(done);
      lane.released(asProbe);
      this.#goOn(name, lane);
    });
    this.#inFlight.add(done);
    return done;
  }

  /** A slot is free, or the lane closed and will open. */
  #goOn(name: string, lane: Lane): void {
    const now = this.options.clock.now();
    const opensAt = lane.gate.closure(now)?.opensAt ?? null;
    if (lane.isWorthClaiming(now)) this.#wake([name]);
    else if (opensAt !== null) this.#timer.sleepUntil(opensAt);
  }

  #goOnAfter({ destination, state, dueAt, ordered }: Recorded): void {
    if (state === 'pending') this.#sleepUntilOpen(destination, dueAt);
    // The next of its contact may have waited for it, and nothing else would say so.
    else if (ordered) this.#wake([destination]);
  }

  /** What is due already waits for its closed lane alone. */
  #sleepUntilOpen(destination: string, dueAt: number): void {
    const now = this.options.clock.now();
    const { gate } = this.#lanes.get(destination);
    const at = Math.max(dueAt, gate.closure(now)?.opensAt ?? 0);
    if (at > now || gate.room(now) !== 'none') this.#timer.sleepUntil(at);
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
