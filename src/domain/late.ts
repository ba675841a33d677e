import { type CalendarContent } from './calendar.js';
import { nextOpen } from './open-hours.js';
import { lengthText } from './time-text.js';

/** `if_late` and `late_after` of an action. */
export interface LatePolicy {
  /** `now`: at once, whatever its window says; `next_window`: when its window is open; `drop`: not at all. */
  ifLate: 'now' | 'next_window' | 'drop';
  /** How long after its time something counts as late, in milliseconds. */
  lateAfterMs: number;
}

const HOUR_MS = 3_600_000;
export const DEFAULT_LATE_POLICY: LatePolicy = { ifLate: 'next_window', lateAfterMs: 4 * HOUR_MS };

export type LateVerdict =
  /** `dueAt` is `now` or later; `isLate` asks for spreading. */
  | { is: 'due'; dueAt: number; isLate: boolean }
  | { is: 'dropped'; reason: `late: ${string}` }
  | { is: 'held'; reason: `never_open: ${string}` };

/**
 * What happens to something that was due at `dueAt` and is found at `now`, both in milliseconds since the epoch. Found
 * in time, or nearly, it goes now, or when its window opens again: being a little late is no leave to ignore it. Whether
 * the contact may be reached at all is for the contact gate, afterwards.
 */
export function judgeLate(
  { dueAt, now, window }: { dueAt: number; now: number; window: CalendarContent | null },
  { ifLate, lateAfterMs }: LatePolicy = DEFAULT_LATE_POLICY,
): LateVerdict {
  const lateByMs = now - dueAt;
  const isLate = lateByMs > lateAfterMs;
  if (isLate && ifLate === 'drop')
    return { is: 'dropped', reason: `late: found ${lengthText(lateByMs)} after its time` };
  const fromMs = Math.max(dueAt, now);
  if (window === null || (isLate && ifLate === 'now')) return { is: 'due', dueAt: fromMs, isLate };
  const openMs = nextOpen(window, fromMs);
  if (openMs === null) return { is: 'held', reason: 'never_open: its window stays closed for 400 days' };
  return { is: 'due', dueAt: openMs, isLate };
}

/**
 * A time between `dueAt` and `overMs` later, evenly spread by `key` (the id of the delivery) and always the same for
 * the same key: ten thousand that a stopped server left behind neither go at once nor move again when it is restarted.
 */
export function spread(dueAt: number, key: string, overMs: number): number {
  return dueAt + Math.floor((hashOf(key) / 2 ** 32) * Math.max(0, overMs));
}

/** FNV-1a, then mixed: ids that count up differ in their last letter only. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
