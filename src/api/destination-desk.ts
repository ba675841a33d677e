import { type LiveConfig } from '../config/live.js';
import { pausedKey } from '../domain/destination-settings.js';
import { type Clock } from '../lib/clock.js';
import { DeskError } from '../replay/desk-error.js';
import { type LaneReport, type Store } from '../store/store.js';

/** A destination and what its lane does. Times are ISO 8601, UTC, with milliseconds. */
export interface DestinationView {
  name: string;
  kind: string;
  /** False: `enabled: false` in the configuration. */
  enabled: boolean;
  /** `open`: its breaker is open, single deliveries probe; `waiting`: for a time it asked for, or for our own network. */
  state: string;
  /** What opened it or what it waits for. */
  reason: string | null;
  /** Since when it is in this state, as far as is known. */
  since: string | null;
  /** Next probe, or end of the wait; null: now, or when a person says so. */
  next_at: string | null;
  /** Requests under way. */
  running: number;
}

/** The running lanes. */
export interface Lanes {
  lanes(): LaneReport[];
  setPaused(destination: string, paused: boolean): void;
}

export interface DestinationDeskParts {
  store: Pick<Store, 'putSetting'>;
  live: LiveConfig;
  clock: Clock;
  lanes: Lanes;
}

/** What a person can do with destinations. A pause is kept in the store: it outlives the process. */
export class DestinationDesk {
  constructor(private readonly parts: DestinationDeskParts) {}

  /** In the order of the configuration. */
  list(): DestinationView[] {
    const { live, lanes } = this.parts;
    const statuses = new Map(lanes.lanes().map((status) => [status.name, status]));
    return [...live.current().config.destinations.values()].map(({ name, adapter, enabled }) => {
      const status = statuses.get(name);
      return {
        ...{ name, kind: adapter.kind, enabled },
        state: status?.state ?? (enabled ? 'ready' : 'disabled'),
        reason: status?.reason ?? null,
        since: isoTime(status?.since),
        next_at: isoTime(status?.opensAt),
        running: status?.running ?? 0,
      };
    });
  }

  /** Sends nothing more until it is resumed; pausing it twice keeps the first time. */
  async pause(name: string): Promise<DestinationView> {
    if (this.#find(name).state === 'paused') return this.#find(name);
    const since = new Date(this.parts.clock.now()).toISOString();
    await this.parts.store.putSetting(pausedKey(name), since);
    this.parts.lanes.setPaused(name, true);
    return this.#find(name);
  }

  async resume(name: string): Promise<DestinationView> {
    this.#find(name);
    await this.parts.store.putSetting(pausedKey(name), null);
    this.parts.lanes.setPaused(name, false);
    return this.#find(name);
  }

  #find(name: string): DestinationView {
    const found = this.list().find((destination) => destination.name === name);
    if (!found) throw new DeskError('not_found', 'the configuration has no destination of this name');
    return found;
  }
}

function isoTime(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : new Date(ms).toISOString();
}
