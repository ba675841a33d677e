import { type AttemptOutcome, type FailureReason } from '../domain/attempt.js';
import { type Breaker, CLOSED, afterAttempt, probeAtOnce } from '../domain/breaker.js';
import { type StoredReason } from '../domain/delivery.js';

/** `ready` takes what it has room for; `open` only probes; `waiting` opens at a time; the others when a person says so. */
export type LaneState = 'ready' | 'open' | 'waiting' | 'paused' | 'disabled';

/** Why a lane takes nothing, or only probes. Times are milliseconds since the epoch. */
export interface Closure {
  state: Exclude<LaneState, 'ready'>;
  /** What opened the breaker, what the destination answered, or `null` where the state says it all. */
  why: FailureReason | null;
  since: number | null;
  /** Next probe, or end of the wait; null: nobody knows. */
  opensAt: number | null;
}

/** An opened or closed breaker. `why`: the failure that opened it, or the outcome of the probe that closed it. */
export interface LaneChange {
  change: 'opened' | 'closed';
  why: string;
}

interface Wait {
  until: number;
  since: number;
  why: FailureReason;
  /** How long it is; the next of a row is twice as long. */
  waitMs: number;
}

/**
 * First wait where nobody says how long, and the longest: our own network fails, which says nothing about the
 * destination, or a 429 names no time and holds up everything. They are short for that.
 */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;

/** What keeps a destination's lane from sending: breaker, waits, a person, the configuration. */
export class LaneGate {
  #breaker: Breaker = CLOSED;
  /** As the destination asked; never shortened. */
  #asked: Wait | null = null;
  #offline: Wait | null = null;
  #pausedSince: number | null = null;
  #isEnabled = true;

  constructor(private readonly onChange: (change: LaneChange) => void = () => undefined) {}

  setEnabled(isEnabled: boolean): void {
    this.#isEnabled = isEnabled;
  }

  /** A person pauses the lane; null: lets it go on. */
  setPaused(since: number | null): void {
    this.#pausedSince = since;
  }

  get isOpen(): boolean {
    return this.#breaker.open !== null;
  }

  /** How many may begin now as far as this gate goes: all, one as a probe, or none. */
  room(now: number): 'all' | 'probe' | 'none' {
    const closure = this.closure(now);
    if (closure === null) return 'all';
    return closure.state === 'open' && (closure.opensAt ?? now) <= now ? 'probe' : 'none';
  }

  /** What keeps this one from beginning, as a delivery's reason; null: nothing. */
  refusal(now: number, isProbe: boolean): StoredReason | null {
    const closure = this.closure(now);
    if (closure === null || (isProbe && this.room(now) === 'probe')) return null;
    if (closure.state === 'waiting') return closure.why ?? 'rate_limited';
    return `destination_${closure.state}`;
  }

  /** Null: the lane is ready. */
  closure(now: number): Closure | null {
    if (!this.#isEnabled) return { state: 'disabled', why: null, since: null, opensAt: null };
    if (this.#pausedSince !== null)
      return { state: 'paused', why: null, since: this.#pausedSince, opensAt: null };
    const wait = this.#longestWait(now);
    const { open } = this.#breaker;
    if (open !== null) {
      const opensAt = Math.max(open.probeAt, wait?.until ?? 0);
      return { state: 'open', why: open.why, since: open.since, opensAt };
    }
    return wait && { state: 'waiting', why: wait.why, since: wait.since, opensAt: wait.until };
  }

  #longestWait(now: number): Wait | null {
    const waits = [this.#asked, this.#offline].filter((wait) => wait !== null && wait.until > now);
    return waits.reduce((a, b) => (a === null || (b !== null && b.until > a.until) ? b : a), null);
  }

  /**
   * Learns from one attempt. Answers null when the attempt is charged as usual. Else it ended while the lane was
   * closed, or closed it: the earliest time for the next one, as far as the destination has a say. Where it has none
   * the delivery stays due, and this gate holds it: so it goes at once when the lane is opened early.
   */
  judge(result: AttemptOutcome, { now, isProbe }: { now: number; isProbe: boolean }): number | null {
    const before = this.#breaker.open;
    this.#breaker = afterAttempt(this.#breaker, result, { now, isProbe });
    const { open } = this.#breaker;
    const isOffline = result.outcome !== 'delivered' && result.reason === 'offline';
    this.#offline = isOffline ? longerWait(this.#offline, 'offline', now) : null;
    const askedUntil = this.#judgeAsked(result, now);
    this.#tell(before?.why ?? null, open?.why ?? null, result);
    if (askedUntil > 0) return Math.max(now, askedUntil);
    const isClosed = open !== null && (before !== null || result.outcome === 'unauthorized');
    return isClosed || isOffline ? now : null;
  }

  /** Until when this answer asked us to wait; 0: it did not. An earlier wait is never shortened. */
  #judgeAsked(result: AttemptOutcome, now: number): number {
    if (result.outcome === 'delivered') {
      // A row of them has ended; one that is still waited for stays.
      if (this.#asked !== null && this.#asked.until <= now) this.#asked = null;
      return 0;
    }
    const { afterMs, reason } = result;
    if (afterMs === undefined && reason !== 'rate_limited') return 0;
    const next =
      afterMs === undefined ? longerWait(this.#asked, reason, now) : namedWait(afterMs, reason, now);
    if (this.#asked === null || next.until > this.#asked.until) this.#asked = next;
    return this.#asked.until;
  }

  /** An open lane that begins to refuse our credentials is news as well: somebody has to mend them. */
  #tell(before: FailureReason | null, after: FailureReason | null, result: AttemptOutcome): void {
    const isNews = before === null || (before !== 'unauthorized' && after === 'unauthorized');
    if (after !== null && isNews) this.onChange({ change: 'opened', why: after });
    if (after !== null || before === null) return;
    this.onChange({ change: 'closed', why: result.outcome === 'delivered' ? 'delivered' : result.reason });
  }

  /** Looks at once, because a person asked or the configuration changed; what the destination asked for stays. */
  lookAtOnce(now: number): void {
    this.#breaker = probeAtOnce(this.#breaker, now);
    this.#offline = null;
  }
}

/** What ends during a wait began before it: only what was tried after it makes the next one longer. */
function longerWait(before: Wait | null, why: FailureReason, now: number): Wait {
  if (before !== null && before.until > now) return before;
  const waitMs = before === null ? FIRST_WAIT_MS : Math.min(LONGEST_WAIT_MS, before.waitMs * 2);
  return { until: now + waitMs, since: before?.since ?? now, why, waitMs };
}

function namedWait(afterMs: number, why: FailureReason, now: number): Wait {
  return { until: now + afterMs, since: now, why, waitMs: FIRST_WAIT_MS };
}
