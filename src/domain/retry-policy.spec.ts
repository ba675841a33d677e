import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AttemptOutcome } from './attempt.js';
import { DEFAULT_RETRY_WAITS_MS, nextStep } from './retry-policy.js';

const now = 1_736_937_300_000;
const middle = () => 0.5;
const serverError: AttemptOutcome = { outcome: 'retry', reason: 'server_error' };

function step(result: AttemptOutcome, chargedCount = 0, random = middle) {
  return nextStep(result, { chargedCount, attemptCount: chargedCount }, DEFAULT_RETRY_WAITS_MS, now, random);
}

describe('nextStep', () => {
  it('walks the whole default schedule and gives up after the eleventh attempt', () => {
    const waits = Array.from({ length: 10 }, (_, charged) => step(serverError, charged).dueAt - now);
    expect(waits).toEqual([...DEFAULT_RETRY_WAITS_MS]);
    expect(step(serverError, 10)).toMatchObject({ state: 'dead', charged: true });
  });

  it('keeps every wait within a fifth of the schedule', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (charged, draw) => {
          const wait = DEFAULT_RETRY_WAITS_MS[charged] ?? 0;
          const actual = step(serverError, charged, () => draw).dueAt - now;
          expect(actual).toBeGreaterThanOrEqual(wait * 0.8);
          expect(actual).toBeLessThanOrEqual(wait * 1.2);
        },
      ),
    );
  });

  it('does not retry what was rejected', () => {
    expect(step({ outcome: 'rejected', reason: 'client_error' })).toMatchObject({ state: 'dead' });
  });

  it('obeys Retry-After to the millisecond, charges nothing and pauses the lane', () => {
    const result = step({ outcome: 'retry', reason: 'rate_limited', afterMs: 7_000 }, 10);
    expect(result).toEqual({
      state: 'pending',
      dueAt: now + 7_000,
      charged: false,
      pauseLaneUntil: now + 7_000,
    });
  });

  it('waits by the schedule when 429 names no time', () => {
    expect(step({ outcome: 'retry', reason: 'rate_limited' }, 1)).toMatchObject({
      dueAt: now + 30_000,
      charged: false,
    });
  });

  it('closes the lane when credentials are refused, doubling to a quarter of an hour', () => {
    const refused: AttemptOutcome = { outcome: 'unauthorized', reason: 'unauthorized' };
    expect(step(refused, 0).pauseLaneUntil).toBe(now + 5_000);
    expect(step(refused, 3).pauseLaneUntil).toBe(now + 40_000);
    expect(step(refused, 500)).toMatchObject({
      state: 'pending',
      charged: false,
      pauseLaneUntil: now + 900_000,
    });
  });

  it('repeats an unknown outcome under the same schedule', () => {
    expect(step({ outcome: 'unknown', reason: 'timeout' }, 2)).toMatchObject({
      state: 'pending',
      dueAt: now + 120_000,
    });
  });
});
