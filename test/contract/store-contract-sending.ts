import { describe, expect, it } from '@jest/globals';
import { type AttemptOutcome } from '../../src/domain/attempt.js';
import { type Store } from '../../src/store/store.js';
import { claimAll, newEvent, planned, RECEIVED_AT, updateOf } from './store-fixtures.js';

/** Claims, fences, attempts and what is taken up after a crash. */
export function sendingContract(store: () => Store): void {
  describe('claim', () => {
    it('hands out what is due with its event and bytes', async () => {
      const event = newEvent();
      await store().accept(event);
      const [claimed, ...others] = await claimAll(store());

      expect(others).toEqual([]);
      expect(claimed?.delivery).toMatchObject({
        id: event.deliveries[0]!.id,
        state: 'sending',
        fence: 1,
        updatedAt: RECEIVED_AT + 60_000,
      });
      expect(claimed?.event).toEqual((await store().findEvent(event.id))?.event);
      expect(Buffer.from(claimed!.raw).equals(event.raw)).toBe(true);
    });

    it('takes the oldest first, no more than there are slots, and nothing of other destinations', async () => {
      const deliveries = [30, 10, 20, 40].map((ms) =>
        planned({ dueAt: RECEIVED_AT + ms, action: `after-${ms}` }),
      );
      deliveries.push(planned({ destination: 'crm', action: 'crm' }));
      await store().accept(newEvent({ deliveries }));

      const actions = async () =>
        (await claimAll(store(), 'sales-slack', 3)).map(({ delivery }) => delivery.action);
      expect(await actions()).toEqual(['after-10', 'after-20', 'after-30']);
      expect(await actions()).toEqual(['after-40']);
      expect(await claimAll(store(), 'sales-slack', 0)).toEqual([]);
    });

    it('leaves what is due later, held, skipped or shadow', async () => {
      const now = RECEIVED_AT;
      const later = planned({ dueAt: now + 1 });
      const waiting = (['held', 'skipped', 'shadow'] as const).map((state) =>
        planned({ state, action: state }),
      );
      await store().accept(newEvent({ deliveries: [later, ...waiting] }));

      expect(await store().claim({ now, slots: { 'sales-slack': 9 }, leaseMs: 0 })).toEqual([]);
      const claimed = await store().claim({ now: now + 1, slots: { 'sales-slack': 9 }, leaseMs: 0 });
      expect(claimed.map(({ delivery }) => delivery.id)).toEqual([later.id]);
    });

    it('never hands out a delivery twice to claims that run together', async () => {
      const deliveries = Array.from({ length: 40 }, (_, index) => planned({ action: `a${index}` }));
      await store().accept(newEvent({ deliveries }));
      const batches = await Promise.all(
        Array.from({ length: 10 }, () => claimAll(store(), 'sales-slack', 7)),
      );
      const ids = batches.flat().map(({ delivery }) => delivery.id);
      expect(ids.sort()).toEqual(deliveries.map(({ id }) => id).sort());
    });
  });

  describe('update', () => {
    it('records the attempt and what followed', async () => {
      await store().accept(newEvent());
      const [first] = await claimAll(store());
      const failed: AttemptOutcome = {
        outcome: 'retry',
        reason: 'server_error',
        message: 'the destination answered 503',
        httpStatus: 503,
        progress: ['left@example.com'],
      };
      const again = { ...updateOf(first!, 'pending', failed), reason: 'server_error', dueAt: RECEIVED_AT };
      expect((await store().update(again)).kept).toBe(true);

      const [second] = await claimAll(store());
      expect(second?.delivery).toMatchObject({
        fence: 2,
        attemptCount: 1,
        chargedCount: 1,
        lastOutcome: 'retry',
        dueAt: RECEIVED_AT,
        progress: '["left@example.com"]',
        reason: 'server_error',
      });
      const delivered = { outcome: 'delivered', httpStatus: 200, receipt: { ts: '1' } } as const;
      expect((await store().update(updateOf(second!, 'delivered', delivered))).kept).toBe(true);
      expect(await store().findDelivery(second!.delivery.id)).toMatchObject({
        state: 'delivered',
        attemptCount: 2,
        chargedCount: 2,
        lastOutcome: 'delivered',
        reason: null,
      });
      const times = { startedAt: RECEIVED_AT + 60_960, durationMs: 40 };
      expect(await store().listAttempts(second!.delivery.id)).toEqual([
        {
          number: 1,
          ...times,
          outcome: 'retry',
          reason: 'server_error',
          message: 'the destination answered 503',
          httpStatus: 503,
        },
        {
          number: 2,
          ...times,
          outcome: 'delivered',
          reason: null,
          message: null,
          httpStatus: 200,
          receipt: { ts: '1' },
        },
      ]);
    });

    it('counts an attempt that is not charged, and no attempt where a gate refused', async () => {
      await store().accept(newEvent({ deliveries: [planned(), planned({ action: 'b' })] }));
      const [a, b] = await claimAll(store());
      const update = updateOf(a!, 'pending', { outcome: 'unauthorized', reason: 'unauthorized' });
      await store().update({ ...update, attempt: { ...update.attempt!, charged: false } });
      await store().update({ ...updateOf(b!, 'skipped'), reason: 'only_if' });

      expect(await store().findDelivery(a!.delivery.id)).toMatchObject({ attemptCount: 1, chargedCount: 0 });
      expect(await store().findDelivery(b!.delivery.id)).toMatchObject({
        state: 'skipped',
        reason: 'only_if',
        attemptCount: 0,
        lastOutcome: null,
      });
      expect(await store().listAttempts(b!.delivery.id)).toEqual([]);
    });

    it('keeps the progress of an earlier attempt when a later one says nothing', async () => {
      await store().accept(newEvent());
      const [first] = await claimAll(store());
      const partly = { outcome: 'retry', reason: 'refused', progress: { left: 1 } } as const;
      await store().update({ ...updateOf(first!, 'pending', partly), dueAt: RECEIVED_AT });
      const [second] = await claimAll(store());
      await store().update(updateOf(second!, 'pending', { outcome: 'retry', reason: 'connection' }));
      expect((await store().findDelivery(first!.delivery.id))?.progress).toBe('{"left":1}');
    });

    it('refuses a fence that is no longer the latest, and a delivery that is not being sent', async () => {
      await store().accept(newEvent());
      const [stale] = await claimAll(store());
      await store().recover(RECEIVED_AT);
      const late = updateOf(stale!, 'delivered', { outcome: 'delivered' });
      expect((await store().update(late)).kept).toBe(false);
      expect(await store().saveInput(stale!.delivery.id, 1, '{}')).toBe(false);

      const [fresh] = await claimAll(store());
      expect(fresh?.delivery.fence).toBe(2);
      expect((await store().update(late)).kept).toBe(false);
      expect(await store().saveInput(stale!.delivery.id, 1, '{}')).toBe(false);
      expect(await store().saveInput(fresh!.delivery.id, 2, '{"text":"hi"}')).toBe(true);
      expect((await store().update(updateOf(fresh!, 'delivered', { outcome: 'delivered' }))).kept).toBe(true);
      expect((await store().update(updateOf(fresh!, 'dead'))).kept).toBe(false);
      expect(await store().findDelivery(fresh!.delivery.id)).toMatchObject({
        state: 'delivered',
        input: '{"text":"hi"}',
        attemptCount: 1,
      });
    });
  });

  describe('recover', () => {
    it('makes due again what was left in sending, without charging it: what was not rendered at its own time', async () => {
      await store().accept(newEvent({ deliveries: [planned(), planned({ action: 'b' })] }));
      const [begun, untouched] = await claimAll(store());
      await store().saveInput(begun!.delivery.id, begun!.delivery.fence, '{}');

      const now = RECEIVED_AT + 90_000;
      expect(await store().recover(now)).toEqual({ count: 2, destinations: ['sales-slack'] });
      expect(await store().recover(now)).toEqual({ count: 0, destinations: [] });
      const pending = { state: 'pending', attemptCount: 0, chargedCount: 0 };
      // Once its input is rendered, a delivery may have left before the crash.
      expect(await store().findDelivery(begun!.delivery.id)).toMatchObject({
        ...pending,
        dueAt: now,
        lastOutcome: 'unknown',
        reason: 'unknown',
      });
      expect(await store().findDelivery(untouched!.delivery.id)).toMatchObject({
        ...pending,
        dueAt: RECEIVED_AT,
        lastOutcome: null,
        reason: null,
      });
    });
  });
}
