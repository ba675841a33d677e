import { describe, expect, it } from '@jest/globals';
import { type CalendarContent } from '../domain/calendar.js';
import { parseCalendar } from '../domain/calendar.js';
import { nextSlots } from './next-slots.js';

function calendar(
  open: Record<string, string | string[]>,
  timezone = 'UTC',
  more: object = {},
): CalendarContent {
  return parseCalendar({ open, timezone, ...more }, timezone).calendar;
}

function slots(calendars: CalendarContent[], from: string, count = 4): string[] {
  return nextSlots(calendars, Date.parse(from), count).map((ms) => new Date(ms).toISOString().slice(0, 16));
}

describe('nextSlots', () => {
  const office = calendar({ 'mon-fri': ['09:00-12:00', '13:00-17:00'] });

  it('begins at once where it is open, and goes on with every opening', () => {
    expect(slots([office], '2026-11-27T10:30:00Z')).toEqual([
      ...['2026-11-27T10:30', '2026-11-27T13:00', '2026-11-30T09:00', '2026-11-30T13:00'],
    ]);
    expect(slots([office], '2026-11-27T12:00:00Z', 1)).toEqual(['2026-11-27T13:00']);
  });

  it('takes spans that touch for one, also over midnight', () => {
    const night = calendar({ mon: ['09:00-12:00', '12:00-13:00'], tue: '22:00-06:00' });
    expect(slots([night], '2026-11-23T00:00:00Z', 3)).toEqual([
      ...['2026-11-23T09:00', '2026-11-24T22:00', '2026-11-30T09:00'],
    ]);
  });

  it('finds the times at which all of several are open', () => {
    const vienna = calendar({ 'mon-sun': '08:00-21:00' }, 'Europe/Vienna');
    const losAngeles = calendar({ 'mon-sun': '08:00-21:00' }, 'America/Los_Angeles');
    expect(slots([vienna, losAngeles], '2026-11-24T00:00:00Z', 3)).toEqual([
      ...['2026-11-24T16:00', '2026-11-25T16:00', '2026-11-26T16:00'],
    ]);
  });

  it('follows the clock on the wall over a change of offset, and holidays', () => {
    const vienna = calendar({ 'mon-sun': '09:00-17:00' }, 'Europe/Vienna', { holidays: ['2026-10-24'] });
    expect(slots([vienna], '2026-10-23T16:00:00Z', 3)).toEqual([
      ...['2026-10-25T08:00', '2026-10-26T08:00', '2026-10-27T08:00'],
    ]);
  });

  it('ends where nothing closes, or opens, any more', () => {
    expect(slots([calendar({ 'mon-sun': '00:00-24:00' })], '2026-11-24T10:00:00Z')).toEqual([
      '2026-11-24T10:00',
    ]);
    const never = calendar({ mon: '09:00-10:00' });
    const atAll = calendar({ tue: '09:00-10:00' });
    expect(slots([never, atAll], '2026-11-24T10:00:00Z')).toEqual([]);
  });
});
