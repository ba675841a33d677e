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
const WEEK_MS = 7 * DAY_MS;

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
    const untilMs = toMs > lastMs ? lastMs + 1 : toMs;
    const openMs = nextOpenOnWall(calendar, fromMs + offsetMs, untilMs + offsetMs);
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
  const lastMs = timeMs + LOOK_AHEAD_DAYS * DAY_MS;
  for (let fromMs = timeMs; fromMs <= lastMs;) {
    const steadyUntilMs = nextChange(calendars, fromMs, lastMs + 1);
    const weekEndMs = steadyUntilMs > fromMs + WEEK_MS ? fromMs + WEEK_MS : steadyUntilMs;
    const openMs = firstCommon(calendars, fromMs, weekEndMs);
    if (openMs === null || openMs < weekEndMs) return openMs;
    // While no clock changes every week is like the one before, holidays aside: the rest need not be looked at.
    fromMs = meetInWeek(calendars, fromMs, weekEndMs) ? weekEndMs : steadyUntilMs;
  }
  return null;
}

/**
 * Until when a calendar that is open at `timeMs` stays open without doubt: the end of its span, or of what the clock
 * runs steadily of it, later than `timeMs`. Where it is closed: `timeMs`.
 */
export function openUntil(calendar: CalendarContent, timeMs: number): number {
  const { offsetMs, toMs } = offsetSpanAt(timeMs, calendar.timezone);
  const wall = timeMs + offsetMs;
  const day = dayNumberOf(wall);
  let untilMs = timeMs;
  for (const { fromMinute, toMinute } of spansOn(calendar, day)) {
    const isOpen = wall >= day * DAY_MS + fromMinute * MINUTE_MS;
    const endMs = day * DAY_MS + toMinute * MINUTE_MS - offsetMs;
    if (isOpen && endMs > untilMs) untilMs = endMs;
  }
  return untilMs > toMs ? toMs : untilMs;
}

/** Whether a day number on the wall has opening hours at all. */
export function opensOn(calendar: CalendarContent, dayNumber: number): boolean {
  return spansOn(calendar, dayNumber).length > 0;
}

/** When the first of their clocks changes its offset, `lastMs` at the latest. */
function nextChange(calendars: readonly CalendarContent[], fromMs: number, lastMs: number): number {
  let firstMs = lastMs;
  for (const { timezone } of calendars) {
    const { toMs } = offsetSpanAt(fromMs, timezone);
    if (toMs < firstMs) firstMs = toMs;
  }
  return firstMs;
}

/** The first instant at which all are open, or one from `beforeMs` on when there is none before; null: one never opens. */
function firstCommon(calendars: readonly CalendarContent[], fromMs: number, beforeMs: number): number | null {
  for (let commonMs = fromMs; ;) {
    const openMs = latestOpening(calendars, commonMs);
    if (openMs === null || openMs === commonMs || openMs >= beforeMs) return openMs;
    commonMs = openMs;
  }
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

/** Whether all would be open at some time of the week if it had no holidays. */
function meetInWeek(calendars: readonly CalendarContent[], fromMs: number, toMs: number): boolean {
  if (!calendars.some(hasHolidays)) return false;
  const everyDay = calendars.map(({ open, timezone }) => ({ open, timezone, holidays: [] }));
  const openMs = firstCommon(everyDay, fromMs, toMs);
  return openMs !== null && openMs < toMs;
}

/** As the clock on the wall runs while the offset stays: no zone, no daylight saving. */
function nextOpenOnWall(calendar: CalendarContent, from: WallTimeMs, to: WallTimeMs): WallTimeMs | null {
  for (let day = dayNumberOf(from); day * DAY_MS < to; day += 1) {
    const dayMs = day * DAY_MS;
    let first = to;
    for (const { fromMinute, toMinute } of spansOn(calendar, day)) {
      const openMs = dayMs + fromMinute * MINUTE_MS;
      if (openMs < first && from < dayMs + toMinute * MINUTE_MS) first = openMs;
    }
    if (first < to) return first < from ? from : first;
  }
  return null;
}

function spansOn(calendar: CalendarContent, dayNumber: number): readonly Span[] {
  const weekday = WEEKDAYS[(((dayNumber + FIRST_WEEKDAY) % 7) + 7) % 7];
  const spans = weekday && calendar.open[weekday];
  if (!spans || spans.length === 0) return [];
  return hasHolidays(calendar) && isHoliday(calendar, dayText(dayNumber)) ? [] : spans;
}

function hasHolidays({ holidays, holidaysOf }: CalendarContent): boolean {
  return holidays.length > 0 || typeof holidaysOf === 'string';
}
