import { type CalendarContent } from '../domain/calendar.js';
import { nextOpenInAll, openUntil } from '../domain/open-hours.js';
import { DAY_MS } from '../domain/wall-clock.js';

/** What is open longer than this at a stretch never closes, as far as anybody plans. */
const ENDLESS_MS = 14 * DAY_MS;

/**
 * The first instant at or after `from` at which all calendars are open, and then each time at which they open
 * again, at most `count` in all. Fewer where they do not close or do not open any more. Milliseconds since the epoch.
 */
export function nextSlots(calendars: readonly CalendarContent[], from: number, count: number): number[] {
  const slots: number[] = [];
  let slot = nextOpenInAll(calendars, from);
  while (slot !== null && slots.length < count) {
    slots.push(slot);
    const closed = closesAt(calendars, slot);
    slot = closed === null ? null : nextOpenInAll(calendars, closed);
  }
  return slots;
}

/** When the first of them closes after an instant at which all are open; null when none does in sight. */
function closesAt(calendars: readonly CalendarContent[], openMs: number): number | null {
  for (let atMs = openMs; atMs - openMs < ENDLESS_MS;) {
    const untilMs = Math.min(...calendars.map((calendar) => openUntil(calendar, atMs)));
    if (nextOpenInAll(calendars, untilMs) !== untilMs) return untilMs;
    atMs = untilMs;
  }
  return null;
}
