import { describe, expect, it } from '@jest/globals';
import { type AttemptOutcome } from '../../src/domain/attempt.js';
import { NOT_YET } from '../../src/domain/delivery.js';
import { type DeliveryUpdate, type Store, type UpdateResult } from '../../src/store/store.js';
import {
  claimAll,
  newEvent,
  planned,
  RECEIVED_AT,
  RECORDED_AT,
  revisionOf,
  updateOf,
} from './store-fixtures.js';

const NOW = RECEIVED_AT + 60_000;
const DELIVERED: AttemptOutcome = { outcome: 'delivered', receipt: { id: '101' } };

/** Deliveries that need the result of others, and what adapters keep between deliveries. */
export function resultContract(store: () => Store): void {
  describe('a delivery that needs another', () => {
    needsContract(store);
    needsOverRevisions(store);
  });
  describe('later calls of a contact', () => laterCallsContract(store));
  describe('links', () => linkContract(store));
  describe('an outcome that nobody knows', () => arrivalContract(store));
}

const crm = () => planned({ action: 'crm', destination: 'crm' });
const tell = (over: { id?: string; dueAt?: number } = {}) =>
  planned({ action: 'tell', needs: ['crm'], ...over });

async function end(
  store: Store,
  destination: string,
  state: DeliveryUpdate['state'],
  result?: AttemptOutcome,
): Promise<UpdateResult> {
  // What it needs may have been delivered just now.
  const [claimed] = await claimAll(store, destination, 100, RECORDED_AT);
  if (claimed === undefined) throw new Error(`nothing was due for ${destination}`);
  return store.update({
    ...updateOf(claimed, state, result),
    ...(state === 'dead' && { reason: 'client_error' }),
  });
}

function needsContract(store: () => Store): void {
  it('is not due before that one is delivered, and then has its receipt', async () => {
    const [first, second] = [crm(), tell()];
    await store().accept(newEvent({ deliveries: [first, second] }));
    expect(await store().findDelivery(second.id)).toMatchObject({
      state: 'pending',
      reason: 'waits_for: crm',
      dueAt: NOT_YET,
    });
    expect(await claimAll(store())).toEqual([]);
    expect(await end(store(), 'crm', 'delivered', DELIVERED)).toEqual({ kept: true, due: ['sales-slack'] });
    // Its windows count: nobody brought it forward.
    const claimed = await claimAll(store(), 'sales-slack', 100, RECORDED_AT);
    expect(claimed.map(({ delivery: { id, reason } }) => ({ id, reason }))).toEqual([
      { id: second.id, reason: 'follow_up' },
    ]);
    expect(await store().findReceipts(second.id)).toEqual([
      { action: 'crm', state: 'delivered', receipt: { id: '101' } },
    ]);
  });

  it('keeps its own time where that is later', async () => {
    const later = tell({ dueAt: NOW + 3_600_000 });
    await store().accept(newEvent({ deliveries: [crm(), later] }));
    expect(await end(store(), 'crm', 'delivered', DELIVERED)).toEqual({ kept: true, due: [] });
    expect(await store().findDelivery(later.id)).toMatchObject({
      dueAt: NOW + 3_600_000,
      reason: 'follow_up',
    });
  });

  it.each(['dead', 'skipped', 'canceled'] as const)(
    'is skipped when that one is %s, with whatever needs it',
    async (state) => {
      const [middle, last] = [tell(), planned({ action: 'last', needs: ['tell'] })];
      await store().accept(newEvent({ deliveries: [crm(), middle, last] }));
      await end(store(), 'crm', state);
      expect(await store().findDelivery(middle.id)).toMatchObject({
        state: 'skipped',
        reason: `needed: crm is ${state}`,
      });
      expect(await store().findDelivery(last.id)).toMatchObject({
        state: 'skipped',
        reason: 'needed: tell is skipped',
      });
    },
  );

  it('waits on while that one is held, and until all that it needs are there', async () => {
    const two = planned({ action: 'two', destination: 'mail' });
    const both = planned({ action: 'both', needs: ['crm', 'two'] });
    await store().accept(newEvent({ deliveries: [crm(), two, both] }));
    await end(store(), 'mail', 'held');
    expect(await store().findDelivery(both.id)).toMatchObject({ state: 'pending', dueAt: NOT_YET });
    expect((await end(store(), 'crm', 'delivered', DELIVERED)).due).toEqual([]);
    await store().command(two.id, { do: 'release', changes: {} }, NOW);
    expect((await end(store(), 'mail', 'delivered', { outcome: 'delivered' })).due).toEqual(['sales-slack']);
  });

  it('waits again when that one is retried, by itself or in bulk', async () => {
    const [first, second] = [crm(), tell()];
    await store().accept(newEvent({ deliveries: [first, second] }));
    for (const retry of [
      () => store().command(first.id, { do: 'retry' }, NOW),
      () =>
        store().commandMany({
          filter: { rule: 'hot-lead' },
          command: { do: 'retry' },
          now: NOW,
          changedBefore: NOW + 1e6,
          limit: 10,
        }),
    ]) {
      await end(store(), 'crm', 'dead');
      expect(await store().findDelivery(second.id)).toMatchObject({ state: 'skipped' });
      await retry();
      expect(await store().findDelivery(second.id)).toMatchObject({
        state: 'pending',
        reason: 'waits_for: crm',
      });
    }
  });

  it('is skipped when a person takes that one back', async () => {
    const [first, second] = [crm(), tell()];
    await store().accept(newEvent({ deliveries: [first, second] }));
    await store().command(first.id, { do: 'cancel' }, NOW);
    expect(await store().findDelivery(second.id)).toMatchObject({
      state: 'skipped',
      reason: 'needed: crm is canceled',
    });
  });

  it('goes back to waiting when it is brought forward, unless it has become due meanwhile', async () => {
    const [first, second] = [crm(), tell()];
    await store().accept(newEvent({ deliveries: [first, second] }));
    await store().command(second.id, { do: 'retry' }, NOW);
    const wait = async () =>
      store().update({ ...updateOf((await claimAll(store()))[0]!, 'pending'), dueAt: NOT_YET });
    expect(await wait()).toEqual({ kept: true, due: [] });
    await store().command(second.id, { do: 'retry' }, NOW);
    const [early] = await claimAll(store());
    await end(store(), 'crm', 'delivered', DELIVERED);
    const update = { ...updateOf(early!, 'pending'), dueAt: NOT_YET };
    expect(await store().update(update)).toEqual({ kept: true, due: ['sales-slack'] });
  });

  it('is due once however many that it needs are delivered at the same moment', async () => {
    const needed = Array.from({ length: 8 }, (_, i) => planned({ action: `a${i}`, destination: `d${i}` }));
    const all = planned({ action: 'all', needs: needed.map(({ action }) => action) });
    await store().accept(newEvent({ deliveries: [...needed, all] }));
    const claimed = (
      await Promise.all(needed.map(({ destination }) => claimAll(store(), destination)))
    ).flat();
    const results = await Promise.all(
      claimed.map((one) => store().update(updateOf(one, 'delivered', DELIVERED))),
    );
    expect(results.flatMap(({ due }) => due)).toEqual(['sales-slack']);
    expect(await store().findReceipts(all.id)).toHaveLength(8);
  });
}

function needsOverRevisions(store: () => Store): void {
  it('takes the result of what an earlier revision had sent', async () => {
    const event = newEvent({ deliveries: [crm()] });
    await store().accept(event);
    await end(store(), 'crm', 'delivered', DELIVERED);
    const second = tell();
    await store().accept(revisionOf(event, [crm(), second]));
    expect(await store().findDelivery(second.id)).toMatchObject({ state: 'pending', reason: 'follow_up' });
    expect(await store().findReceipts(second.id)).toMatchObject([{ receipt: { id: '101' } }]);
  });

  it('waits for the one that took the place of what was not sent yet', async () => {
    const event = newEvent({ deliveries: [crm(), tell()] });
    await store().accept(event);
    const [first, second] = [crm(), tell()];
    await store().accept(revisionOf(event, [first, second]));
    const states = await Promise.all(
      [...event.deliveries, first, second].map(({ id }) => store().findDelivery(id)),
    );
    expect(states.map((one) => one?.state)).toEqual(['canceled', 'canceled', 'pending', 'pending']);
    expect((await end(store(), 'crm', 'delivered', DELIVERED)).due).toEqual(['sales-slack']);
  });

  it('is gone with its event when that is old, and keeps nobody from going', async () => {
    await store().accept(newEvent({ deliveries: [crm(), tell()] }));
    await end(store(), 'crm', 'delivered', DELIVERED);
    await end(store(), 'sales-slack', 'delivered', { outcome: 'delivered' });
    const pruned = await store().prune({
      eventsBefore: NOW,
      bodiesBefore: null,
      reachesBefore: null,
      now: NOW,
      limit: 100,
      after: null,
    });
    expect(pruned.events).toBe(1);
  });
}

function laterCallsContract(store: () => Store): void {
  it('are those of the same contact and scope that came in after an event, other than the call itself', async () => {
    const event = newEvent({ contact: '+15550123' });
    await store().accept(newEvent({ contact: '+15550123' }));
    await store().accept(event);
    const wanted = [newEvent({ contact: '+15550123' }), newEvent({ contact: '+15550123' })];
    await store().accept(revisionOf(event, []));
    await store().accept(newEvent({ contact: '+15550124' }));
    await store().accept(newEvent({ contact: '+15550123', scope: 'umbrella' }));
    await store().accept(newEvent({ contact: '+15550123', intent: 'test', callId: null }));
    for (const one of wanted) await store().accept(one);
    const later = await store().laterCalls(event.id);
    expect(later.map((one) => one.event.id)).toEqual(wanted.map(({ id }) => id));
    expect(Buffer.from(later[0]!.raw).toString()).toBe('{"id":1}');
  });

  it('of nobody are none', async () => {
    const event = newEvent({ contact: null });
    await store().accept(event);
    await store().accept(newEvent({ contact: null }));
    expect(await store().laterCalls(event.id)).toEqual([]);
  });

  it('keep an input from being saved until they have been looked at', async () => {
    const event = newEvent();
    await store().accept(event);
    const [claimed] = await claimAll(store());
    const { id, fence } = claimed!.delivery;
    expect(await store().saveInput(id, fence, '{}', event.id)).toBe(true);
    const later = newEvent({ deliveries: [] });
    await store().accept(later);
    expect(await store().saveInput(id, fence, '{}', event.id)).toBe(false);
    expect(await store().saveInput(id, fence, '{}', later.id)).toBe(true);
    expect(await store().saveInput(id, fence - 1, '{}', later.id)).toBe(false);
  });
}

function linkContract(store: () => Store): void {
  const find = (key: string, over: { scope?: string; destination?: string } = {}) =>
    store().findLink({ scope: 'acme', destination: 'sales-slack', key, ...over });
  const leave = async (result: AttemptOutcome, state: DeliveryUpdate['state'] = 'delivered') => {
    await store().accept(newEvent());
    return end(store(), 'sales-slack', state, result);
  };

  it('are kept with an attempt, whatever its outcome, for one destination and scope', async () => {
    await leave({ outcome: 'delivered', links: [{ key: 'a', value: { ts: '1.2' } }] });
    await leave({ outcome: 'unknown', reason: 'timeout', links: [{ key: 'b', value: 7 }] }, 'held');
    expect([await find('a'), await find('b'), await find('c')]).toEqual([{ ts: '1.2' }, 7, null]);
    expect(await find('a', { scope: 'umbrella' })).toBeNull();
    expect(await find('a', { destination: 'crm' })).toBeNull();
  });

  it('are replaced by newer ones', async () => {
    for (const value of ['old', 'new']) await leave({ outcome: 'delivered', links: [{ key: 'a', value }] });
    expect(await find('a')).toBe('new');
  });

  it('are not kept when the delivery has gone to somebody else', async () => {
    await store().accept(newEvent());
    const [first] = await claimAll(store());
    await store().recover(Date.now() + 60_000);
    await claimAll(store());
    const late: AttemptOutcome = { outcome: 'delivered', links: [{ key: 'late', value: 1 }] };
    expect(await store().update(updateOf(first!, 'delivered', late))).toEqual({ kept: false, due: [] });
    expect(await find('late')).toBeNull();
  });

  it('go when they are as old as the events that go', async () => {
    await leave({ outcome: 'delivered', links: [{ key: 'a', value: 1 }] });
    await store().prune({
      ...{ eventsBefore: NOW + 1e6, bodiesBefore: null, reachesBefore: null },
      ...{ now: NOW, limit: 100, after: null },
    });
    expect(await find('a')).toBeNull();
  });
}

function arrivalContract(store: () => Store): void {
  it('is remembered over later attempts', async () => {
    const delivery = planned();
    await store().accept(newEvent({ deliveries: [delivery] }));
    const again = async (result: AttemptOutcome) => {
      const [claimed] = await claimAll(store());
      await store().update({ ...updateOf(claimed!, 'pending', result), dueAt: RECEIVED_AT });
      return (await store().findDelivery(delivery.id))?.mayHaveArrived;
    };
    expect(await again({ outcome: 'retry', reason: 'server_error' })).toBe(false);
    expect(await again({ outcome: 'unknown', reason: 'timeout' })).toBe(true);
    expect(await again({ outcome: 'retry', reason: 'server_error' })).toBe(true);
  });

  it('is assumed of what was rendered when its process ended', async () => {
    const [rendered, untouched] = [planned(), planned()];
    await store().accept(newEvent({ deliveries: [rendered, untouched] }));
    const claimed = await claimAll(store());
    const { id, fence } = claimed.find(({ delivery }) => delivery.id === rendered.id)!.delivery;
    await store().saveInput(id, fence, '{}');
    await store().recover(Date.now() + 60_000);
    expect((await store().findDelivery(rendered.id))?.mayHaveArrived).toBe(true);
    expect((await store().findDelivery(untouched.id))?.mayHaveArrived).toBe(false);
  });
}
