import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDuration, parseQuantity, parseWait } from './duration.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['15m', 15 * MINUTE],
    ['2h30m', 2 * HOUR + 30 * MINUTE],
    ['2h 30m', 2 * HOUR + 30 * MINUTE],
    ['3d', 3 * DAY],
    ['1w', 7 * DAY],
    ['0s', 0],
    ['15 minutes', 15 * MINUTE],
    ['1 minute', MINUTE],
    ['3 days', 3 * DAY],
    ['1 hour 30 minutes', HOUR + 30 * MINUTE],
    [' 2 Weeks ', 14 * DAY],
    ['PT30S', 30_000],
    ['P1DT2H', DAY + 2 * HOUR],
    ['P2W', 14 * DAY],
    ['PT1H30M', HOUR + 30 * MINUTE],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    '',
    '15',
    'm',
    '-5m',
    '30m2h',
    '5m5m',
    '15 parsecs',
    '2 business days',
    'P',
    'PT',
    'P1DT',
    'P1M',
    'P1Y',
    '1.5.2h',
    '9999999w',
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it('reads back whatever is written from days to milliseconds', () => {
    const parts = fc.tuple(fc.nat(30), fc.nat(23), fc.nat(59), fc.nat(59), fc.nat(999));
    fc.assert(
      fc.property(parts, ([d, h, m, s, ms]) => {
        const expected = d * DAY + h * HOUR + m * MINUTE + s * 1000 + ms;
        expect(parseDuration(`${d}d${h}h${m}m${s}s${ms}ms`)).toBe(expected);
        expect(parseDuration(`P${d}DT${h}H${m}M${s}S`)).toBe(expected - ms);
      }),
    );
  });

  it('answers any text without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = parseDuration(text);
        expect(ms === null || (Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
      }),
    );
  });
});

describe('parseWait', () => {
  it('keeps business days apart from durations', () => {
    expect(parseWait('2 business days')).toEqual({ in: 'business_days', days: 2 });
    expect(parseWait('1 Business Day')).toEqual({ in: 'business_days', days: 1 });
    expect(parseWait('2 days')).toEqual({ in: 'ms', ms: 2 * DAY });
    expect(parseWait('business days')).toBeNull();
  });

  it('reads hours and minutes that a calendar counts', () => {
    expect(parseWait('2 business hours')).toEqual({ in: 'business_hours', ms: 2 * HOUR });
    expect(parseWait('1  Business Hour')).toEqual({ in: 'business_hours', ms: HOUR });
    expect(parseWait('90 business minutes')).toEqual({ in: 'business_hours', ms: 90 * MINUTE });
    expect(parseWait('2 business weeks')).toBeNull();
    expect(parseWait('2h business')).toBeNull();
  });
});

describe('parseQuantity', () => {
  it.each([
    ['1/s', { count: 1, perMs: 1000 }],
    ['100/10s', { count: 100, perMs: 10_000 }],
    ['3/day', { count: 3, perMs: DAY }],
    ['20 / 1 minute', { count: 20, perMs: MINUTE }],
  ])('reads %s', (text, quantity) => {
    expect(parseQuantity(text)).toEqual(quantity);
  });

  it.each(['', '1', '1/', '/s', '0/s', '-1/s', '1/0s', '1.5/s', '1/parsec', '1/s/s'])(
    'refuses %j',
    (text) => {
      expect(parseQuantity(text)).toBeNull();
    },
  );
});
