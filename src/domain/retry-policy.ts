import { type AttemptOutcome } from './attempt.js';

/** Waits before attempts 2, 3, …: 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 3 h, 6 h, 12 h, 24 h. */
export const DEFAULT_RETRY_WAITS_MS: readonly number[] = [
  5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000,
];

/** Share by which a wait is shortened or lengthened, so that a recovered destination meets no herd. */
const JITTER = 0.2;

/** Longest wait before a closed lane (credentials refused) is tried again. */
const MAX_PAUSE_MS = 15 * 60_000;
const FIRST_PAUSE_MS = 5_000;

/** What a delivery does after an attempt. `charged` counts the attempt against the schedule. */
export interface NextStep {
  state: 'delivered' | 'pending' | 'dead';
  dueAt: number;
  charged: boolean;
  /** Until when the whole lane waits; null when only this delivery does. */
  pauseLaneUntil: number | null;
}

export interface AttemptHistory {
  /** Charged attempts before this one. */
  chargedCount: number;
  /** All attempts before this one. */
  attemptCount: number;
}

/**
 * Says what follows from one attempt. Pure: time and randomness are arguments.
 *
 * | outcome | state | charged | lane |
 * |---|---|---|---|
 * | delivered | delivered | yes | |
 * | rejected | dead | yes | |
 * | retry, unknown | pending, dead after the last wait | yes | |
 * | retry with 429 or `afterMs` | pending, never earlier than asked | no | waits as asked |
 * | unauthorized | pending | no | waits 5 s, doubling to 15 min |
 */
export function nextStep(
  result: AttemptOutcome,
  history: AttemptHistory,
  waitsMs: readonly number[],
  now: number,
  random: () => number,
): NextStep {
  if (result.outcome === 'delivered')
    return { state: 'delivered', dueAt: now, charged: true, pauseLaneUntil: null };
  if (result.outcome === 'rejected')
    return { state: 'dead', dueAt: now, charged: true, pauseLaneUntil: null };
  if (result.outcome === 'unauthorized') {
    const until = now + Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(history.attemptCount, 20));
    return { state: 'pending', dueAt: until, charged: false, pauseLaneUntil: until };
  }
  if (result.reason === 'rate_limited' || result.afterMs !== undefined)
    return stepAsAsked(result.afterMs, history, waitsMs, now, random);
  const waitMs = waitsMs[history.chargedCount];
  if (waitMs === undefined) return { state: 'dead', dueAt: now, charged: true, pauseLaneUntil: null };
  return { state: 'pending', dueAt: now + jittered(waitMs, random), charged: true, pauseLaneUntil: null };
}

/** A destination that asks us to wait is alive: nothing is charged, and its whole lane waits. */
function stepAsAsked(
  afterMs: number | undefined,
  history: AttemptHistory,
  waitsMs: readonly number[],
  now: number,
  random: () => number,
): NextStep {
  const fallbackMs = waitsMs[Math.min(history.attemptCount, waitsMs.length - 1)] ?? FIRST_PAUSE_MS;
  const waitMs = afterMs ?? jittered(fallbackMs, random);
  return { state: 'pending', dueAt: now + waitMs, charged: false, pauseLaneUntil: now + waitMs };
}

function jittered(waitMs: number, random: () => number): number {
  return Math.round(waitMs * (1 - JITTER + 2 * JITTER * random()));
}
