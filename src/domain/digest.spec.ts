import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextFlush } from './digest.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const at = (text: string) => Date.parse(text);

describe('nextFlush', () => {
  it.each([
    ['2026-03-10T10:07:00Z', 15 * MINUTE_MS, 'UTC', '2026-03-10T10:15:00.000Z'],
    ['2026-03-10T10:15:00Z', 15 * MINUTE_MS, 'UTC', '2026-03-10T10:30:00.000Z'],
    ['2026-03-10T10:07:00Z', HOUR_MS, 'Asia/Kathmandu', '2026-03-10T10:15:00.000Z'],
    ['2026-03-10T10:07:00Z', 24 * HOUR_MS, 'Europe/Vienna', '2026-03-10T23:00:00.000Z'],
    // The hour from two to three does not exist that night.
    ['2026-03-29T00:50:00Z', HOUR_MS, 'Europe/Vienna', '2026-03-29T01:00:00.000Z'],
    // Half past two comes twice.
    ['2026-10-25T00:10:00Z', 30 * MINUTE_MS, 'Europe/Vienna', '2026-10-25T00:30:00.000Z'],
  ])('of %s, every %d ms in %s, is %s', (now, everyMs, zone, expected) => {
    expect(new Date(nextFlush(at(now), everyMs, zone)).toISOString()).toBe(expected);
  });

  it('is later than now, and the same for all that is collected until then', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Vienna', 'Australia/Lord_Howe', 'Pacific/Apia');
    const times = fc.integer({ min: 0, max: 4e12 });
    const periods = fc.integer({ min: MINUTE_MS, max: 7 * 24 * HOUR_MS });
    fc.assert(
      fc.property(times, periods, zones, (now, everyMs, zone) => {
        const flush = nextFlush(now, everyMs, zone);
        expect(flush).toBeGreaterThan(now);
        expect(flush - now).toBeLessThanOrEqual(everyMs + 25 * HOUR_MS);
        expect(nextFlush(flush - 1, everyMs, zone)).toBe(flush);
      }),
    );
  });
});
