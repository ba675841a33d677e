import { type AdmissionRequest } from '../queue.js';
import { ARRIVAL_MS, type Verdict, decideAdmission, quietUntil } from './admission.js';
import { type Arrival, type PermitName } from './redis-limits.js';

/** A request's time of arrival, and how long it counts. */
interface Entry extends PermitName {
  arrivesAt: number;
  perMs: number;
}

/** The limits of the one process that serves while Redis is away, in memory. */
export class LocalLimits {
  readonly #entries = new Map<string, Entry>();

  /** `running`: permits that this process holds. `aloneSince`: what was permitted before it is unknown. */
  decide(
    request: AdmissionRequest,
    { running, aloneSince, now }: { running: number; aloneSince: number; now: number },
  ): Verdict {
    const opensAt = quietUntil(aloneSince, request.rate);
    if (now < opensAt) return { granted: 0, opensAt };
    this.#forgetOld(now);
    const arrivals = [...this.#entries.values()]
      .filter(({ destination }) => destination === request.destination)
      .map(({ arrivesAt }) => arrivesAt)
      .sort((a, b) => a - b);
    return decideAdmission(request, { running, arrivals }, now);
  }

  /** It was granted under a rate. */
  add(permit: PermitName, perMs: number, now: number): void {
    const { id, destination } = permit;
    this.#entries.set(id, { id, destination, arrivesAt: now + ARRIVAL_MS, perMs });
  }

  release(id: string, made: boolean, now: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    // It has arrived by now, and `now` has lost its fraction.
    if (made) entry.arrivesAt = Math.min(entry.arrivesAt, now + 1);
    else this.#entries.delete(id);
  }

  /** What Redis does not know yet. */
  arrivals(now: number): Arrival[] {
    this.#forgetOld(now);
    return [...this.#entries.values()].map(({ id, destination, arrivesAt, perMs }) => ({
      id,
      destination,
      ageMs: now - arrivesAt,
      perMs,
    }));
  }

  clear(): void {
    this.#entries.clear();
  }

  #forgetOld(now: number): void {
    for (const [id, { arrivesAt, perMs }] of this.#entries)
      if (arrivesAt <= now - perMs) this.#entries.delete(id);
  }
}
