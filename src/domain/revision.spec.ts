import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Outcome } from './attempt.js';
import { canMove, DELIVERY_STATES, type OnRevision, ORDINARY, type PlannedDelivery } from './delivery.js';
import { type EarlierDelivery, REVISED, settleRevision } from './revision.js';

function earlier(over: Partial<EarlierDelivery> = {}): EarlierDelivery {
  return {
    id: 'old',
    rule: 'r',
    action: 'a',
    state: 'pending',
    reason: null,
    lastOutcome: null,
    onRevision: 'refresh',
    supersedes: null,
    tryNumber: 1,
    ...over,
  };
}

function planned(over: Partial<PlannedDelivery> = {}): PlannedDelivery {
  return {
    id: 'new',
    rule: 'r',
    action: 'a',
    destination: 'd',
    kind: 'log',
    operation: 'write',
    state: 'pending',
    reason: null,
    dueAt: 0,
    onRevision: 'refresh',
    ordered: false,
    input: null,
    needs: [],
    ...ORDINARY,
    ...over,
  };
}

/** What becomes of one earlier delivery and the same action planned anew. */
function settle(before: Partial<EarlierDelivery>, onRevision: OnRevision = 'refresh') {
  const { cancel, insert } = settleRevision([earlier(before)], [planned({ onRevision })]);
  return {
    canceled: cancel.length > 0,
    inserted: insert.length > 0,
    supersedes: insert[0]?.supersedes ?? null,
  };
}

const REPLACED = { canceled: true, inserted: true, supersedes: null };
const LEFT = { canceled: false, inserted: false, supersedes: null };
const ADDED = { canceled: false, inserted: true, supersedes: null };

describe('settleRevision', () => {
  it.each<[string, Partial<EarlierDelivery>, object]>([
    ['pending, never tried', {}, REPLACED],
    ['pending after a definite failure', { lastOutcome: 'retry' }, REPLACED],
    ['pending after refused credentials', { lastOutcome: 'unauthorized' }, REPLACED],
    ['pending, perhaps sent', { lastOutcome: 'unknown' }, LEFT],
    ['a further try, pending', { tryNumber: 2 }, LEFT],
    ['a further try, skipped', { tryNumber: 3, state: 'skipped' }, LEFT],
    ['held', { state: 'held' }, REPLACED],
    ['held, perhaps sent', { state: 'held', lastOutcome: 'unknown' }, LEFT],
    ['dead after a definite failure', { state: 'dead', lastOutcome: 'rejected' }, REPLACED],
    ['dead, perhaps sent', { state: 'dead', lastOutcome: 'unknown' }, LEFT],
    ['being sent', { state: 'sending' }, LEFT],
    ['delivered', { state: 'delivered', lastOutcome: 'delivered' }, LEFT],
    ['skipped', { state: 'skipped', reason: 'only_if' }, ADDED],
    ['taken back by a revision', { state: 'canceled', reason: REVISED }, ADDED],
    ['canceled by a person', { state: 'canceled', reason: 'canceled' }, LEFT],
  ])('with `refresh`, %s', (_what, before, expected) => {
    expect(settle(before)).toEqual(expected);
  });

  it('with `send`, sends again what is delivered, naming it', () => {
    expect(settle({ state: 'delivered' }, 'send')).toEqual({ ...ADDED, supersedes: 'old' });
  });

  it.each<[string, Partial<EarlierDelivery>, object]>([
    ['replaces what is not sent', {}, REPLACED],
    ['leaves what is being sent', { state: 'sending' }, LEFT],
    ['leaves what was perhaps sent', { lastOutcome: 'unknown' }, LEFT],
    ['leaves what a person canceled', { state: 'canceled', reason: 'canceled' }, LEFT],
  ])('with `send`, %s', (_what, before, expected) => {
    expect(settle(before, 'send')).toEqual(expected);
  });

  it.each(DELIVERY_STATES)('with `ignore`, plans nothing anew for what is %s', (state) => {
    const { cancel, insert } = settleRevision(
      [earlier({ state, onRevision: 'ignore' })],
      [planned({ onRevision: 'ignore' })],
    );
    expect(cancel).toEqual([]);
    // A shadow delivery was never going to be sent: the action counts as new.
    expect(insert).toHaveLength(state === 'shadow' ? 1 : 0);
  });

  it('remembers what was sent over a chain of revisions', () => {
    const sent = earlier({ id: 'sent', state: 'delivered', onRevision: 'send' });
    const waiting = earlier({ id: 'waiting', supersedes: 'sent', onRevision: 'send' });
    const { cancel, insert } = settleRevision([sent, waiting], [planned({ onRevision: 'send' })]);
    expect(cancel).toEqual(['waiting']);
    expect(insert).toMatchObject([{ supersedes: 'sent' }]);
  });

  it('with `refresh`, leaves what was sent before the one that was taken back', () => {
    const before = { state: 'canceled', reason: REVISED, supersedes: 'sent' } as const;
    expect(settle(before, 'refresh')).toEqual(LEFT);
    expect(settle(before, 'send')).toEqual({ ...ADDED, supersedes: 'sent' });
  });

  it('takes back what the revision no longer asks for, unless it says `ignore`', () => {
    expect(settleRevision([earlier()], []).cancel).toEqual(['old']);
    expect(settleRevision([earlier({ onRevision: 'ignore' })], []).cancel).toEqual([]);
    expect(settleRevision([earlier({ state: 'delivered' })], []).cancel).toEqual([]);
  });

  it('tells rules and actions apart whatever their names hold', () => {
    const before = earlier({ rule: 'a","b', action: 'c' });
    const { cancel, insert } = settleRevision([before], [planned({ rule: 'a', action: 'b","c' })]);
    expect(cancel).toEqual(['old']);
    expect(insert).toHaveLength(1);
  });

  const outcomes: Outcome[] = ['delivered', 'retry', 'rejected', 'unauthorized', 'unknown'];
  const anyEarlier = fc.record({
    id: fc.uuid(),
    rule: fc.constantFrom('r', 's'),
    action: fc.constantFrom('a', 'b'),
    state: fc.constantFrom(...DELIVERY_STATES),
    reason: fc.constantFrom(null, REVISED, 'a person'),
    lastOutcome: fc.constantFrom(null, ...outcomes),
    onRevision: fc.constantFrom<OnRevision>('refresh', 'send', 'ignore'),
    supersedes: fc.constantFrom(null, 'x'),
    tryNumber: fc.constantFrom(1, 2),
  });
  const anyPlanned = fc.uniqueArray(
    fc.record({
      rule: fc.constantFrom('r', 's'),
      action: fc.constantFrom('a', 'b'),
      state: fc.constantFrom<PlannedDelivery['state']>('pending', 'held', 'skipped', 'shadow'),
      onRevision: fc.constantFrom<OnRevision>('refresh', 'send', 'ignore'),
    }),
    { selector: ({ rule, action }) => rule + action },
  );

  it('cancels only what may be canceled and was not sent, and inserts each plan at most once', () => {
    fc.assert(
      fc.property(fc.array(anyEarlier), anyPlanned, (before, over) => {
        const plans = over.map((each, index) => planned({ ...each, id: `new-${index}` }));
        const { cancel, insert } = settleRevision(before, plans);
        for (const id of cancel) {
          const canceled = before.find((delivery) => delivery.id === id)!;
          expect(canMove(canceled.state, 'canceled')).toBe(true);
          expect(canceled.state).not.toBe('sending');
          expect(canceled.lastOutcome).not.toBe('unknown');
        }
        expect(new Set(cancel).size).toBe(cancel.length);
        expect(new Set(insert.map(({ delivery }) => delivery.id)).size).toBe(insert.length);
        const shadows = plans.filter(({ state }) => state === 'shadow').map(({ id }) => id);
        expect(insert.map(({ delivery }) => delivery.id)).toEqual(expect.arrayContaining(shadows));
      }),
    );
  });

  it('never leaves two unsent deliveries of one action', () => {
    fc.assert(
      fc.property(anyEarlier, anyPlanned, (before, over) => {
        const { cancel, insert } = settleRevision(
          [before],
          over.map((each) => planned(each)),
        );
        const replaced = insert.some(
          ({ delivery }) =>
            delivery.state !== 'shadow' && delivery.rule === before.rule && delivery.action === before.action,
        );
        const isOpen = ['pending', 'held', 'dead', 'sending'].includes(before.state);
        if (replaced && isOpen) expect(cancel).toEqual([before.id]);
      }),
    );
  });
});
