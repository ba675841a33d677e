import { type CalendarContent, isHoliday, type Span, WEEKDAYS } from './calendar.js';
import {
  DAY_MS,
  dayNumberOf,
  dayText,
  isInRange,
  MINUTE_MS,
  offsetSpanAt,
  type WallTimeMs,
} from './wall-clock.js';

/** How far ahead an opening is looked for; what has none until then is taken to stay closed. */
const LOOK_AHEAD_DAYS = 400;

/** 1970-01-01, day number 0, was a Thursday. */
const FIRST_WEEKDAY = WEEKDAYS.indexOf('thu');

/**
 * The first instant at or after `timeMs` (milliseconds since the epoch) at which the calendar is open: `timeMs`
 * itself when it is open already, null when it stays closed for 400 days. Agrees with `isInside` at every instant:
 * a span that begins in the hour that daylight saving leaves out opens at the next valid minute, and one that lies
 * in an hour that comes twice is open twice, as the clock on the wall says so.
 */
export function nextOpen(calendar: CalendarContent, timeMs: number): number | null {
  const lastMs = timeMs + LOOK_AHEAD_DAYS * DAY_MS;
  if (!isInRange(timeMs) || !isInRange(lastMs)) return null;
  for (let fromMs = timeMs; fromMs <= lastMs;) {
    const { offsetMs, toMs } = offsetSpanAt(fromMs, calendar.timezone);
    const openMs = nextOpenOnWall(calendar, fromMs + offsetMs, Math.min(toMs, lastMs + 1) + offsetMs);
    if (openMs !== null) return openMs - offsetMs;
    fromMs = toMs;
  }
  return null;
}

/**
 * The first instant at or after `timeMs` at which all calendars are open, null when there is none within 400 days.
 * Without calendars nothing is closed.
 */
export function nextOpenInAll(calendars: readonly CalendarContent[], timeMs: number): number | null {
  let commonMs = timeMs;
  while (commonMs <= timeMs + LOOK_AHEAD_DAYS * DAY_MS) {
    const openMs = latestOpening(calendars, commonMs);
    if (openMs === null || openMs === commonMs) return openMs;
    commonMs = openMs;
  }
  return null;
}

/** Whether a day number on the wall has opening hours at all. */
export function opensOn(calendar: CalendarContent, dayNumber: number): boolean {
  return spansOn(calendar, dayNumber).length > 0;
}

/** Each calendar is asked from where the one before it opened, so every round goes as far as any of them forces it. */
function latestOpening(calendars: readonly CalendarContent[], timeMs: number): number | null {
  let openMs: number | null = timeMs;
  for (const calendar of calendars) {
    openMs = nextOpen(calendar, openMs);
    if (openMs === null) return null;
  }
  return openMs;
}

/** As the clock on the wall runs while the offset stays: no zone, no daylight saving. */
function nextOpenOnWall(calendar: CalendarContent, from: WallTimeMs, to: WallTimeMs): WallTimeMs | null {
  for (let day = dayNumberOf(from); day * DAY_MS < to; day += 1) {
    const dayMs = day * DAY_MS;
    let first = Infinity;
    for (const { fromMinute, toMinute } of spansOn(calendar, day)) {
      const openMs = Math.max(from, dayMs + fromMinute * MINUTE_MS);
      if (openMs < dayMs + toMinute * MINUTE_MS) first = Math.min(first, openMs);
    }
    if (first < to) return first;
  }
  return null;
}

function spansOn(calendar: CalendarContent, dayNumber: number): readonly Span[] {
  const weekday = WEEKDAYS[(((dayNumber + FIRST_WEEKDAY) % 7) + 7) % 7];
  const spans = weekday && calendar.open[weekday];
  if (!spans || spans.length === 0) return [];
  const hasHolidays = calendar.holidays.length > 0 || typeof calendar.holidaysOf === 'string';
  return hasHolidays && isHoliday(calendar, dayText(dayNumber)) ? [] : spans;
}
