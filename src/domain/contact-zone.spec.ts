import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isTimeZone } from '../lib/time-zone.js';
import { contactZone, ZONE_ORIGINS } from './contact-zone.js';

const all = {
  field: 'Europe/Vienna',
  crm: 'Europe/Paris',
  campaign: 'Europe/Rome',
  source: 'Europe/Berlin',
  phone: '+12125550123',
};

describe('contactZone', () => {
  it('asks the hints in their order', () => {
    const hints: Partial<typeof all> = { ...all };
    for (const from of ZONE_ORIGINS) {
      expect(contactZone(hints).zone?.from).toBe(from);
      delete hints[from];
    }
    expect(contactZone(hints)).toEqual({ zone: null, notUsed: [] });
  });

  it('trims a name, and passes over what is missing', () => {
    const hints = { field: ' ', crm: null, campaign: '', source: ' Asia/Tokyo ' };
    expect(contactZone({ ...hints, field: undefined }).zone).toEqual({
      zones: ['Asia/Tokyo'],
      from: 'source',
    });
  });

  it('writes a zone as it is usually written', () => {
    expect(contactZone({ field: 'europe/vienna' }).zone?.zones).toEqual(['Europe/Vienna']);
    expect(contactZone({ field: 'Asia/Kolkata' }).zone?.zones).toEqual(['Asia/Kolkata']);
  });

  it('says which names it did not use', () => {
    expect(contactZone({ ...all, field: 'Vienna', crm: 7, campaign: '+02:00' })).toEqual({
      zone: { zones: ['Europe/Berlin'], from: 'source' },
      notUsed: [
        { from: 'field', value: 'Vienna' },
        { from: 'crm', value: 7 },
        { from: 'campaign', value: '+02:00' },
      ],
    });
  });

  it('returns all zones a phone number may be in', () => {
    expect(contactZone({ phone: '+19075550123' }).zone).toEqual({
      zones: ['America/Adak', 'America/Anchorage'],
      from: 'phone',
    });
    expect(contactZone({ phone: null }).zone).toBeNull();
  });

  it('only ever chooses zones', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, phone) => {
        const { zone } = contactZone({ field: value as never, crm: phone, phone });
        expect(zone === null || (zone.zones.length > 0 && zone.zones.every(isTimeZone))).toBe(true);
      }),
    );
  });
});
