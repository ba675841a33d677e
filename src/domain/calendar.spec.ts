import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isInside, parseCalendar, weekdayOf } from './calendar.js';

const office = {
  open: { 'mon-fri': ['09:00-12:00', '13:00-17:30'], sat: '10:00-14:00' },
  timezone: 'Europe/Vienna',
  holidays: ['2025-01-06'],
};
const at = (iso: string) => Date.parse(iso);

function problemsOf(input: unknown) {
  return parseCalendar(input, 'UTC').problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('parseCalendar', () => {
  it('reads days, ranges and spans', () => {
    const { calendar, problems } = parseCalendar(office, 'UTC');
    const workday = [
      { fromMinute: 540, toMinute: 720 },
      { fromMinute: 780, toMinute: 1050 },
    ];
    expect(problems).toEqual([]);
    expect(calendar).toEqual({
      open: {
        mon: workday,
        tue: workday,
        wed: workday,
        thu: workday,
        fri: workday,
        sat: [{ fromMinute: 600, toMinute: 840 }],
      },
      timezone: 'Europe/Vienna',
      holidays: ['2025-01-06'],
    });
  });

  it('reaches over the weekend and over midnight', () => {
    const { calendar } = parseCalendar({ open: { 'sat-mon': '22:00-06:00' } }, 'UTC');
    expect(Object.keys(calendar.open).sort()).toEqual(['mon', 'sat', 'sun', 'tue']);
    expect(calendar.open.tue).toEqual([{ fromMinute: 0, toMinute: 360 }]);
    expect(calendar.open.sun).toEqual([
      { fromMinute: 0, toMinute: 360 },
      { fromMinute: 1320, toMinute: 1440 },
    ]);
  });

  it.each([
    ['nine to five', ': expected a calendar'],
    [{}, 'open: expected hours by weekday'],
    [{ open: { mo: '09:00-17:00' } }, 'open.mo: `mo` is no weekday; expected mon … sun'],
    [{ open: { mon: '9-17' } }, 'open.mon: expected hours as "09:00-17:00"'],
    [{ open: { mon: ['09:00-12:00', 5] } }, 'open.mon[1]: expected hours'],
    [{ open: { mon: '09:00-24:30' } }, 'open.mon: a day ends at 24:00'],
    [{ open: { mon: '09:00-09:00' } }, 'a whole day is "00:00-24:00"'],
    [{ open: { mon: '09:00-17:00' }, timezone: 'Vienna' }, 'timezone: expected an IANA zone'],
    [{ open: { mon: '09:00-17:00' }, holidays: ['25.12.2025'] }, 'holidays[0]: expected a day'],
    [{ open: { mon: '09:00-17:00' }, holiday: [] }, 'holiday: unknown key'],
    [{ open: { mon: '09:00-17:00' }, holidays_of: 43 }, 'holidays_of: expected a country such as AT'],
    [{ open: { mon: '09:00-17:00' }, holidays_of: 'Austria' }, 'did you mean AT (Austria)?'],
  ])('says what is wrong with %j', (input, message) => {
    expect(problemsOf(input).join('\n')).toContain(message);
  });

  it('keeps a country of holidays by its code, and no such key without one', () => {
    const { calendar, problems } = parseCalendar({ ...office, holidays_of: 'at-9' }, 'UTC');
    expect(problems).toEqual([]);
    expect(calendar.holidaysOf).toBe('AT-9');
    expect(Object.keys(parseCalendar(office, 'UTC').calendar)).toEqual(['open', 'timezone', 'holidays']);
  });

  it('never throws, and finds hours only where they can be', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, text) => {
        const { calendar } = parseCalendar({ open: { mon: value, [text]: value } }, 'UTC');
        for (const { fromMinute, toMinute } of Object.values(calendar.open).flat())
          expect(fromMinute >= 0 && fromMinute < toMinute && toMinute <= 1440).toBe(true);
      }),
    );
  });
});

describe('isInside', () => {
  const { calendar } = parseCalendar(office, 'UTC');

  it.each([
    ['2025-01-15T08:00:00Z', true],
    ['2025-01-15T07:59:59Z', false],
    ['2025-01-15T10:59:59Z', true],
    ['2025-01-15T11:00:00Z', false],
    ['2025-01-18T12:30:00Z', true],
    ['2025-01-19T12:30:00Z', false],
    ['2025-01-06T10:00:00Z', false],
    ['2025-07-16T07:00:00Z', true],
  ])('at %s it is %s', (iso, open) => {
    expect(isInside(calendar, at(iso))).toBe(open);
  });

  it('is closed on the holidays of a country', () => {
    const austrian = { ...calendar, holidaysOf: 'AT' };
    expect(isInside(austrian, at('2026-10-26T09:30:00Z'))).toBe(false);
    expect(isInside(calendar, at('2026-10-26T09:30:00Z'))).toBe(true);
  });

  it('names the weekday of the zone', () => {
    expect(weekdayOf(at('2025-01-15T23:30:00Z'), 'Europe/Vienna')).toBe('thu');
    expect(weekdayOf(at('2025-01-15T23:30:00Z'), 'UTC')).toBe('wed');
  });
});
