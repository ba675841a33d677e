import { describe, expect, it } from '@jest/globals';
import { type Json } from '../../lib/json.js';
import { endOfCall } from './call-times.js';

const start = Date.UTC(2025, 0, 15, 10, 30);
const end = start + 125_000;

describe('endOfCall', () => {
  it.each<[Json]>([
    ['2025-01-15T10:30:00.000000Z'],
    ['2025-01-15T10:30:00Z'],
    ['2025-01-15T11:30:00+01:00'],
    ['2025-01-15 10:30:00'],
    [' 2025-01-15T10:30:00 '],
    [start / 1000],
    [start],
  ])('counts the duration from the start %j', (created_at) => {
    expect(endOfCall({ created_at, duration: 125 })).toBe(end);
    expect(endOfCall({ created_at, duration: '125' })).toBe(end);
  });

  it('does not look at finished_at', () => {
    expect(endOfCall({ created_at: start, duration: 125, finished_at: '2025-02-01T00:00:00Z' })).toBe(end);
    expect(endOfCall({ finished_at: '2025-02-01T00:00:00Z' })).toBeNull();
  });

  it.each<[Json]>([[null], [0], [-5], ['long'], [[]], [{}]])(
    'ends a call of duration %j when it began',
    (duration) => {
      expect(endOfCall({ created_at: start, duration })).toBe(start);
    },
  );

  it.each<[Json]>([[null], ['yesterday'], [''], ['2025-13-45'], [{}], [true]])(
    'knows nothing of a start %j',
    (created_at) => {
      expect(endOfCall({ created_at, duration: 125 })).toBeNull();
    },
  );
});
