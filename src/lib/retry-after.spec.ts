import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { retryAfterMs } from './retry-after.js';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const DAY_MS = 86_400_000;

describe('retryAfterMs', () => {
  it.each([
    ['30', 30_000],
    [' 1.5 ', 1500],
    ['0', 1000],
    ['-5', 1000],
    ['1000000000000', DAY_MS],
    ['9'.repeat(400), DAY_MS],
    ['Mon, 23 Nov 2026 12:02:00 GMT', 120_000],
    ['Monday, 23-Nov-26 12:02:00 GMT', 120_000],
    ['Mon Nov 23 12:02:00 2026', 120_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 1000],
    ['Fri, 31 Dec 9999 23:59:59 GMT', DAY_MS],
  ])('reads %s', (header, waitMs) => {
    expect(retryAfterMs(header, NOW)).toBe(waitMs);
  });

  it.each([undefined, '', 'soon', 'NaN', 'Infinity', '1e3', '2026-11-23', 'Mon, never', '10;20'])(
    'leaves %s aside',
    (header) => {
      expect(retryAfterMs(header, NOW)).toBeNull();
    },
  );

  it('stays between a second and a day, whatever it is given', () => {
    const header = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.bigInt().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(header, fc.integer({ min: 0, max: 4e12 }), (text, now) => {
        const waitMs = retryAfterMs(text, now);
        expect(waitMs === null || (waitMs >= 1000 && waitMs <= DAY_MS && Number.isInteger(waitMs))).toBe(
          true,
        );
      }),
    );
  });
});
