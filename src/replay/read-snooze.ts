import { NOT_YET } from '../domain/delivery.js';
import { readTime } from '../domain/read-time.js';
import { parseDuration } from '../lib/duration.js';
import { DeskError } from './desk-error.js';
import { type SnoozeOptions } from './queries.js';

/** When a follow-up that is due at `dueAt` is due instead. Milliseconds since the epoch. */
export type Snooze = (dueAt: number) => number;

/**
 * Reads how long follow-ups are put off: all of them until the same time, or each by the same length. What is over
 * due already is put off from now on.
 * @param timezone whose clock a time without a zone is on
 * @throws {DeskError} for none or both of the two, and for what cannot be read or lies behind.
 */
export function readSnooze(
  { until, by }: SnoozeOptions,
  { now, timezone }: { now: number; timezone: string },
): Snooze {
  if ((until === undefined) === (by === undefined))
    throw new DeskError('bad_request', 'until, by: expected one of the two');
  if (until !== undefined) {
    const time = readUntil(until, now, timezone);
    return () => time;
  }
  const byMs = readBy(by ?? '');
  return (dueAt) => Math.max(dueAt, now) + byMs;
}

function readUntil(written: string, now: number, timezone: string): number {
  const time = readTime(written, { from: now, zone: timezone });
  if (time === null)
    throw new DeskError(
      'bad_request',
      `until: expected a time such as 2026-12-01T10:00 (on the clock of ${timezone}) or 2026-12-01T10:00:00Z`,
    );
  if (time.at > now && time.at < NOT_YET) return time.at;
  throw new DeskError('bad_request', 'until: that time is over; run-now sends a follow-up at once');
}

function readBy(written: string): number {
  const byMs = parseDuration(written);
  if (byMs !== null && byMs > 0) return byMs;
  throw new DeskError('bad_request', 'by: expected how much later, such as 45m, 2h or 3 days');
}
