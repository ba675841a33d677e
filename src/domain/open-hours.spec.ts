import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type CalendarContent, isInside, parseCalendar, WEEKDAYS } from './calendar.js';
import { nextOpen, nextOpenInAll, openUntil } from './open-hours.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const calendarOf = (open: Record<string, unknown>, timezone: string, further: object = {}) =>
  parseCalendar({ open, ...further }, timezone).calendar;
const office = calendarOf({ 'mon-fri': ['09:00-12:00', '13:00-17:30'] }, 'Europe/Vienna', {
  holidays: ['2026-01-06'],
});
const at = (isoText: string) => Date.parse(isoText);
const iso = (timeMs: number | null) => (timeMs === null ? null : new Date(timeMs).toISOString());

/** Minute by minute, by the definition. */
function walk(calendars: CalendarContent[], fromMs: number, days: number): number | null {
  for (let timeMs = fromMs; timeMs < fromMs + days * DAY_MS; timeMs = nextMinute(timeMs))
    if (calendars.every((calendar) => isInside(calendar, timeMs))) return timeMs;
  return null;
}

function nextMinute(timeMs: number): number {
  return (Math.floor(timeMs / MINUTE_MS) + 1) * MINUTE_MS;
}

describe('nextOpen', () => {
  it.each([
    ['open already', '2026-01-07T08:00:00.123Z', '2026-01-07T08:00:00.123Z'],
    ['before opening', '2026-01-07T03:00:00Z', '2026-01-07T08:00:00.000Z'],
    ['at noon', '2026-01-07T11:00:00Z', '2026-01-07T12:00:00.000Z'],
    ['at the end, which is closed', '2026-01-07T16:30:00Z', '2026-01-08T08:00:00.000Z'],
    ['on Friday evening', '2026-01-09T17:00:00Z', '2026-01-12T08:00:00.000Z'],
    ['on a holiday', '2026-01-06T09:00:00Z', '2026-01-07T08:00:00.000Z'],
    ['in summer', '2026-07-01T03:00:00Z', '2026-07-01T07:00:00.000Z'],
  ])('%s', (_, from, expected) => {
    expect(iso(nextOpen(office, at(from)))).toBe(expected);
  });

  it('reaches to midnight and over it', () => {
    const late = calendarOf({ sat: '22:00-24:00' }, 'UTC');
    expect(iso(nextOpen(late, at('2026-01-10T23:59:59.999Z')))).toBe('2026-01-10T23:59:59.999Z');
    expect(iso(nextOpen(late, at('2026-01-11T00:00:00Z')))).toBe('2026-01-17T22:00:00.000Z');
  });

  it('opens at the next valid minute where daylight saving leaves the hour out', () => {
    const early = calendarOf({ sun: '02:30-05:00' }, 'Europe/Vienna');
    expect(iso(nextOpen(early, at('2026-03-29T00:00:00Z')))).toBe('2026-03-29T01:00:00.000Z');
    const gone = calendarOf({ sun: '02:00-02:30' }, 'Europe/Vienna');
    expect(iso(nextOpen(gone, at('2026-03-29T00:00:00Z')))).toBe('2026-04-05T00:00:00.000Z');
  });

  it('knows the holidays of a country', () => {
    const austrian = calendarOf({ 'mon-sun': '09:00-10:00' }, 'Europe/Vienna', { holidays_of: 'AT' });
    expect(iso(nextOpen(austrian, at('2026-12-25T00:00:00Z')))).toBe('2026-12-27T08:00:00.000Z');
  });

  it('gives up on what never opens, and on times out of range', () => {
    expect(nextOpen(calendarOf({}, 'UTC'), 0)).toBeNull();
    expect(nextOpen(office, NaN)).toBeNull();
    expect(nextOpen(office, 8.64e15)).toBeNull();
  });

  it('finds what a walk by minutes finds', () => {
    const around = fc.constantFrom(
      '2026-03-08T06:00Z',
      '2026-03-29T00:30Z',
      '2026-10-25T00:00Z',
      '2026-11-01T05:00Z',
      '2026-12-24T20:00Z',
    );
    fc.assert(
      fc.property(
        anyCalendar(),
        around,
        fc.integer({ min: -DAY_MS, max: DAY_MS }),
        (calendar, near, shift) => {
          const fromMs = at(near) + shift;
          const found = nextOpen(calendar, fromMs);
          const walked = walk([calendar], fromMs, 2);
          if (walked !== null) expect(iso(found)).toBe(iso(walked));
          else expect(found === null || found > fromMs + DAY_MS).toBe(true);
          if (found !== null) expect(isInside(calendar, found)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('openUntil', () => {
  it.each([
    ['the end of the span', '2026-01-07T08:00:00Z', '2026-01-07T11:00:00.000Z'],
    ['where it is closed, at once', '2026-01-07T11:30:00Z', '2026-01-07T11:30:00.000Z'],
    ['at the end, which is closed, at once', '2026-01-07T16:30:00Z', '2026-01-07T16:30:00.000Z'],
    ['on a holiday, at once', '2026-01-06T09:00:00Z', '2026-01-06T09:00:00.000Z'],
  ])('%s', (_, from, expected) => {
    expect(iso(openUntil(office, at(from)))).toBe(expected);
  });

  it('stops where the clock changes, though it may be open behind', () => {
    const nights = calendarOf({ sun: '00:00-06:00' }, 'Europe/Vienna');
    expect(iso(openUntil(nights, at('2026-03-28T23:30:00Z')))).toBe('2026-03-29T01:00:00.000Z');
    expect(iso(openUntil(nights, at('2026-03-29T01:00:00Z')))).toBe('2026-03-29T04:00:00.000Z');
  });
});

describe('nextOpenInAll', () => {
  it('is the first instant at which all are open', () => {
    const newYork = calendarOf({ 'mon-sun': '08:00-21:00' }, 'America/New_York');
    const honolulu = calendarOf({ 'mon-sun': '08:00-21:00' }, 'Pacific/Honolulu');
    expect(iso(nextOpenInAll([newYork, honolulu], at('2026-07-01T12:00:00Z')))).toBe(
      '2026-07-01T18:00:00.000Z',
    );
    expect(iso(nextOpenInAll([newYork, honolulu, office], at('2026-07-01T12:00:00Z')))).toBeNull();
  });

  it('closes nothing without calendars', () => {
    expect(nextOpenInAll([], 5)).toBe(5);
  });

  it('finds what a walk by minutes finds', () => {
    fc.assert(
      fc.property(
        fc.array(anyCalendar(), { minLength: 2, maxLength: 3 }),
        fc.integer({ min: at('2026-10-20T00:00Z'), max: at('2026-11-03T00:00Z') }),
        (calendars, fromMs) => {
          const found = nextOpenInAll(calendars, fromMs);
          const walked = walk(calendars, fromMs, 1);
          if (walked !== null) expect(iso(found)).toBe(iso(walked));
          if (found !== null) for (const calendar of calendars) expect(isInside(calendar, found)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('ends soon when calendars take turns and never meet', () => {
    const even = calendarOf(
      { 'mon-sun': Array.from({ length: 12 }, (_, i) => `${2 * i}:00-${2 * i + 1}:00`) },
      'UTC',
    );
    const odd = calendarOf(
      { 'mon-sun': Array.from({ length: 12 }, (_, i) => `${2 * i + 1}:00-${2 * i + 2}:00`) },
      'UTC',
    );
    const startedAt = performance.now();
    expect(nextOpenInAll([even, odd], 0)).toBeNull();
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

function anyCalendar(): fc.Arbitrary<CalendarContent> {
  const span = fc
    .tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 1, max: 1440 }))
    .filter(([from, to]) => from < to)
    .map(([fromMinute, toMinute]) => ({ fromMinute, toMinute }));
  return fc.record({
    open: fc.dictionary(fc.constantFrom(...WEEKDAYS), fc.array(span, { maxLength: 3 })),
    timezone: fc.constantFrom(
      'UTC',
      'Europe/Vienna',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
    ),
    holidays: fc.constantFrom([], ['2026-03-29', '2026-10-25']),
  });
}
