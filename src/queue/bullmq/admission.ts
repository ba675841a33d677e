import { type AdmissionRequest } from '../queue.js';

/** What one destination's limits know at a moment. Times are milliseconds since the epoch. */
export interface LimitState {
  /** Permits that are held. */
  running: number;
  /**
   * When each request is taken to have arrived, ascending. While it is under way that is {@link ARRIVAL_MS} after it
   * was permitted, and no later than its end once it has ended.
   */
  arrivals: readonly number[];
}

export interface Verdict {
  granted: number;
  /** When the rate has room again; null: nothing was refused, or only a release makes room. */
  opensAt: number | null;
}

/** A permit under a rate is used within this time of asking, or not at all. */
export const START_MS = 300;

/** {@link START_MS}, and 100 ms for the request to travel to the destination. */
export const ARRIVAL_MS = 400;

/** A permit whose holder does not renew it (each second) is free after this time. */
export const PERMIT_LEASE_MS = 15_000;

/**
 * Nothing is granted for this long after the limits were lost: holders renew each second, and connect again within
 * a second and a half, and so are known again.
 */
export const QUIET_MS = 2_000;

/** Under longer rates nobody would wait that long; they may be exceeded once after a loss. */
export const LONGEST_QUIET_MS = 60_000;

/**
 * As many as were asked for, as far as both limits allow. That the destination never sees more than `rate.count`
 * requests in any span of `perMs` follows from three facts: a request arrives no earlier than it was permitted; no
 * later than it is taken to have arrived; and one is permitted only while fewer than `count` are taken to have arrived
 * after `now - perMs`. For among the requests of any such span let L be the one permitted last, at p. All others arrive
 * less than `perMs` before L or after it, and L arrives at p or later; so they arrive, and are taken to have arrived,
 * after `p - perMs`. They were permitted before L, so all of them were counted then, and they were fewer than `count`.
 *
 * The second fact is bought: with {@link ARRIVAL_MS} of the span while a request is under way, and nothing once its
 * answer is there. Only a request that travels for more than 100 ms and is answered later can come too late.
 */
export function decideAdmission(request: AdmissionRequest, state: LimitState, now: number): Verdict {
  const { count, concurrency, rate } = request;
  const slots = Math.max(0, concurrency - state.running);
  if (rate === null) return { granted: Math.min(count, slots), opensAt: null };
  // What is under way may end at once: then it is taken to have arrived now.
  const counted = state.arrivals
    .filter((arrival) => arrival > now - rate.perMs)
    .map((arrival) => Math.min(arrival, now));
  const starts = Math.max(0, rate.count - counted.length);
  const granted = Math.min(count, slots, starts);
  if (granted === count || slots < starts) return { granted, opensAt: null };
  const arrivals = [...counted, ...Array<number>(granted).fill(now)];
  return { granted, opensAt: (arrivals[arrivals.length - rate.count] ?? now) + rate.perMs };
}

/** Until when nothing is granted after what was known got lost at `lostAt`. */
export function quietUntil(lostAt: number, rate: AdmissionRequest['rate']): number {
  return lostAt + QUIET_MS + (rate ? Math.min(rate.perMs, LONGEST_QUIET_MS) : 0);
}

/**
 * When to ask again for what a slot refused, which another process frees without telling: in 50 to 150 ms,
 * different for each, so that they do not ask all at once. `random`: 0 to 1.
 */
export function retrySoon(now: number, random: number): number {
  return now + 50 + Math.floor(random * 100);
}
