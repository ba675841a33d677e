import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DELIVERY_STATES, type DeliveryState } from './delivery.js';
import { judgeNeeds } from './needs.js';

const needed = (...states: DeliveryState[]) => states.map((state, i) => ({ action: `a${i + 1}`, state }));

describe('judgeNeeds', () => {
  it.each<[DeliveryState[], object]>([
    [[], { is: 'due' }],
    [['delivered', 'delivered'], { is: 'due' }],
    [['delivered', 'sending', 'held'], { is: 'waiting', reason: 'waits_for: a2, a3' }],
    [['pending', 'dead'], { is: 'skipped', reason: 'needed: a2 is dead' }],
    [['delivered', 'canceled'], { is: 'skipped', reason: 'needed: a2 is canceled' }],
    [['skipped', 'dead'], { is: 'skipped', reason: 'needed: a1 is skipped' }],
  ])('of %j says %j', (states, verdict) => {
    expect(judgeNeeds(needed(...states))).toEqual(verdict);
  });

  it('says due when all are delivered, and never else', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...DELIVERY_STATES)), (states) => {
        expect(judgeNeeds(needed(...states)).is === 'due').toBe(
          states.every((state) => state === 'delivered'),
        );
      }),
    );
  });
});
