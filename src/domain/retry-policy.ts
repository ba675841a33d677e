import { type AttemptOutcome } from './attempt.js';
import { type IfUnknown, type StoredReason } from './delivery.js';

/** Waits before attempts 2, 3, …: 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 3 h, 6 h, 12 h, 24 h. */
export const DEFAULT_RETRY_WAITS_MS: readonly number[] = [
  5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000,
];

/** Share by which a wait is shortened or lengthened, so that a recovered destination meets no herd. */
const JITTER = 0.2;

/** Where nothing else says how long. */
const FALLBACK_WAIT_MS = 5_000;

/** What a delivery does after an attempt. `charged` counts the attempt against the schedule. */
export interface NextStep {
  state: 'delivered' | 'pending' | 'dead' | 'held';
  reason: StoredReason | null;
  dueAt: number;
  charged: boolean;
}

/** What decides about the next step besides the outcome. */
export interface AttemptSituation {
  /** Charged attempts before this one. */
  chargedCount: number;
  /** Waits before attempts 2, 3, …; their number plus one is the number of charged attempts. */
  waitsMs: readonly number[];
  ifUnknown: IfUnknown;
  /**
   * Set when the attempt ended while its lane was closed, or closed it: such attempts are not charged, and the next one
   * is due then. It may be now: the lane holds back what is due.
   */
  closedUntil: number | null;
  /** When the attempt ended. */
  now: number;
}

/**
 * Says what follows from one attempt. Pure: time and randomness are arguments.
 *
 * | outcome | state | charged |
 * |---|---|---|
 * | delivered | delivered | yes |
 * | rejected | dead | yes |
 * | unknown with `if_unknown: hold` | held | yes |
 * | retry with 429 or `afterMs` | pending, never earlier than asked | no |
 * | retry, unknown, unauthorized at a closed lane | pending | no |
 * | retry, unknown otherwise | pending, dead after the last wait | yes |
 */
export function nextStep(
  result: AttemptOutcome,
  situation: AttemptSituation,
  random: () => number,
): NextStep {
  const { now, ifUnknown, closedUntil } = situation;
  if (result.outcome === 'delivered') return ended('delivered', null, now);
  const { outcome, reason } = result;
  if (outcome === 'rejected') return ended('dead', reason, now);
  if (outcome === 'unknown' && ifUnknown === 'hold') return ended('held', `unknown: ${reason}`, now);
  if (closedUntil !== null || isNeverCharged(result)) {
    const dueAt = Math.max(now + (result.afterMs ?? 0), closedUntil ?? now + FALLBACK_WAIT_MS);
    return { state: 'pending', reason, dueAt, charged: false };
  }
  const waitMs = situation.waitsMs[situation.chargedCount];
  if (waitMs === undefined) return ended('dead', reason, now);
  return { state: 'pending', reason, dueAt: now + jittered(waitMs, random), charged: true };
}

/** Not this delivery's fault: credentials, our own network, or a destination that is alive and asks us to wait. */
function isNeverCharged({ outcome, reason, afterMs }: Failed): boolean {
  if (outcome === 'unauthorized' || reason === 'offline') return true;
  return reason === 'rate_limited' || afterMs !== undefined;
}

type Failed = Exclude<AttemptOutcome, { outcome: 'delivered' }>;

function ended(state: NextStep['state'], reason: StoredReason | null, now: number): NextStep {
  return { state, reason, dueAt: now, charged: true };
}

function jittered(waitMs: number, random: () => number): number {
  return Math.round(waitMs * (1 - JITTER + 2 * JITTER * random()));
}
