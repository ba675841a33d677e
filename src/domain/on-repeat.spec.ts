import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { defaultOnRepeat, onRepeat, type OnRepeat, type RepeatDecision } from './on-repeat.js';

const POLICIES: OnRepeat[] = ['skip', 'replace', 'extend', 'queue', 'parallel'];
const waiting = [
  { id: 'b', dueAt: 200 },
  { id: 'a', dueAt: 100 },
];

describe('onRepeat', () => {
  it.each<[OnRepeat, RepeatDecision]>([
    ['skip', { is: 'skip', because: 'b' }],
    ['replace', { is: 'plan', dueAt: 150, cancel: ['b', 'a'], behind: null }],
    ['extend', { is: 'move', id: 'b', dueAt: 200 }],
    ['queue', { is: 'plan', dueAt: 200, cancel: [], behind: 'b' }],
    ['parallel', { is: 'plan', dueAt: 150, cancel: [], behind: null }],
  ])('decides %s over those that wait', (policy, decision) => {
    expect(onRepeat(policy, waiting, 150)).toEqual(decision);
  });

  it('moves the one waiting to a later time', () => {
    expect(onRepeat('extend', waiting, 900)).toEqual({ is: 'move', id: 'b', dueAt: 900 });
    expect(onRepeat('queue', waiting, 900)).toMatchObject({ dueAt: 900, behind: 'b' });
  });

  it('plans when nothing waits', () => {
    for (const policy of POLICIES)
      expect(onRepeat(policy, [], 5)).toEqual({ is: 'plan', dueAt: 5, cancel: [], behind: null });
  });

  it('replaces a time that was asked for, and lets a wait run on', () => {
    expect([defaultOnRepeat('at'), defaultOnRepeat('after')]).toEqual(['replace', 'skip']);
  });

  it('decides the same in whatever order they are given, and leaves one at most but for queue and parallel', () => {
    const one = fc.record({ id: fc.string({ minLength: 1 }), dueAt: fc.integer({ min: 0, max: 5 }) });
    const several = fc.uniqueArray(one, { selector: ({ id }) => id, maxLength: 5 });
    fc.assert(
      fc.property(fc.constantFrom(...POLICIES), several, fc.nat(9), (policy, many, dueAt) => {
        const decision = onRepeat(policy, many, dueAt);
        const other = onRepeat(policy, [...many].reverse(), dueAt);
        if (decision.is === 'plan' && other.is === 'plan') other.cancel.reverse();
        expect(decision).toEqual(other);
        if (policy === 'replace' && decision.is === 'plan') expect(decision.cancel).toHaveLength(many.length);
      }),
    );
  });
});
