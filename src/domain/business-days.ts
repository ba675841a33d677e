import { type CalendarContent } from './calendar.js';
import { opensOn } from './open-hours.js';
import { DAY_MS, dayNumberOf, instantOf, isInRange, wallTimeOf } from './wall-clock.js';

/** Days in a row without hours after which a calendar is taken to stay closed. */
const LONGEST_CLOSURE_DAYS = 400;

/** Any hours will do: what counts is whether a day has some. */
const WHOLE_DAY = [{ fromMinute: 0, toMinute: 24 * 60 }];
const WORKING_DAYS: CalendarContent['open'] = {
  mon: WHOLE_DAY,
  tue: WHOLE_DAY,
  wed: WHOLE_DAY,
  thu: WHOLE_DAY,
  fri: WHOLE_DAY,
};

/**
 * The same time of day, `days` business days after `timeMs` (milliseconds since the epoch). Business days are those
 * on which the calendar opens, without one Monday to Friday of the zone; the day of `timeMs` is never one of them, so
 * one business day after a Saturday is Monday. A time of day that daylight saving leaves out runs at the next valid
 * minute, one that comes twice the first time. Null when the calendar has no opening within 400 days, or when the time
 * is out of range.
 */
export function addBusinessDays(
  timeMs: number,
  days: number,
  calendar: CalendarContent | { timezone: string },
): number | null {
  if (!isInRange(timeMs)) return null;
  if (days <= 0) return timeMs;
  const hours = 'open' in calendar ? calendar : { ...calendar, open: WORKING_DAYS, holidays: [] };
  const wall = wallTimeOf(timeMs, hours.timezone);
  const day = countDays(hours, dayNumberOf(wall), days);
  if (day === null || !isInRange(day * DAY_MS)) return null;
  return instantOf(day * DAY_MS + (wall - dayNumberOf(wall) * DAY_MS), hours.timezone);
}

function countDays(calendar: CalendarContent, fromDay: number, days: number): number | null {
  let counted = 0;
  let lastOpen = fromDay;
  for (let day = fromDay + 1; day - lastOpen <= LONGEST_CLOSURE_DAYS; day += 1) {
    if (!opensOn(calendar, day)) continue;
    lastOpen = day;
    counted += 1;
    if (counted >= days) return day;
  }
  return null;
}
