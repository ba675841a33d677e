import { settingsOf } from '../domain/destination-settings.js';
import { type Clock } from '../lib/clock.js';
import { type LaneReport, type StoredProcess } from '../store/store.js';

/** The worse stands for the destination: what one process may not send, the others hardly will. */
const BY_WEIGHT = ['ready', 'waiting', 'open', 'paused', 'disabled'];

export interface FleetLanesOptions {
  clock: Clock;
  /** The lanes of this process; none where it does not deliver. */
  own: () => readonly LaneReport[];
  others: () => readonly StoredProcess[];
}

/** The lanes of all processes as one. What others say may be some seconds old; pauses are known from the settings. */
export class FleetLanes {
  #paused = new Map<string, string>();

  constructor(private readonly options: FleetLanesOptions) {}

  /** Takes over the pauses as they are kept. */
  followPauses(settings: Record<string, string>): void {
    this.#paused = settingsOf(settings, 'paused');
  }

  setPaused(name: string, paused: boolean): void {
    if (!paused) this.#paused.delete(name);
    else if (!this.#paused.has(name))
      this.#paused.set(name, new Date(this.options.clock.now()).toISOString());
  }

  lanes(): LaneReport[] {
    const { own, others } = this.options;
    const told = others().flatMap(({ lanes }) => lanes.map((lane) => this.#asKnown(lane)));
    return mergeLanes([...own(), ...[...this.#paused].map(pausedLane), ...told]);
  }

  /** Somebody resumed it since that process told of it. */
  #asKnown(lane: LaneReport): LaneReport {
    return lane.state === 'paused' && !this.#paused.has(lane.name) ? { ...lane, ...READY } : lane;
  }
}

const READY = { state: 'ready', reason: null, since: null, opensAt: null };

function pausedLane([name, since]: [string, string]): LaneReport {
  return { name, state: 'paused', reason: null, since: Date.parse(since) || null, opensAt: null, running: 0 };
}

/** The worst state of each destination, and what is under way in all. */
export function mergeLanes(lanes: readonly LaneReport[]): LaneReport[] {
  const merged = new Map<string, LaneReport>();
  for (const lane of lanes) {
    const before = merged.get(lane.name);
    merged.set(lane.name, before === undefined ? lane : worse(before, lane));
  }
  return [...merged.values()];
}

function worse(a: LaneReport, b: LaneReport): LaneReport {
  const running = a.running + b.running;
  return BY_WEIGHT.indexOf(b.state) > BY_WEIGHT.indexOf(a.state) ? { ...b, running } : { ...a, running };
}

/** Only what is worth telling others. */
export function lanesToTell(lanes: readonly LaneReport[]): LaneReport[] {
  return lanes.filter(({ state, running }) => state !== 'ready' || running > 0);
}
