import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Decision } from '../domain/decision.js';
import { isUnusual, RECENT_MINUTES, UndecidedRates, USUAL_MINUTES } from './undecided-rate.js';

const MINUTE_MS = 60_000;
const START = Date.UTC(2025, 0, 15, 10);

const decision = (rule: string, changes: Partial<Decision> = {}): Decision => ({
  rule,
  verdict: 'undecided',
  shadow: false,
  because: [],
  ...changes,
});

function observe(rates: UndecidedRates, count: number, decisions: Decision[], now: number): void {
  for (let i = 0; i < count; i += 1) rates.observe(decisions, now);
}

describe('isUnusual', () => {
  const share = fc
    .tuple(fc.nat({ max: 10_000 }), fc.nat({ max: 10_000 }))
    .map(([undecided, others]) => ({ undecided, calls: undecided + others }));

  it('never speaks of fewer than five', () => {
    fc.assert(
      fc.property(fc.nat({ max: 4 }), share, (undecided, before) => {
        expect(isUnusual({ undecided, calls: undecided }, before)).toBe(false);
      }),
    );
  });

  it('takes one call in twenty for usual while nothing is known', () => {
    fc.assert(
      fc.property(share, (recent) => {
        const expected = recent.undecided >= 5 && recent.undecided / recent.calls > 0.05 * 3;
        expect(isUnusual(recent, { undecided: 0, calls: 0 })).toBe(expected);
      }),
    );
  });

  it('is content with the share of the day before, whatever it is', () => {
    fc.assert(
      fc.property(share, fc.integer({ min: 1, max: 20 }), (recent, times) => {
        const before = { undecided: recent.undecided * times, calls: recent.calls * times };
        const isRare = recent.undecided < 0.15 * recent.calls;
        expect(isRare && isUnusual(recent, before)).toBe(false);
      }),
    );
  });

  it('stays unusual with more undecided calls now, and with fewer before', () => {
    fc.assert(
      fc.property(share, share, fc.nat({ max: 100 }), (recent, before, more) => {
        fc.pre(isUnusual(recent, before));
        const worse = { undecided: recent.undecided + more, calls: recent.calls + more };
        const cleaner = { undecided: Math.max(0, before.undecided - more), calls: before.calls };
        expect(isUnusual(worse, before)).toBe(true);
        expect(isUnusual(recent, cleaner)).toBe(true);
      }),
    );
  });
});

describe('UndecidedRates', () => {
  it('names a rule that leaves most calls undecided', () => {
    const rates = new UndecidedRates();
    observe(rates, 4, [decision('hot-lead', { verdict: 'fired' })], START);
    observe(rates, 6, [decision('hot-lead'), decision('other', { verdict: 'error' })], START);
    expect(rates.takeUnusual(START)).toEqual([{ rule: 'hot-lead', undecided: 6, calls: 10 }]);
  });

  it('names it once per window', () => {
    const rates = new UndecidedRates();
    observe(rates, 9, [decision('hot-lead')], START);
    expect(rates.takeUnusual(START)).toHaveLength(1);
    observe(rates, 9, [decision('hot-lead')], START + 5 * MINUTE_MS);
    expect(rates.takeUnusual(START + 5 * MINUTE_MS)).toEqual([]);
    observe(rates, 90, [decision('hot-lead')], START + RECENT_MINUTES * MINUTE_MS);
    expect(rates.takeUnusual(START + RECENT_MINUTES * MINUTE_MS)).toHaveLength(1);
  });

  it('says nothing of a rule in shadow', () => {
    const rates = new UndecidedRates();
    observe(rates, 50, [decision('new-rule', { shadow: true })], START);
    expect(rates.takeUnusual(START)).toEqual([]);
  });

  it('gets used to a rule that is always undecided', () => {
    const rates = new UndecidedRates();
    for (let minute = 0; minute < 600; minute += 1)
      observe(rates, 10, [decision('odd')], START + minute * MINUTE_MS);
    expect(rates.takeUnusual(START + 600 * MINUTE_MS)).toEqual([]);
  });

  it('forgets what an advanced clock left behind when the clock is set back', () => {
    const rates = new UndecidedRates();
    observe(rates, 50, [decision('hot-lead')], START + USUAL_MINUTES * MINUTE_MS);
    observe(rates, 1, [], START);
    expect(rates.takeUnusual(START)).toEqual([]);
  });

  it('counts like a list of all calls would', () => {
    const call = fc.record({
      minute: fc.nat({ max: USUAL_MINUTES + 60 }),
      undecided: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 200 }), (unordered) => {
        const calls = [...unordered].sort((a, b) => a.minute - b.minute);
        const last = calls.at(-1)?.minute ?? 0;
        const rates = new UndecidedRates();
        for (const { minute, undecided } of calls)
          rates.observe(undecided ? [decision('r')] : [], START + minute * MINUTE_MS);
        const share = (from: number, to: number) => {
          const those = calls.filter(({ minute }) => minute >= from && minute < to);
          return { calls: those.length, undecided: those.filter(({ undecided }) => undecided).length };
        };
        const first = last + 1 - RECENT_MINUTES;
        const recent = share(first, last + 1);
        const expected = isUnusual(recent, share(first - USUAL_MINUTES, first));
        expect(rates.takeUnusual(START + last * MINUTE_MS)).toEqual(
          expected ? [{ rule: 'r', ...recent }] : [],
        );
      }),
    );
  });
});
