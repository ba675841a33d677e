import { type AttemptOutcome, type FailureReason } from './attempt.js';

/** So many `retry` or `unknown` in a row open a breaker. */
export const OPENS_AFTER = 10;
/** Wait before the first probe; each probe that fails doubles it. */
export const FIRST_PROBE_MS = 5_000;
/** Longest wait between two probes: somebody who mends a destination waits no longer than a coffee takes. */
export const LONGEST_PROBE_MS = 15 * 60_000;

/** What is known of a destination's health. While `open` is null it takes everything. Times are milliseconds since the epoch. */
export interface Breaker {
  /** `retry` and `unknown` in a row. */
  failures: number;
  open: OpenBreaker | null;
}

export interface OpenBreaker {
  /** What opened it, or what its last probe met. */
  why: FailureReason;
  since: number;
  /** One delivery may try from then on. */
  probeAt: number;
  /** Wait before that probe; 0 after somebody asked for it. */
  waitMs: number;
}

export const CLOSED: Breaker = { failures: 0, open: null };

/**
 * The breaker after one attempt. Pure.
 *
 * | outcome | closed | open, the attempt was its probe |
 * |---|---|---|
 * | delivered | the row ends | closes |
 * | rejected, 429 | | closes: it is alive |
 * | retry, unknown | one more in the row, opens at ten | stays open, the wait doubles |
 * | offline | | stays open, the wait stays: it says nothing about the destination |
 * | unauthorized | opens at once | stays open, the wait doubles |
 *
 * Attempts that began before it opened and end while it is open change nothing.
 */
export function afterAttempt(
  breaker: Breaker,
  result: AttemptOutcome,
  { isProbe, now }: { isProbe: boolean; now: number },
): Breaker {
  if (breaker.open === null) return afterClosed(breaker, result, now);
  return isProbe ? afterProbe(breaker, breaker.open, result, now) : breaker;
}

function afterClosed(breaker: Breaker, result: AttemptOutcome, now: number): Breaker {
  if (result.outcome === 'delivered') return CLOSED;
  if (isAlive(result) || result.reason === 'offline') return breaker;
  const failures = breaker.failures + 1;
  if (result.outcome !== 'unauthorized' && failures < OPENS_AFTER) return { failures, open: null };
  const open = { why: result.reason, since: now, probeAt: now + FIRST_PROBE_MS, waitMs: FIRST_PROBE_MS };
  return { failures, open };
}

function afterProbe(breaker: Breaker, open: OpenBreaker, result: AttemptOutcome, now: number): Breaker {
  if (result.outcome === 'delivered' || isAlive(result)) return CLOSED;
  if (result.reason === 'offline')
    return { ...breaker, open: { ...open, probeAt: now + (open.waitMs || FIRST_PROBE_MS) } };
  const waitMs = Math.min(LONGEST_PROBE_MS, Math.max(FIRST_PROBE_MS, open.waitMs * 2));
  return { ...breaker, open: { ...open, why: result.reason, waitMs, probeAt: now + waitMs } };
}

/** It answers, if only that it does not want this delivery, or not now. */
function isAlive(result: AttemptOutcome): boolean {
  if (result.outcome === 'rejected') return true;
  return result.outcome === 'retry' && result.reason === 'rate_limited';
}

/** Somebody mended it, or thinks so: the next delivery probes at once, and the waits begin anew. */
export function probeAtOnce(breaker: Breaker, now: number): Breaker {
  if (breaker.open === null) return breaker;
  return { ...breaker, open: { ...breaker.open, probeAt: now, waitMs: 0 } };
}
