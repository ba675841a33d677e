import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bulkFilter, cursorOf, deliveryFilter, eventFilter, readPage } from './read-query.js';

describe('filters', () => {
  it('hold what was asked for, in the words of the store, and nothing else', () => {
    expect(deliveryFilter({})).toEqual({});
    expect(deliveryFilter({ event_id: 'e', rule: undefined, since: '2025-01-15T11:35:00+01:00' })).toEqual({
      ...{ eventId: 'e', since: Date.parse('2025-01-15T10:35:00Z') },
    });
    expect(eventFilter({ call_id: '1', until: '2025-01-15T10:35:00.5Z' })).toEqual({
      ...{ callId: '1', until: Date.parse('2025-01-15T10:35:00.500Z') },
    });
  });

  it('take a number as people write it, and refuse what is none', () => {
    expect(deliveryFilter({ contact: '+43 664 123 45 67' })).toEqual({ contact: '+436641234567' });
    expect(eventFilter({ contact: '0043 664 1234567' })).toEqual({ contact: '+436641234567' });
    for (const filter of [deliveryFilter, eventFilter])
      expect(() => filter({ contact: '0664 1234567' })).toThrow(/^contact: expected a phone number with its/);
  });

  it('of bulk commands look where the command is for', () => {
    expect(bulkFilter({}, 'retry')).toEqual({ state: ['dead'] });
    expect(bulkFilter({ state: 'pending' }, 'retry')).toEqual({ state: 'pending' });
    expect(bulkFilter({}, 'cancel')).toEqual({ state: ['pending', 'held', 'dead'] });
  });
});

describe('cursors', () => {
  it('bring back the id that they were made of', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (id) => {
        expect(readPage({ cursor: cursorOf(id) })).toEqual({ limit: 100, after: id });
      }),
    );
  });

  it('are refused in words, whatever stands there', () => {
    fc.assert(
      fc.property(fc.string(), (cursor) => {
        try {
          readPage({ cursor });
        } catch (error) {
          expect(error).toMatchObject({ name: 'DeskError', status: 'bad_request' });
        }
      }),
    );
  });
});
