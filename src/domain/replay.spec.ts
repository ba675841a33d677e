import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DELIVERY_STATES, type DeliveryState, ORDINARY, type PlannedDelivery } from './delivery.js';
import { type ReplaySend, settleReplay, type StoredDelivery } from './replay.js';

function stored(over: Partial<StoredDelivery> = {}): StoredDelivery {
  return { id: 'old', rule: 'r', action: 'a', state: 'dead', lastOutcome: 'retry', ...over };
}

function planned(over: Partial<PlannedDelivery> = {}): PlannedDelivery {
  return {
    ...{ id: 'new', rule: 'r', action: 'a', destination: 'd', kind: 'log', operation: 'write' },
    ...{
      state: 'pending',
      reason: null,
      dueAt: 0,
      onRevision: 'refresh',
      ordered: false,
      input: null,
      needs: [],
      ...ORDINARY,
    },
    ...over,
  };
}

function settle(
  before: StoredDelivery[],
  { send = 'undelivered', unchanged = [] as string[], now = [planned()] } = {},
) {
  const result = settleReplay(before, now, { send: send as ReplaySend, unchanged: new Set(unchanged) });
  return { ...result, insert: result.insert.map(({ id }) => id) };
}

const nothing = { retry: [], cancel: [], insert: [], leave: [] };

describe('settleReplay', () => {
  it('plans an action that the event had not planned', () => {
    expect(settle([])).toEqual({ ...nothing, insert: ['new'] });
    expect(settle([stored({ action: 'other' })])).toEqual({ ...nothing, insert: ['new'] });
  });

  it.each<DeliveryState>(['canceled', 'skipped', 'shadow'])('plans anew what was %s', (state) => {
    expect(settle([stored({ state })])).toEqual({ ...nothing, insert: ['new'] });
  });

  it.each<DeliveryState>(['pending', 'sending'])('leaves what is %s, whatever is asked for', (state) => {
    expect(settle([stored({ state })])).toEqual({ ...nothing, leave: ['old'] });
    expect(settle([stored({ state })], { send: 'all' })).toEqual({ ...nothing, leave: ['old'] });
  });

  it('sends what was delivered again only when all is asked for', () => {
    expect(settle([stored({ state: 'delivered' })])).toEqual(nothing);
    expect(settle([stored({ state: 'delivered' })], { send: 'all' })).toEqual({
      ...nothing,
      insert: ['new'],
    });
  });

  it('retries a dead one under its own key while its action is the same', () => {
    expect(settle([stored()], { unchanged: ['old'] })).toEqual({ ...nothing, retry: ['old'] });
    const doubtful = stored({ lastOutcome: 'unknown' });
    expect(settle([doubtful], { unchanged: ['old'] })).toEqual({ ...nothing, retry: ['old'] });
  });

  it('takes a dead one back when its action has changed or now has to be held', () => {
    const replaced = { ...nothing, cancel: ['old'], insert: ['new'] };
    expect(settle([stored()])).toEqual(replaced);
    expect(settle([stored()], { unchanged: ['old'], now: [planned({ state: 'held' })] })).toEqual(replaced);
  });

  it('renders a held one anew, unless it may have arrived', () => {
    const held = stored({ state: 'held', lastOutcome: null });
    expect(settle([held], { unchanged: ['old'] })).toEqual({ ...nothing, cancel: ['old'], insert: ['new'] });
    expect(settle([{ ...held, lastOutcome: 'unknown' }])).toEqual({ ...nothing, leave: ['old'] });
  });

  it('looks at the latest delivery of an action only', () => {
    const before = [stored({ id: 'first', state: 'dead' }), stored({ id: 'second', state: 'delivered' })];
    expect(settle(before)).toEqual(nothing);
  });

  it('does nothing when nothing is to be sent', () => {
    expect(settle([stored()], { send: 'none' })).toEqual(nothing);
  });

  it('never plans, retries and cancels the same action twice, and never touches what may be on its way', () => {
    const delivery = fc.record({
      id: fc.uuid(),
      rule: fc.constantFrom('r', 's'),
      action: fc.constantFrom('a', 'b'),
      state: fc.constantFrom(...DELIVERY_STATES),
      lastOutcome: fc.constantFrom(null, 'retry' as const, 'unknown' as const),
    });
    const plan = fc.subarray(['r.a', 'r.b', 's.a', 's.b']);
    const send = fc.constantFrom<ReplaySend>('undelivered', 'all');
    fc.assert(
      fc.property(fc.array(delivery, { maxLength: 8 }), plan, send, (before, actions, how) => {
        const now = actions.map((name) => {
          const [rule, action] = name.split('.') as [string, string];
          return planned({ id: name, rule, action });
        });
        const unchanged = new Set(before.filter((_, i) => i % 2 === 0).map(({ id }) => id));
        const { retry, cancel, insert, leave } = settleReplay(before, now, { send: how, unchanged });
        const stateOf = new Map(before.map(({ id, state }) => [id, state]));
        const touched = [...retry, ...cancel];
        expect(touched.every((id) => stateOf.get(id) === 'dead' || stateOf.get(id) === 'held')).toBe(true);
        expect(retry.length + insert.length + leave.length).toBeLessThanOrEqual(now.length);
        expect(new Set([...touched, ...leave]).size).toBe(touched.length + leave.length);
      }),
    );
  });
});
