import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ARRIVAL_MS, START_MS, decideAdmission, quietUntil } from './admission.js';

const rate = { count: 2, perMs: 1_000 };
const request = { destination: 'crm', count: 5, concurrency: 3, rate: null };

describe('decideAdmission', () => {
  it('grants what both limits allow', () => {
    expect(decideAdmission(request, { running: 1, arrivals: [] }, 0)).toEqual({ granted: 2, opensAt: null });
    expect(decideAdmission(request, { running: 4, arrivals: [] }, 0)).toEqual({ granted: 0, opensAt: null });
    const rated = { ...request, rate };
    expect(decideAdmission(rated, { running: 0, arrivals: [4_500] }, 5_000)).toEqual({
      granted: 1,
      opensAt: 5_500,
    });
  });

  it('tells when the next one leaves the span, also when there are more than the rate allows by now', () => {
    const state = { running: 0, arrivals: [4_100, 4_200, 4_300] };
    expect(decideAdmission({ ...request, rate }, state, 5_000)).toEqual({ granted: 0, opensAt: 5_200 });
    // One that is under way may end at once.
    const underWay = { running: 2, arrivals: [5_300, 5_300] };
    expect(decideAdmission({ ...request, rate }, underWay, 5_000)).toEqual({ granted: 0, opensAt: 6_000 });
  });

  it('counts an arrival for exactly its span', () => {
    const at = (now: number) =>
      decideAdmission(
        { ...request, count: 1, rate: { count: 1, perMs: 1_000 } },
        { running: 0, arrivals: [0] },
        now,
      );
    expect(at(999)).toEqual({ granted: 0, opensAt: 1_000 });
    expect(at(1_000)).toEqual({ granted: 1, opensAt: null });
  });

  it('never lets a destination see more than the rate in any span, whatever the answers take', () => {
    fc.assert(
      fc.property(anyRate, fc.array(anyAsking, { maxLength: 60 }), (anyOne, askings) => {
        const seen = simulate(anyOne, askings).sort((a, b) => a - b);
        for (const [i, first] of seen.entries()) {
          const next = seen[i + anyOne.count];
          if (next !== undefined) expect(next - first).toBeGreaterThanOrEqual(anyOne.perMs);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('grants a full rate again once its span is over', () => {
    fc.assert(
      fc.property(anyRate, (anyOne) => {
        const at = (time: number) => ({ afterMs: time, count: anyOne.count, uses: [fast] });
        const idleMs = anyOne.perMs + 1;
        expect(simulate(anyOne, [at(0), at(idleMs), at(idleMs)])).toHaveLength(3 * anyOne.count);
      }),
    );
  });
});

describe('quietUntil', () => {
  it('waits for holders to be known again, and for the span of a rate, a minute at most', () => {
    expect(quietUntil(1_000, null)).toBe(3_000);
    expect(quietUntil(1_000, rate)).toBe(4_000);
    expect(quietUntil(1_000, { count: 3, perMs: 86_400_000 })).toBe(63_000);
  });
});

/** What becomes of a permit: used after a while and for a while, or given back unused. */
interface Use {
  startMs: number;
  travelMs: number;
  answerMs: number;
  made: boolean;
}

const fast: Use = { startMs: 0, travelMs: 0, answerMs: 0, made: true };
const anyRate = fc.record({
  count: fc.integer({ min: 1, max: 5 }),
  perMs: fc.integer({ min: 1, max: 2_000 }),
});
const anyUse: fc.Arbitrary<Use> = fc.record({
  startMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: START_MS })),
  travelMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: ARRIVAL_MS - START_MS })),
  answerMs: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 5_000 })),
  made: fc.boolean(),
});
const anyAsking = fc.record({
  afterMs: fc.oneof(fc.constant('as told' as const), fc.integer({ min: 0, max: 1_500 })),
  count: fc.integer({ min: 1, max: 6 }),
  uses: fc.array(anyUse, { minLength: 1, maxLength: 4 }),
});

/** Asks at these times, with a log like the one in Redis; answers when requests arrived at the destination. */
function simulate(
  anyOne: { count: number; perMs: number },
  askings: readonly { afterMs: number | 'as told'; count: number; uses: Use[] }[],
): number[] {
  const permits: { at: number; endsAt: number; made: boolean; arrivedAt: number }[] = [];
  let now = 0;
  let toldAt = 0;
  for (const { afterMs, count, uses } of askings) {
    now = afterMs === 'as told' ? Math.max(now, toldAt) : now + afterMs;
    const arrivals = permits
      .filter(({ made, endsAt }) => made || endsAt > now)
      .map(({ at, endsAt }) => (endsAt <= now ? Math.min(at + ARRIVAL_MS, endsAt) : at + ARRIVAL_MS))
      .sort((a, b) => a - b);
    const asked = { destination: 'crm', count, concurrency: 100, rate: anyOne };
    const { granted, opensAt } = decideAdmission(asked, { running: 0, arrivals }, now);
    toldAt = opensAt ?? now;
    for (let i = 0; i < granted; i += 1) {
      const { startMs, travelMs, answerMs, made } = uses[i % uses.length]!;
      const arrivedAt = now + startMs + travelMs;
      permits.push({ at: now, arrivedAt, endsAt: made ? arrivedAt + answerMs : now + startMs, made });
    }
  }
  return permits.filter(({ made }) => made).map(({ arrivedAt }) => arrivedAt);
}
