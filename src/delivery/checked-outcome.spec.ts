import { describe, expect, it } from '@jest/globals';
import { type AttemptOutcome } from '../domain/attempt.js';
import { checkedOutcome } from './checked-outcome.js';

describe('checkedOutcome', () => {
  it.each<AttemptOutcome>([
    { outcome: 'delivered', httpStatus: 204, receipt: { id: 1 } },
    { outcome: 'retry', reason: 'rate_limited', afterMs: 7_000 },
    { outcome: 'unknown', reason: 'timeout', message: 'no answer', progress: [1] },
  ])('lets $outcome pass as it is', (result) => {
    expect(checkedOutcome(result)).toEqual(result);
  });

  it.each([
    undefined,
    null,
    'delivered',
    {},
    { outcome: 'done' },
    { outcome: 'retry' },
    { outcome: 'retry', reason: 'bad luck' },
  ])('takes %j for a fault of ours', (result) => {
    expect(checkedOutcome(result)).toMatchObject({ outcome: 'retry', reason: 'internal' });
  });

  it.each([NaN, Infinity, -1])('leaves a wait of %d aside', (afterMs) => {
    const result = { outcome: 'retry', reason: 'rate_limited', afterMs };
    expect(checkedOutcome(result)).toEqual({ outcome: 'retry', reason: 'rate_limited' });
  });
});
