import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isTimeZone } from '../lib/time-zone.js';
import { zonesOfPhone } from './phone-zones.js';

describe('zonesOfPhone', () => {
  it.each([
    ['+436641234567', ['Europe/Vienna']],
    ['+12125550123', ['America/New_York']],
    ['+18085550123', ['Pacific/Honolulu']],
    ['+14165550123', ['America/Toronto']],
    ['+34928123456', ['Atlantic/Canary']],
    ['+5511961234567', ['America/Sao_Paulo']],
  ])('knows where %s was given out', (phone, zones) => {
    expect(zonesOfPhone(phone)).toEqual(zones);
  });

  it('gives a mobile number without area code all zones of its country', () => {
    expect(zonesOfPhone('+79123456789')).toEqual(
      expect.arrayContaining(['Europe/Moscow', 'Asia/Vladivostok']),
    );
    expect(zonesOfPhone('+61412345678')).toEqual(
      expect.arrayContaining(['Australia/Sydney', 'Australia/Perth']),
    );
    expect(zonesOfPhone('+34612345678')).toEqual(['Atlantic/Canary', 'Europe/Madrid']);
  });

  it('gives a number without a place all zones of its country code', () => {
    expect(zonesOfPhone('+18005551234').length).toBeGreaterThan(30);
  });

  it.each(['', '2125550123', '+1', '+881612345678', '+999123456789', 'anonymous'])(
    'knows nothing of %j',
    (phone) => {
      expect(zonesOfPhone(phone)).toEqual([]);
    },
  );

  it('gives zones that the engine knows, and never throws', () => {
    const phone = fc.oneof(fc.string(), fc.stringMatching(/^\+\d{5,16}$/));
    fc.assert(fc.property(phone, (text) => zonesOfPhone(text).every(isTimeZone)));
  });
});
