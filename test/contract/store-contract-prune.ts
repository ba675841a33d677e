import { describe, expect, it } from '@jest/globals';
import { type DeliveryState } from '../../src/domain/delivery.js';
import { type NewEvent, type PruneRequest, type PruneResult, type Store } from '../../src/store/store.js';
import { claimAll, freshId, newEvent, planned, RECEIVED_AT, revisionOf, updateOf } from './store-fixtures.js';

const NOW = RECEIVED_AT + 90 * 86_400_000;

/** Old rows go, unless something is still to be done for them. */
export function pruneContract(store: () => Store): void {
  const prune = (over: Partial<PruneRequest> = {}) =>
    store().prune({
      ...{ eventsBefore: null, bodiesBefore: null, reachesBefore: null, now: NOW, limit: 100, after: null },
      ...over,
    });
  const old = RECEIVED_AT + 1;

  /** An event whose one delivery was rendered, tried once and came to `state`. */
  const acceptDone = async (state: DeliveryState, over: Partial<NewEvent> = {}): Promise<NewEvent> => {
    const destination = freshId('lane');
    const isPlanned = state === 'held' || state === 'skipped' || state === 'shadow';
    const delivery = planned({
      destination,
      state: isPlanned ? state : 'pending',
      input: isPlanned ? '{}' : null,
    });
    const event = newEvent({ deliveries: [delivery], ...over });
    await store().accept(event);
    if (isPlanned || state === 'pending') return event;
    for (const one of await claimAll(store(), destination)) {
      await store().saveInput(one.delivery.id, one.delivery.fence, '{"text":"+15550100"}');
      const result = { outcome: 'delivered', receipt: { to: '+15550100' } } as const;
      if (state !== 'sending') await store().update(updateOf(one, state, result));
    }
    return event;
  };

  describe('prune', () => {
    it.each(['delivered', 'dead', 'canceled', 'skipped', 'shadow'] as const)(
      'removes an event whose delivery is %s, with everything that hangs on it',
      async (state) => {
        const event = await acceptDone(state);
        const { id } = event.deliveries[0]!;
        expect(await prune({ eventsBefore: old })).toEqual({ events: 1, bodies: 0, next: null });
        expect(await store().findEvent(event.id)).toBeNull();
        expect(await store().findDecisions(event.id)).toEqual([]);
        expect(await store().findDelivery(id)).toBeNull();
        expect(await store().listAttempts(id)).toEqual([]);
        expect(await store().countDeliveries()).toEqual({});
        // Its call is new again.
        expect(await store().accept(newEvent({ ...event, deliveries: [] }))).toMatchObject({
          status: 'accepted',
        });
      },
    );

    it.each(['pending', 'sending', 'held'] as const)(
      'keeps all of an event with a %s delivery',
      async (state) => {
        const event = await acceptDone(state);
        const before = await store().findEvent(event.id);
        const delivery = await store().findDelivery(event.deliveries[0]!.id);
        expect(await prune({ eventsBefore: old, bodiesBefore: old })).toEqual({
          events: 0,
          bodies: 0,
          next: null,
        });
        expect(await store().findEvent(event.id)).toEqual(before);
        expect(await store().findDelivery(delivery!.id)).toEqual(delivery);
      },
    );

    it('takes the bytes and texts of what is finished and keeps what happened', async () => {
      const event = await acceptDone('delivered');
      const { id } = event.deliveries[0]!;
      expect(await prune({ bodiesBefore: old })).toEqual({ events: 0, bodies: 1, next: null });
      const found = await store().findEvent(event.id);
      expect([found?.raw.byteLength, found?.bodyPrunedAt, found?.event.callId]).toEqual([
        0,
        NOW,
        event.callId,
      ]);
      expect(await store().findDelivery(id)).toMatchObject({
        state: 'delivered',
        input: null,
        release: null,
      });
      const attempts = await store().listAttempts(id);
      expect(attempts).toMatchObject([{ number: 1, outcome: 'delivered' }]);
      expect(attempts[0]).not.toHaveProperty('receipt');
      expect(await store().findDecisions(event.id)).toEqual(event.decisions);
      // It is still known as what it was, and not touched twice.
      expect(await store().accept({ ...event, id: freshId('event') })).toMatchObject({ status: 'duplicate' });
      expect(await prune({ bodiesBefore: old })).toEqual({ events: 0, bodies: 0, next: null });
    });

    it('looks at what was received before the time given, and only where one is given', async () => {
      const event = await acceptDone('delivered');
      expect(await prune({ eventsBefore: RECEIVED_AT, bodiesBefore: RECEIVED_AT })).toMatchObject({
        events: 0,
      });
      expect(await prune()).toEqual({ events: 0, bodies: 0, next: null });
      expect((await store().findEvent(event.id))?.bodyPrunedAt).toBeNull();
      expect(await prune({ eventsBefore: RECEIVED_AT, bodiesBefore: old })).toMatchObject({
        events: 0,
        bodies: 1,
      });
    });

    it('goes on where the batch before ended, past what has to stay', async () => {
      const states = ['held', 'delivered', 'pending', 'held', 'dead', 'held', 'delivered'] as const;
      const events: NewEvent[] = [];
      for (const state of states) events.push(await acceptDone(state));
      const batches: PruneResult[] = [];
      for (let after: PruneRequest['after'] = null; batches.length === 0 || after !== null;) {
        const batch = await prune({ eventsBefore: old, limit: 2, after });
        batches.push(batch);
        after = batch.next;
      }
      expect(batches.map(({ events: gone }) => gone)).toEqual([1, 0, 1, 1]);
      const left = await store().listEvents({ limit: 10 });
      expect(left.map(({ id }) => id)).toEqual(
        [events[5], events[3], events[2], events[0]].map((e) => e!.id),
      );
    });

    it('breaks nothing when a delivery goes that a later one supersedes', async () => {
      const first = await acceptDone('delivered', {});
      const { destination } = first.deliveries[0]!;
      const again = planned({ destination, onRevision: 'send' });
      const second = revisionOf(first, [again]);
      await store().accept(second);
      const superseded = first.deliveries[0]!.id;
      expect((await store().findDelivery(again.id))?.supersedes).toBe(superseded);
      expect(await prune({ eventsBefore: old })).toMatchObject({ events: 1 });
      expect(await store().findDelivery(superseded)).toBeNull();

      const [claimed] = await claimAll(store(), destination);
      expect(claimed?.delivery.supersedes).toBe(superseded);
      await store().update(updateOf(claimed!, 'delivered', { outcome: 'delivered' }));
      expect(await store().accept(revisionOf(second, [planned({ destination })]))).toMatchObject({
        revision: 3,
      });
      expect(await prune({ eventsBefore: NOW })).toMatchObject({ events: 2 });
    });

    it('takes settled alerts that are older, and no others', async () => {
      const alerts = [0, 1].map((entry) => ({
        ...{
          id: freshId('alert'),
          entry,
          destination: 'ops',
          cause: 'c',
          reason: 'dead',
          line: 'x',
          count: 1,
        },
      }));
      await store().raiseAlerts({ alerts, now: RECEIVED_AT, everyMs: 10 });
      const ids = [alerts[0]!.id];
      await store().settleAlerts({ ids, now: RECEIVED_AT, outcome: 'sent', dueAt: RECEIVED_AT });
      await prune({ eventsBefore: old });
      // The one that was told is forgotten: the same cause is told at once.
      const again = alerts.map((alert) => ({ ...alert, id: freshId('alert') }));
      expect(await store().raiseAlerts({ alerts: again, now: RECEIVED_AT, everyMs: 10 })).toBe(1);
    });

    it('leaves a delivery that is released while it looks', async () => {
      const events: NewEvent[] = [];
      for (let i = 0; i < 10; i += 1) events.push(await acceptDone(i % 2 === 0 ? 'dead' : 'delivered'));
      const [dead] = events[0]!.deliveries;
      const [result, retried] = await Promise.all([
        prune({ eventsBefore: old }),
        store().command(dead!.id, { do: 'retry' }, NOW),
      ]);
      const isThere = (await store().findDelivery(dead!.id)) !== null;
      expect(retried.done).toBe(isThere);
      expect(result.events).toBe(isThere ? 9 : 10);
    });
  });
}
