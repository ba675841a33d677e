import { isDeepStrictEqual } from 'node:util';
import { type DestinationConfig } from '../config/config.js';
import { settingsOf } from '../domain/destination-settings.js';
import { type Clock } from '../lib/clock.js';
import { Lane, type LaneLimits } from './lane.js';
import { type LaneChange, type LaneState } from './lane-gate.js';

/** What a person is told about a destination's lane. Times are milliseconds since the epoch. */
export interface LaneStatus {
  name: string;
  state: LaneState;
  /** What opened it or what it waits for, a word of FAILURE_REASONS; null: nothing, or the state says it all. */
  reason: string | null;
  since: number | null;
  /** Next probe, or end of the wait; null: it is ready, or opens when a person says so. */
  opensAt: number | null;
  /** Requests under way. */
  running: number;
}

export type DestinationChange = LaneChange & { destination: string };

export interface LanesOptions {
  clock: Clock;
  /** {@link LaneLimits.claimAhead} of every lane. */
  claimAhead?: number;
  /** Told when a destination's breaker opens or closes. */
  onLane?: (change: DestinationChange) => void;
}

type Destinations = ReadonlyMap<string, DestinationConfig>;

/** One lane per destination, made when it is first needed. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #pausedSince = new Map<string, number>();

  constructor(
    private readonly options: LanesOptions,
    private destinations: Destinations,
  ) {}

  get(name: string): Lane {
    return this.#lanes.get(name) ?? this.#create(name);
  }

  #create(name: string): Lane {
    const lane = new Lane(this.#limitsOf(name), (change) => {
      // One whose destination is gone meanwhile has nobody to tell.
      if (this.#lanes.get(name) === lane) this.options.onLane?.({ destination: name, ...change });
    });
    this.#lanes.set(name, lane);
    this.#settle(name, lane);
    return lane;
  }

  /** Puts in force what configuration and people say about a lane. */
  #settle(name: string, lane: Lane): void {
    const destination = this.destinations.get(name);
    lane.setLimits(this.#limitsOf(name));
    lane.gate.setEnabled(destination?.enabled ?? true);
    lane.gate.setPaused(this.#pausedSince.get(name) ?? null);
  }

  /** Takes over the pauses as the settings keep them; answers who was resumed. */
  followPauses(settings: Record<string, string>): string[] {
    const now = this.options.clock.now();
    const paused = settingsOf(settings, 'paused');
    const resumed = [...this.#pausedSince.keys()].filter((name) => !paused.has(name));
    for (const name of resumed) this.setPaused(name, null);
    for (const [name, since] of paused) this.setPaused(name, Date.parse(since) || now);
    return resumed;
  }

  /** Limits as configured, over all processes. */
  configured(name: string): { concurrency: number; rate: { count: number; perMs: number } | null } {
    return limitsOf(this.destinations.get(name));
  }

  #limitsOf(name: string): LaneLimits {
    return { ...this.configured(name), claimAhead: this.options.claimAhead };
  }

  setPaused(name: string, since: number | null): void {
    if (since === null) this.#pausedSince.delete(name);
    else this.#pausedSince.set(name, since);
    this.get(name).gate.setPaused(since);
  }

  /** Takes over a changed configuration; answers the destinations whose options are others now. */
  follow(next: Destinations): string[] {
    const before = this.destinations;
    this.destinations = next;
    for (const [name, lane] of this.#lanes) {
      if (next.has(name)) this.#settle(name, lane);
      else this.#forget(name, lane);
    }
    return [...next.values()].filter((one) => isMended(before.get(one.name), one)).map(({ name }) => name);
  }

  /** Its destination is gone; should it come back, it begins anew. */
  #forget(name: string, lane: Lane): void {
    this.#lanes.delete(name);
    if (lane.gate.isOpen)
      this.options.onLane?.({ destination: name, change: 'closed', why: 'destination_gone' });
  }

  statuses(): LaneStatus[] {
    const now = this.options.clock.now();
    return [...this.destinations.keys()].map((name) => {
      const lane = this.get(name);
      const closure = lane.gate.closure(now);
      const { state = 'ready', why: reason = null, since = null, opensAt = null } = closure ?? {};
      return { name, state, reason, since, opensAt, running: lane.running };
    });
  }
}

/** Its own settings, such as address and credentials: a change may have mended it. */
function isMended(before: DestinationConfig | undefined, after: DestinationConfig): boolean {
  if (before === undefined) return true;
  return before.adapter !== after.adapter || !isDeepStrictEqual(before.options, after.options);
}

function limitsOf(destination: DestinationConfig | undefined) {
  return { concurrency: destination?.concurrency ?? 1, rate: destination?.rate ?? null };
}
