import { DateTime } from 'luxon';
import { nearest } from '../lib/nearest.js';
import { isTimeZone } from '../lib/time-zone.js';
import { isPublicHoliday, parseHolidayPlace } from './public-holidays.js';

/** Opening hours by name, as `calendars:` of `aftercall.yaml` gives them. */
export interface CalendarContent {
  /** By weekday `mon` … `sun`; each span is minutes of the local day, end exclusive. */
  open: Partial<Record<Weekday, Span[]>>;
  timezone: string;
  /** Closed days as `YYYY-MM-DD`. */
  holidays: string[];
  /** Closed on the public holidays of this country or state too (`AT`, `AT-9`). Left out where there is none. */
  holidaysOf?: string | null;
}

export interface Span {
  fromMinute: number;
  toMinute: number;
}

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface CalendarProblem {
  /** Below the calendar, e.g. `open.mon-fri[1]`. */
  path: string;
  message: string;
}

const KEYS = ['open', 'timezone', 'holidays', 'holidays_of'];
const MINUTES_PER_DAY = 24 * 60;
const SPAN = /^([01]?\d|2[0-4]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-4]):([0-5]\d)$/;

/** The weekday, in the given zone, of an instant in milliseconds since the epoch. */
export function weekdayOf(timeMs: number, timezone: string): Weekday {
  return WEEKDAYS[DateTime.fromMillis(timeMs, { zone: timezone }).weekday - 1] as Weekday;
}

/**
 * Whether the calendar is open at an instant (milliseconds since the epoch). Hours are those on the wall of
 * its zone, so they follow daylight saving time; the end of a span is closed already.
 */
export function isInside(calendar: CalendarContent, timeMs: number): boolean {
  const local = DateTime.fromMillis(timeMs, { zone: calendar.timezone });
  if (isHoliday(calendar, local.toFormat('yyyy-MM-dd'))) return false;
  const minute = local.hour * 60 + local.minute;
  const spans = calendar.open[WEEKDAYS[local.weekday - 1] as Weekday] ?? [];
  return spans.some(({ fromMinute, toMinute }) => minute >= fromMinute && minute < toMinute);
}

/** Whether a day (`YYYY-MM-DD`) is closed, by the calendar's own dates or as a public holiday. */
export function isHoliday({ holidays, holidaysOf }: CalendarContent, day: string): boolean {
  return holidays.includes(day) || (typeof holidaysOf === 'string' && isPublicHoliday(holidaysOf, day));
}

/**
 * Reads `{ open: { mon-fri: ["09:00-12:00", "13:00-17:30"], sat: "10:00-14:00" }, timezone, holidays,
 * holidays_of: AT }`.
 * A span that ends before it starts (`22:00-06:00`) reaches into the next day. What cannot be read is left out
 * of the calendar and listed among the problems.
 */
export function parseCalendar(
  input: unknown,
  defaultTimezone: string,
): { calendar: CalendarContent; problems: CalendarProblem[] } {
  const problems: CalendarProblem[] = [];
  const fields = isRecord(input) ? input : {};
  if (!isRecord(input))
    problems.push({ path: '', message: 'expected a calendar such as { open: { mon-fri: "09:00-17:00" } }' });
  for (const key of Object.keys(fields)) {
    if (!KEYS.includes(key) && !key.startsWith('x-'))
      problems.push({
        path: key,
        message: `unknown key \`${key}\`; a calendar has open, timezone, holidays and holidays_of`,
      });
  }
  const calendar: CalendarContent = {
    open: parseOpen(fields.open, problems),
    timezone: parseTimezone(fields.timezone, defaultTimezone, problems),
    holidays: parseHolidays(fields.holidays, problems),
  };
  const holidaysOf = parseHolidaysOf(fields.holidays_of, problems);
  // Left out rather than null: a rule set without it keeps its fingerprint.
  return { calendar: holidaysOf === null ? calendar : { ...calendar, holidaysOf }, problems };
}

function parseHolidaysOf(value: unknown, problems: CalendarProblem[]): string | null {
  if (value === undefined || value === null) return null;
  const read =
    typeof value === 'string'
      ? parseHolidayPlace(value)
      : { problem: 'expected a country such as AT, or a state such as AT-9' };
  if ('place' in read) return read.place;
  problems.push({ path: 'holidays_of', message: read.problem });
  return null;
}

function parseTimezone(value: unknown, otherwise: string, problems: CalendarProblem[]): string {
  if (value === undefined) return otherwise;
  if (typeof value === 'string' && isTimeZone(value)) return value;
  problems.push({ path: 'timezone', message: 'expected an IANA zone such as Europe/Vienna' });
  return otherwise;
}

function parseHolidays(value: unknown, problems: CalendarProblem[]): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    problems.push({ path: 'holidays', message: 'expected a list of days such as ["2025-12-25"]' });
    return [];
  }
  return value.filter((day: unknown, i): day is string => {
    const isDay = typeof day === 'string' && /^\d{4}-\d\d-\d\d$/.test(day) && DateTime.fromISO(day).isValid;
    if (!isDay) problems.push({ path: `holidays[${i}]`, message: 'expected a day as "YYYY-MM-DD"' });
    return isDay;
  });
}

function parseOpen(value: unknown, problems: CalendarProblem[]): CalendarContent['open'] {
  const open: CalendarContent['open'] = {};
  if (!isRecord(value) || Object.keys(value).length === 0) {
    problems.push({ path: 'open', message: 'expected hours by weekday, such as { mon-fri: "09:00-17:00" }' });
    return open;
  }
  for (const [key, hours] of Object.entries(value)) {
    const days = parseDays(key);
    if (typeof days === 'string') problems.push({ path: `open.${key}`, message: days });
    else addHours(open, days, hours, `open.${key}`, problems);
  }
  for (const day of WEEKDAYS) open[day]?.sort((a, b) => a.fromMinute - b.fromMinute);
  return open;
}

/** `mon`, `mon-fri`, `fri-mon` (over the weekend), `mon, wed`; or what is wrong, in words. */
function parseDays(key: string): Weekday[] | string {
  const days: Weekday[] = [];
  for (const part of key.toLowerCase().split(',')) {
    const ends = part.split('-').map((word) => word.trim());
    const unknown = ends.find((word) => !isWeekday(word)) ?? (ends.length > 2 ? part : undefined);
    if (unknown !== undefined) return unknownDay(unknown);
    const [first, last = first] = ends.map((word) => WEEKDAYS.indexOf(word as Weekday));
    for (let i = first as number; ; i = (i + 1) % 7) {
      days.push(WEEKDAYS[i] as Weekday);
      if (i === last) break;
    }
  }
  return days;
}

function unknownDay(word: string): string {
  const hint = nearest(word, WEEKDAYS);
  return `\`${word}\` is no weekday; expected mon … sun or a range such as mon-fri${hint ? `; did you mean ${hint}?` : ''}`;
}

function isWeekday(word: string): word is Weekday {
  return (WEEKDAYS as readonly string[]).includes(word);
}

function addHours(
  open: CalendarContent['open'],
  days: Weekday[],
  hours: unknown,
  path: string,
  problems: CalendarProblem[],
): void {
  const list = Array.isArray(hours) ? (hours as unknown[]) : [hours];
  list.forEach((text, i) => {
    const span = parseSpan(text);
    const place = Array.isArray(hours) ? `${path}[${i}]` : path;
    if (typeof span === 'string') problems.push({ path: place, message: span });
    else for (const day of days) addSpan(open, day, span);
  });
}

function parseSpan(text: unknown): Span | string {
  const match = typeof text === 'string' ? SPAN.exec(text.trim()) : null;
  if (!match) return 'expected hours as "09:00-17:00", in quotes';
  const [fromHour, from, toHour, to] = match.slice(1).map(Number) as [number, number, number, number];
  const fromMinute = fromHour * 60 + from;
  const toMinute = toHour * 60 + to;
  if (toMinute > MINUTES_PER_DAY || fromMinute >= MINUTES_PER_DAY) return 'a day ends at 24:00';
  if (fromMinute === toMinute) return 'the hours end where they start; a whole day is "00:00-24:00"';
  return { fromMinute, toMinute };
}

function addSpan(open: CalendarContent['open'], day: Weekday, { fromMinute, toMinute }: Span): void {
  const spans = (open[day] ??= []);
  if (fromMinute < toMinute) {
    spans.push({ fromMinute, toMinute });
    return;
  }
  spans.push({ fromMinute, toMinute: MINUTES_PER_DAY });
  const next = WEEKDAYS[(WEEKDAYS.indexOf(day) + 1) % 7] as Weekday;
  if (toMinute > 0) (open[next] ??= []).push({ fromMinute: 0, toMinute });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
