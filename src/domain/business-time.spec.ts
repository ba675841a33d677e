import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addBusinessTime } from './business-time.js';
import { type CalendarContent, isInside, parseCalendar } from './calendar.js';
import { DAY_MS, MINUTE_MS, wallText } from './wall-clock.js';

const HOUR_MS = 60 * MINUTE_MS;
const timezone = 'Europe/Vienna';
const calendarOf = (open: Record<string, unknown>, further: object = {}) =>
  parseCalendar({ open, ...further }, timezone).calendar;
const office = calendarOf({ 'mon-fri': ['09:00-12:00', '13:00-17:30'] }, { holidays: ['2026-01-16'] });
const at = (isoText: string) => Date.parse(isoText);
const local = (timeMs: number | null) => (timeMs === null ? null : wallText(timeMs, timezone));

/** Open time between two instants, minute by minute, by the definition. */
function openBetween(calendar: CalendarContent, fromMs: number, toMs: number): number {
  let openMs = 0;
  for (let timeMs = fromMs; timeMs < toMs;) {
    const nextMs = Math.min((Math.floor(timeMs / MINUTE_MS) + 1) * MINUTE_MS, toMs);
    if (isInside(calendar, timeMs)) openMs += nextMs - timeMs;
    timeMs = nextMs;
  }
  return openMs;
}

describe('addBusinessTime', () => {
  it.each([
    ['within the morning', '2026-01-14T09:30+01:00', 2, '2026-01-14 11:30'],
    ['over noon', '2026-01-14T11:35+01:00', 2, '2026-01-14 14:35'],
    ['to closing time', '2026-01-14T15:30+01:00', 2, '2026-01-14 17:30'],
    ['over night', '2026-01-14T16:30+01:00', 2, '2026-01-15 10:00'],
    ['from the evening', '2026-01-14T20:00+01:00', 2, '2026-01-15 11:00'],
    ['over a holiday and the weekend', '2026-01-15T16:30+01:00', 2, '2026-01-19 10:00'],
    ['none: at once', '2026-01-17T15:00+01:00', 0, '2026-01-17 15:00'],
  ])('%s', (_, from, hours, expected) => {
    expect(local(addBusinessTime(at(from), hours * HOUR_MS, office))).toBe(expected);
  });

  it('counts Monday to Friday from nine to five where there is no calendar', () => {
    expect(local(addBusinessTime(at('2026-01-16T16:00+01:00'), 2 * HOUR_MS, { timezone }))).toBe(
      '2026-01-19 10:00',
    );
  });

  it('counts the hour that daylight saving leaves out not at all, and the one that comes twice, twice', () => {
    const nights = calendarOf({ sun: '00:00-06:00' });
    expect(local(addBusinessTime(at('2026-03-29T00:00+01:00'), 3 * HOUR_MS, nights))).toBe(
      '2026-03-29 04:00',
    );
    expect(local(addBusinessTime(at('2026-10-25T00:00+02:00'), 4 * HOUR_MS, nights))).toBe(
      '2026-10-25 03:00',
    );
    const always = calendarOf({ 'mon-sun': '00:00-24:00' });
    expect(addBusinessTime(at('2026-03-01T00:00Z'), 60 * DAY_MS, always)).toBe(at('2026-04-30T00:00Z'));
  });

  it('leaves public holidays out', () => {
    const austrian = calendarOf({ 'mon-fri': '09:00-17:00' }, { holidays_of: 'AT' });
    expect(local(addBusinessTime(at('2026-12-24T16:00+01:00'), 2 * HOUR_MS, austrian))).toBe(
      '2026-12-28 10:00',
    );
  });

  it('counts hours that overlap once', () => {
    const overlapping = calendarOf({ mon: ['09:00-12:00', '11:00-13:00', '13:00-14:00'] });
    expect(local(addBusinessTime(at('2026-01-12T09:00+01:00'), 5 * HOUR_MS, overlapping))).toBe(
      '2026-01-12 14:00',
    );
  });

  it('gives up on what stays closed, takes more than ten years or is no time', () => {
    expect(addBusinessTime(0, HOUR_MS, { open: {}, timezone, holidays: [] })).toBeNull();
    const aMinute = calendarOf({ mon: '09:00-09:01' });
    expect(addBusinessTime(0, HOUR_MS, aMinute)).not.toBeNull();
    expect(addBusinessTime(0, 9_999 * HOUR_MS, aMinute)).toBeNull();
    expect(addBusinessTime(NaN, HOUR_MS, office)).toBeNull();
    expect(addBusinessTime(8e15, HOUR_MS, office)).toBeNull();
  });

  const calendars = [
    office,
    calendarOf({ 'fri-sun': '22:00-06:00', wed: '00:00-24:00' }),
    parseCalendar({ open: { 'mon-sun': '01:30-02:30' } }, 'America/New_York').calendar,
    parseCalendar({ open: { 'mon-sat': '10:15-19:45' } }, 'Australia/Lord_Howe').calendar,
  ];

  it('ends when just so much open time is over', () => {
    // Around the changes of the clock as well as between them.
    const start = fc
      .constantFrom('2026-03-08T00:00Z', '2026-03-28T12:00Z', '2026-10-24T12:00Z', '2026-01-05T00:00Z')
      .chain((day) => fc.nat(3 * DAY_MS).map((ms) => at(day) + ms));
    fc.assert(
      fc.property(
        fc.constantFrom(...calendars),
        start,
        fc.integer({ min: 1, max: 4 * HOUR_MS }),
        (open, from, ms) => {
          const end = addBusinessTime(from, ms, open) ?? NaN;
          expect(openBetween(open, from, end)).toBe(ms);
          expect(isInside(open, end - 1)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes as long in two steps as in one', () => {
    const ms = fc.integer({ min: 1, max: 40 * HOUR_MS });
    fc.assert(
      fc.property(
        fc.constantFrom(...calendars),
        fc.integer({ min: 0, max: 4e12 }),
        ms,
        ms,
        (open, from, a, b) => {
          const between = addBusinessTime(from, a, open) ?? NaN;
          expect(addBusinessTime(between, b, open)).toBe(addBusinessTime(from, a + b, open));
        },
      ),
    );
  });
});
