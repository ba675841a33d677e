import { type CalendarContent } from './calendar.js';
import { nextOpen, openUntil } from './open-hours.js';
import { DAY_MS, isInRange } from './wall-clock.js';

/** A calendar that opens a minute a week needs centuries for what people write; nobody waits that long. */
const LONGEST_MS = 3_653 * DAY_MS;

const NINE_TO_FIVE = [{ fromMinute: 9 * 60, toMinute: 17 * 60 }];
const OFFICE_HOURS: CalendarContent['open'] = {
  mon: NINE_TO_FIVE,
  tue: NINE_TO_FIVE,
  wed: NINE_TO_FIVE,
  thu: NINE_TO_FIVE,
  fri: NINE_TO_FIVE,
};

/**
 * The first instant by which the calendar was open for `ms` since `timeMs` (both milliseconds, the latter since the
 * epoch); without a calendar Monday to Friday from 09:00 to 17:00 of the zone. What runs out at closing time ends at
 * closing time. An hour that daylight saving leaves out or repeats counts as the clock on the wall lets it: not at all,
 * or twice. Null when the calendar stays closed for 400 days, when it takes longer than ten years, or out of range.
 */
export function addBusinessTime(
  timeMs: number,
  ms: number,
  calendar: CalendarContent | { timezone: string },
): number | null {
  if (!isInRange(timeMs)) return null;
  if (ms <= 0) return timeMs;
  const hours = 'open' in calendar ? calendar : { ...calendar, open: OFFICE_HOURS, holidays: [] };
  let leftMs = ms;
  for (let fromMs = timeMs; fromMs - timeMs <= LONGEST_MS;) {
    const openMs = nextOpen(hours, fromMs);
    if (openMs === null) return null;
    const untilMs = openUntil(hours, openMs);
    if (openMs + leftMs <= untilMs) return openMs + leftMs;
    leftMs -= untilMs - openMs;
    fromMs = untilMs;
  }
  return null;
}
