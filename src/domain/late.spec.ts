import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCalendar } from './calendar.js';
import { judgeLate, type LatePolicy, spread } from './late.js';

const HOUR_MS = 3_600_000;
const dueAt = Date.parse('2026-01-14T10:00:00Z');
const window = parseCalendar({ open: { 'mon-fri': '09:00-17:00' } }, 'UTC').calendar;
const evening = Date.parse('2026-01-14T20:00:00Z');
const morning = Date.parse('2026-01-15T09:00:00Z');

const policy = (ifLate: LatePolicy['ifLate']) => ({ ifLate, lateAfterMs: 4 * HOUR_MS });

describe('judgeLate', () => {
  it('lets go what is found in time', () => {
    for (const ifLate of ['now', 'next_window', 'drop'] as const)
      expect(judgeLate({ dueAt, now: dueAt + HOUR_MS, window }, policy(ifLate))).toEqual({
        is: 'due',
        dueAt: dueAt + HOUR_MS,
        isLate: false,
      });
  });

  it('does as told with what is found late', () => {
    expect(judgeLate({ dueAt, now: evening, window }, policy('now'))).toEqual({
      is: 'due',
      dueAt: evening,
      isLate: true,
    });
    expect(judgeLate({ dueAt, now: evening, window })).toEqual({ is: 'due', dueAt: morning, isLate: true });
    expect(judgeLate({ dueAt, now: evening, window }, policy('drop'))).toEqual({
      is: 'dropped',
      reason: 'late: found 10 h after its time',
    });
  });

  it('keeps to the window when it is only a little late', () => {
    const soonClosed = Date.parse('2026-01-14T16:55:00Z');
    const verdict = judgeLate({ dueAt: soonClosed, now: soonClosed + HOUR_MS, window }, policy('now'));
    expect(verdict).toEqual({ is: 'due', dueAt: morning, isLate: false });
  });

  it('goes at once without a window, and is held when the window never opens', () => {
    expect(judgeLate({ dueAt, now: evening, window: null })).toMatchObject({ is: 'due', dueAt: evening });
    const closed = { ...window, open: {} };
    expect(judgeLate({ dueAt, now: evening, window: closed })).toMatchObject({ is: 'held' });
  });
});

describe('spread', () => {
  it('is the same for the same key, and between the time and its end', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 1e9 }), (key, overMs) => {
        const at = spread(dueAt, key, overMs);
        expect(at).toBe(spread(dueAt, key, overMs));
        expect(at >= dueAt && (at < dueAt + overMs || overMs === 0)).toBe(true);
      }),
    );
  });

  it('spreads ten thousand evenly, also when their ids count up', () => {
    const perMinute = new Array<number>(15).fill(0);
    for (let i = 0; i < 10_000; i += 1) {
      const minute = Math.floor(spread(0, `0197-delivery-${i}`, 15 * 60_000) / 60_000);
      perMinute[minute] = (perMinute[minute] ?? 0) + 1;
    }
    for (const count of perMinute) expect(count).toBeGreaterThan(500);
    for (const count of perMinute) expect(count).toBeLessThan(850);
  });
});
