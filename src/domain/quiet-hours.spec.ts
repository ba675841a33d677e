import { describe, expect, it } from '@jest/globals';
import { parseCalendar } from './calendar.js';
import { contactCalendars, DEFAULT_CONTACT_HOURS } from './quiet-hours.js';

const hours = (open: Record<string, string>) => parseCalendar({ open }, 'UTC').calendar.open;
const table = {
  ...DEFAULT_CONTACT_HOURS,
  countries: { US: hours({ 'mon-sat': '09:00-20:00' }) },
  zones: { 'Pacific/Honolulu': hours({ mon: '10:00-11:00' }) },
};

describe('contactCalendars', () => {
  it('takes the row of the zone, then that of the country, then the default', () => {
    const calendars = contactCalendars(table, ['Pacific/Honolulu', 'America/Denver'], 'US');
    expect(calendars.map(({ timezone, open }) => [timezone, open.mon])).toEqual([
      ['Pacific/Honolulu', [{ fromMinute: 600, toMinute: 660 }]],
      ['America/Denver', [{ fromMinute: 540, toMinute: 1200 }]],
    ]);
    expect(contactCalendars(table, ['Europe/Vienna'], 'AT')[0]?.open).toBe(DEFAULT_CONTACT_HOURS.default);
    expect(contactCalendars(table, ['Europe/Vienna'], null)[0]?.open.sun).toEqual([
      { fromMinute: 480, toMinute: 1260 },
    ]);
  });

  it('knows a zone by its other names', () => {
    const india = { ...table, zones: { 'Asia/Kolkata': hours({ mon: '10:00-11:00' }) } };
    const openOn = (zone: string) => contactCalendars(india, [zone], 'IN')[0]?.open.mon?.[0]?.fromMinute;
    expect(['Asia/Kolkata', 'Asia/Calcutta', 'asia/calcutta', 'Asia/Dhaka'].map(openOn)).toEqual([
      600, 600, 600, 480,
    ]);
  });

  it('has no rows that nobody wrote', () => {
    expect(contactCalendars(table, ['constructor'], '__proto__')[0]?.open).toBe(
      DEFAULT_CONTACT_HOURS.default,
    );
  });
});
