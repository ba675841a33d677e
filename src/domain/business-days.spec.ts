import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addBusinessDays } from './business-days.js';
import { parseCalendar } from './calendar.js';
import { wallText } from './wall-clock.js';

const vienna = { timezone: 'Europe/Vienna' };
const at = (isoText: string) => Date.parse(isoText);
const local = (timeMs: number | null) => (timeMs === null ? null : wallText(timeMs, 'Europe/Vienna'));

describe('addBusinessDays', () => {
  it.each([
    ['from a Wednesday', '2026-01-14T11:35+01:00', 2, '2026-01-16 11:35'],
    ['over the weekend', '2026-01-16T15:00+01:00', 2, '2026-01-20 15:00'],
    ['from a Saturday', '2026-01-17T15:00+01:00', 1, '2026-01-19 15:00'],
    ['none: at once', '2026-01-17T15:00+01:00', 0, '2026-01-17 15:00'],
    ['into summer time', '2026-03-27T10:00+01:00', 1, '2026-03-30 10:00'],
    ['a year of them', '2026-01-01T10:00+01:00', 261, '2027-01-01 10:00'],
  ])('%s', (_, from, days, expected) => {
    expect(local(addBusinessDays(at(from), days, vienna))).toBe(expected);
  });

  it('counts the days on which the calendar opens, holidays left out', () => {
    const { calendar } = parseCalendar(
      { open: { 'mon-sat': '10:00-12:00' }, holidays_of: 'AT', holidays: ['2026-12-24'] },
      'Europe/Vienna',
    );
    expect(local(addBusinessDays(at('2026-12-23T18:00+01:00'), 1, calendar))).toBe('2026-12-28 18:00');
  });

  it('runs at the next valid minute where the time of day does not exist, and once where it comes twice', () => {
    const sundays = parseCalendar({ open: { sun: '00:00-24:00' } }, 'Europe/Vienna').calendar;
    expect(local(addBusinessDays(at('2026-03-28T02:30+01:00'), 1, sundays))).toBe('2026-03-29 03:00');
    const twice = addBusinessDays(at('2026-10-24T02:30+02:00'), 1, sundays);
    expect(new Date(twice ?? NaN).toISOString()).toBe('2026-10-25T00:30:00.000Z');
  });

  it('gives up on a calendar without days', () => {
    expect(addBusinessDays(0, 1, { open: {}, timezone: 'UTC', holidays: [] })).toBeNull();
    expect(addBusinessDays(NaN, 1, vienna)).toBeNull();
  });

  it('always lands on a working day, and one more is later', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 2000 }), (timeMs, days) => {
        const due = addBusinessDays(timeMs, days, vienna) ?? NaN;
        const weekday = new Date(`${wallText(due, 'Europe/Vienna').slice(0, 10)}T00:00Z`).getUTCDay();
        expect(weekday >= 1 && weekday <= 5).toBe(true);
        expect(addBusinessDays(timeMs, days + 1, vienna) ?? NaN).toBeGreaterThan(due);
      }),
    );
  });
});
