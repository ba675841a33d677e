import { describe, expect, it } from '@jest/globals';
import { isTimeZone, timeZoneNames } from './time-zone.js';

describe('isTimeZone', () => {
  it.each(['UTC', 'Europe/Vienna', 'America/New_York', 'America/Argentina/Buenos_Aires'])(
    'knows %s',
    (name) => {
      expect(isTimeZone(name)).toBe(true);
    },
  );

  it.each(['', 'Europe/Viena', '+02:00', 'Vienna', 'Europe Vienna'])('refuses %j', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });

  it('lists zones only', () => {
    expect(timeZoneNames().every(isTimeZone)).toBe(true);
  });
});
