import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AttemptOutcome, FAILURE_REASONS } from './attempt.js';
import { DELIVERY_REASONS } from './delivery.js';
import { type AttemptSituation, DEFAULT_RETRY_WAITS_MS, nextStep } from './retry-policy.js';

const now = 1_736_937_300_000;
const middle = () => 0.5;
const serverError: AttemptOutcome = { outcome: 'retry', reason: 'server_error' };
const timedOut: AttemptOutcome = { outcome: 'unknown', reason: 'timeout' };

function situation(changes: Partial<AttemptSituation> = {}): AttemptSituation {
  return {
    ...{ chargedCount: 0, waitsMs: DEFAULT_RETRY_WAITS_MS, ifUnknown: 'retry', closedUntil: null, now },
    ...changes,
  };
}

function step(result: AttemptOutcome, changes: Partial<AttemptSituation> = {}, random = middle) {
  return nextStep(result, situation(changes), random);
}

describe('nextStep', () => {
  it('walks the whole default schedule and gives up after the eleventh attempt', () => {
    const waits = Array.from({ length: 10 }, (_, chargedCount) => step(serverError, { chargedCount }).dueAt);
    expect(waits.map((dueAt) => dueAt - now)).toEqual([...DEFAULT_RETRY_WAITS_MS]);
    expect(step(serverError, { chargedCount: 10 })).toMatchObject({
      state: 'dead',
      reason: 'server_error',
      charged: true,
    });
  });

  it('keeps every wait within a fifth of the schedule', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (chargedCount, draw) => {
          const wait = DEFAULT_RETRY_WAITS_MS[chargedCount] ?? 0;
          const actual = step(serverError, { chargedCount }, () => draw).dueAt - now;
          expect(actual).toBeGreaterThanOrEqual(wait * 0.8);
          expect(actual).toBeLessThanOrEqual(wait * 1.2);
        },
      ),
    );
  });

  it('does not retry what was rejected', () => {
    expect(step({ outcome: 'rejected', reason: 'client_error' })).toMatchObject({
      state: 'dead',
      reason: 'client_error',
    });
  });

  it('obeys Retry-After to the millisecond and charges nothing', () => {
    const asked: AttemptOutcome = { outcome: 'retry', reason: 'rate_limited', afterMs: 7_000 };
    expect(step(asked, { chargedCount: 10 })).toEqual({
      state: 'pending',
      reason: 'rate_limited',
      dueAt: now + 7_000,
      charged: false,
    });
  });

  it.each(['rate_limited', 'offline'] as const)('charges nothing for %s without a time', (reason) => {
    expect(step({ outcome: 'retry', reason }, { chargedCount: 10 })).toMatchObject({
      state: 'pending',
      dueAt: now + 5_000,
      charged: false,
    });
  });

  it('charges nothing at a closed lane and waits until it opens', () => {
    const refused: AttemptOutcome = { outcome: 'unauthorized', reason: 'unauthorized' };
    for (const result of [refused, serverError, timedOut])
      expect(step(result, { chargedCount: 10, closedUntil: now + 40_000 })).toMatchObject({
        state: 'pending',
        dueAt: now + 40_000,
        charged: false,
      });
  });

  it('goes by the later one where the lane is closed and the destination asks for a wait', () => {
    const asked: AttemptOutcome = { outcome: 'retry', reason: 'server_error', afterMs: 60_000 };
    expect(step(asked, { closedUntil: now + 5_000 }).dueAt).toBe(now + 60_000);
    expect(step(asked, { closedUntil: now + 90_000 }).dueAt).toBe(now + 90_000);
  });

  it('repeats an unknown outcome under the same schedule, or holds it, as the action says', () => {
    expect(step(timedOut, { chargedCount: 2 })).toMatchObject({ state: 'pending', dueAt: now + 120_000 });
    for (const closedUntil of [null, now + 5_000])
      expect(step(timedOut, { ifUnknown: 'hold', closedUntil })).toMatchObject({
        state: 'held',
        reason: 'unknown: timeout',
      });
  });

  it('gives every outcome a word of the list, and leaves nothing due in the past', () => {
    const failed = fc.record({
      outcome: fc.constantFrom('retry', 'rejected', 'unauthorized', 'unknown'),
      reason: fc.constantFrom(...FAILURE_REASONS),
      afterMs: fc.option(fc.integer({ min: 0, max: 86_400_000 }), { nil: undefined }),
    }) as fc.Arbitrary<AttemptOutcome>;
    const circumstances = fc.record({
      chargedCount: fc.nat(20),
      ifUnknown: fc.constantFrom('retry' as const, 'hold' as const),
      closedUntil: fc.option(fc.integer({ min: now, max: now + 900_000 })),
    });
    fc.assert(
      fc.property(failed, circumstances, (result, changes) => {
        const next = step(result, changes);
        expect(DELIVERY_REASONS).toContain(next.reason?.split(':')[0]);
        expect(next.dueAt).toBeGreaterThanOrEqual(now);
        if (result.outcome === 'unauthorized')
          expect(next).toMatchObject({ state: 'pending', charged: false });
        if (next.state === 'pending') expect(next.charged).toBe(next.charged && changes.closedUntil === null);
      }),
    );
  });
});
