import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { instantOf, isInRange, offsetSpanAt, wallText, wallTimeOf } from './wall-clock.js';

const wall = (text: string) => Date.parse(`${text}Z`);
const iso = (timeMs: number) => new Date(timeMs).toISOString();

const ZONES = [
  'UTC',
  'Europe/Vienna',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
  'Pacific/Apia',
];

describe('instantOf', () => {
  it.each([
    ['Europe/Vienna', '2026-03-29T01:59', '2026-03-29T00:59:00.000Z'],
    ['Europe/Vienna', '2026-03-29T02:00', '2026-03-29T01:00:00.000Z'],
    ['Europe/Vienna', '2026-03-29T02:30', '2026-03-29T01:00:00.000Z'],
    ['Europe/Vienna', '2026-03-29T03:00', '2026-03-29T01:00:00.000Z'],
    ['Europe/Vienna', '2026-10-25T02:30', '2026-10-25T00:30:00.000Z'],
    ['Europe/Vienna', '2026-10-25T03:00', '2026-10-25T02:00:00.000Z'],
    ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30:00.000Z'],
    ['America/New_York', '2027-03-14T02:15', '2027-03-14T07:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-10-04T02:10', '2026-10-03T15:30:00.000Z'],
    ['Pacific/Apia', '2011-12-30T12:00', '2011-12-30T10:00:00.000Z'],
  ])('in %s the time %s is %s', (zone, text, expected) => {
    expect(iso(instantOf(wall(text), zone))).toBe(expected);
  });

  it('is the first instant at which the wall shows that time or a later one', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.integer({ min: 0, max: 4e12 }), (zone, wallMs) => {
        const instant = instantOf(wallMs, zone);
        expect(wallTimeOf(instant, zone)).toBeGreaterThanOrEqual(wallMs);
        expect(wallTimeOf(instant - 1, zone)).toBeLessThan(wallMs);
      }),
    );
  });
});

describe('offsetSpanAt', () => {
  it('has the offset that the engine has, all over the span', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.integer({ min: 0, max: 4e12 }), (zone, timeMs) => {
        const { fromMs, toMs, offsetMs } = offsetSpanAt(timeMs, zone);
        expect(fromMs <= timeMs && timeMs < toMs).toBe(true);
        for (const inside of [fromMs, timeMs, toMs - 1])
          expect(DateTime.fromMillis(inside, { zone }).offset * 60_000).toBe(offsetMs);
      }),
    );
  });

  it('ends for any time there is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }),
        (zone, timeMs) => {
          expect(offsetSpanAt(timeMs, zone).offsetMs).not.toBeNaN();
          expect(instantOf(timeMs, zone)).not.toBeNaN();
        },
      ),
    );
  });
});

it('shows the time as people read it', () => {
  expect(wallText(Date.parse('2026-07-01T22:30:59Z'), 'Europe/Vienna')).toBe('2026-07-02 00:30');
});

it.each([
  [0, true],
  [Date.parse('2400-01-01'), true],
  [8.64e15, false],
  [NaN, false],
  [-Infinity, false],
])('of %d says whether it is in range: %s', (timeMs, expected) => {
  expect(isInRange(timeMs)).toBe(expected);
});
