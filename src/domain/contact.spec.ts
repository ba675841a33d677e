import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Json } from '../lib/json.js';
import { contactOf } from './contact.js';

describe('contactOf', () => {
  it('knows a number of the numbering plan and its country', () => {
    expect(contactOf('+436641234567')).toEqual({ phone: '+436641234567', phone_valid: true, country: 'AT' });
    expect(contactOf('+12025550123')).toEqual({ phone: '+12025550123', phone_valid: true, country: 'US' });
  });

  it('keeps a number of the right form that no plan knows', () => {
    expect(contactOf('+1234567890')).toMatchObject({ phone: '+1234567890', phone_valid: false });
    expect(contactOf('+0000000')).toEqual({ phone: '+0000000', phone_valid: false, country: null });
  });

  it.each<Json>([
    null,
    '',
    '436641234567',
    '+43 664 1234567',
    '+123456',
    '+1234567890123456',
    '+43664123456x',
    ' +436641234567',
    '+436641234567\n',
    436641234567,
    true,
    [],
    {},
  ])('takes %j for nobody', (phone) => {
    expect(contactOf(phone)).toEqual({ phone: null, phone_valid: false, country: null });
  });

  it('takes a missing phone for nobody', () => {
    expect(contactOf(undefined)).toEqual({ phone: null, phone_valid: false, country: null });
  });

  it('says the same about a number however often and after whatever others it is asked', () => {
    const first = contactOf('+436641234567');
    first.country = 'changed by a caller';
    for (let i = 0; i < 6_000; i++) contactOf(`+4366${String(i).padStart(8, '0')}`);
    expect(contactOf('+436641234567')).toEqual({ phone: '+436641234567', phone_valid: true, country: 'AT' });
  });

  it('never throws on digits of any form', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+\d{7,15}$/), (phone) => {
        expect(contactOf(phone).phone).toBe(phone);
      }),
    );
  });
});
