import { type CalendarContent, WEEKDAYS } from '../../src/domain/calendar.js';

/** Looking up a global is slow within a test, and this does little else. */
const { floor } = Math;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Whether a calendar is open, by means that the code under test does not use: offsets that the engine prints, Easter
 * by the rule of Gauss. Fast enough to look at a million times.
 */
export class PrintedClocks {
  readonly #offsets: Map<string, (number | number[])[]>;

  /** Days since 1970-01-01; a time beyond the last is an error. */
  constructor(
    zones: string[],
    private readonly firstDay: number,
    days: number,
  ) {
    this.#offsets = new Map(zones.map((zone) => [zone, printOffsets(zone, firstDay, days)]));
  }

  isOpen(calendar: CalendarContent, at: number): boolean {
    const wallMs = at + this.#offset(calendar.timezone, at);
    return isOpenOnWall(calendar.open, wallMs) && !isFree(calendar, wallMs);
  }

  /** Whether the offset of a zone changes on the day, in UTC, of an instant. */
  changesOn(zone: string, at: number): boolean {
    return typeof this.#day(zone, at) !== 'number';
  }

  #offset(zone: string, at: number): number {
    const offset = this.#day(zone, at);
    return typeof offset === 'number' ? offset : (offset[floor((at % DAY_MS) / (15 * MINUTE_MS))] ?? NaN);
  }

  #day(zone: string, at: number): number | number[] {
    const day = this.#offsets.get(zone)?.[floor(at / DAY_MS) - this.firstDay];
    if (day === undefined) throw new Error(`${isoText(at)} in ${zone} is beyond the table`);
    return day;
  }
}

/** 1970-01-01 was a Thursday. */
function isOpenOnWall(open: CalendarContent['open'], wallMs: number): boolean {
  const day = floor(wallMs / DAY_MS);
  const minute = floor((wallMs - day * DAY_MS) / MINUTE_MS);
  const spans = open[WEEKDAYS[(day + 3) % 7] ?? 'mon'] ?? [];
  return spans.some(({ fromMinute, toMinute }) => fromMinute <= minute && minute < toMinute);
}

function isFree({ holidays, holidaysOf }: CalendarContent, wallMs: number): boolean {
  if (holidays.length === 0) return false;
  const day = isoText(wallMs).slice(0, 10);
  return (
    holidays.includes(day) || (holidaysOf === 'AT' && austrianHolidays(Number(day.slice(0, 4))).has(day))
  );
}

const austrian = new Map<number, Set<string>>();

function austrianHolidays(year: number): Set<string> {
  const known = austrian.get(year);
  if (known) return known;
  const fixed = ['01-01', '01-06', '05-01', '08-15', '10-26', '11-01', '12-08', '12-25', '12-26'];
  const easter = easterOf(year);
  const movable = [1, 39, 50, 60].map((days) => isoText(easter + days * DAY_MS).slice(0, 10));
  const days = new Set([...fixed.map((day) => `${year}-${day}`), ...movable]);
  austrian.set(year, days);
  return days;
}

/** After Gauss, as it holds from 1900 to 2099. */
function easterOf(year: number): number {
  const [a, b, c] = [year % 19, year % 4, year % 7];
  const d = (19 * a + 24) % 30;
  const e = (2 * b + 4 * c + 6 * d + 5) % 7;
  const day = 22 + d + e;
  const isTooLate = day === 57 || (d === 28 && e === 6 && a > 10);
  return Date.UTC(year, 2, isTooLate ? day - 7 : day);
}

/** At midnight UTC; on days that end with another offset, for every quarter of an hour. */
function printOffsets(zone: string, firstDay: number, days: number): (number | number[])[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const offsetAt = (at: number) => Date.parse(`${format.format(at)} UTC`) - at;
  const midnights = Array.from({ length: days + 1 }, (_, day) => offsetAt((firstDay + day) * DAY_MS));
  return midnights.slice(0, -1).map((offset, day) => {
    if (offset === midnights[day + 1]) return offset;
    return Array.from({ length: 96 }, (_, i) => offsetAt((firstDay + day) * DAY_MS + i * 15 * MINUTE_MS));
  });
}

function isoText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
