import { describe, expect, it } from '@jest/globals';
import { callData } from './call-data.js';

const facts = {
  source: 'autocalls',
  labels: { client: 'acme' },
  eventId: 'e-1',
  receivedAt: 1_736_937_300_000,
};

describe('callData', () => {
  it('adds what we know and keeps what the vendor said', () => {
    expect(callData({ id: 1, customer_phone: '+436641234567', odd: [1] }, facts)).toEqual({
      id: 1,
      customer_phone: '+436641234567',
      odd: [1],
      source: 'autocalls',
      labels: { client: 'acme' },
      event_id: 'e-1',
      received_at: '2025-01-15T10:35:00.000Z',
      contact: { phone: '+436641234567', phone_valid: true, country: 'AT' },
    });
  });

  it('lets our names win over the same names sent by the vendor', () => {
    const call = {
      source: 'x',
      labels: 'x',
      event_id: 'x',
      received_at: 'x',
      contact: { phone: '+12025550123' },
    };
    expect(callData(call, facts)).toEqual({
      source: 'autocalls',
      labels: { client: 'acme' },
      event_id: 'e-1',
      received_at: '2025-01-15T10:35:00.000Z',
      contact: { phone: null, phone_valid: false, country: null },
    });
  });

  it('leaves the call it was given alone', () => {
    const call = { id: 1, source: 'x' };
    callData(call, facts);
    expect(call).toEqual({ id: 1, source: 'x' });
  });
});
