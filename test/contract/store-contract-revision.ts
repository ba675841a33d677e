import { describe, expect, it } from '@jest/globals';
import { type Store } from '../../src/store/store.js';
import { acceptAndSend, claimAll, newEvent, planned, revisionOf, updateOf } from './store-fixtures.js';

/** What a revision does to the deliveries of its call; the rules themselves are in `settleRevision`. */
export function revisionContract(store: () => Store): void {
  const statesOf = async (...ids: string[]) => {
    const found = await Promise.all(ids.map((id) => store().findDelivery(id)));
    return found.map((delivery) => delivery && `${delivery.state}:${delivery.reason ?? ''}`);
  };

  describe('revision', () => {
    it('takes back what is not sent yet and plans it anew', async () => {
      const [old, fresh] = [planned(), planned()];
      const first = newEvent({ deliveries: [old] });
      const second = revisionOf(first, [fresh]);
      await store().accept(first);
      await store().accept(second);

      expect(await statesOf(old.id, fresh.id)).toEqual(['canceled:revised', 'pending:']);
      expect((await store().findDelivery(old.id))?.updatedAt).toBe(second.receivedAt);
      expect((await store().findDelivery(fresh.id))?.eventId).toBe(second.id);
    });

    it('takes back what the revision no longer asks for', async () => {
      const old = planned();
      const first = newEvent({ deliveries: [old] });
      await store().accept(first);
      await store().accept(revisionOf(first, []));
      expect(await statesOf(old.id)).toEqual(['canceled:revised']);
      expect(await claimAll(store())).toEqual([]);
    });

    it('leaves what is sent and plans only what is new', async () => {
      const [old, again, other] = [planned(), planned(), planned({ action: 'crm' })];
      const first = newEvent({ deliveries: [old] });
      await acceptAndSend(store(), first, 'delivered', { outcome: 'delivered' });
      await store().accept(revisionOf(first, [again, other]));
      expect(await statesOf(old.id, again.id, other.id)).toEqual(['delivered:', null, 'pending:']);
    });

    it('leaves what is being sent, and what was sent without an answer', async () => {
      const [sending, unknown] = [planned(), planned({ destination: 'crm', action: 'crm' })];
      const first = newEvent({ deliveries: [sending, unknown] });
      await store().accept(first);
      const [claimed] = await claimAll(store(), 'crm');
      await store().update(updateOf(claimed!, 'pending', { outcome: 'unknown', reason: 'timeout' }));
      await claimAll(store());

      const [a, b] = [planned(), planned({ destination: 'crm', action: 'crm' })];
      await store().accept(revisionOf(first, [a, b]));
      expect(await statesOf(sending.id, unknown.id, a.id, b.id)).toEqual([
        'sending:',
        'pending:',
        null,
        null,
      ]);
    });

    it('with `send` plans again what is delivered and names it', async () => {
      const old = planned({ onRevision: 'send' });
      const fresh = planned({ onRevision: 'send' });
      const first = newEvent({ deliveries: [old] });
      await acceptAndSend(store(), first, 'delivered', { outcome: 'delivered' });
      await store().accept(revisionOf(first, [fresh]));
      expect(await store().findDelivery(fresh.id)).toMatchObject({ state: 'pending', supersedes: old.id });
    });

    it('with `ignore` leaves everything as it was', async () => {
      const old = planned({ onRevision: 'ignore' });
      const fresh = planned({ onRevision: 'ignore' });
      const first = newEvent({ deliveries: [old] });
      await store().accept(first);
      await store().accept(revisionOf(first, [fresh]));
      await store().accept(revisionOf(first, []));
      expect(await statesOf(old.id, fresh.id)).toEqual(['pending:', null]);
    });

    it('plans nothing for what a person canceled', async () => {
      const [old, fresh] = [planned(), planned()];
      const first = newEvent({ deliveries: [old] });
      await store().accept(first);
      const [claimed] = await claimAll(store());
      await store().update({ ...updateOf(claimed!, 'canceled'), reason: 'canceled by a person' });
      await store().accept(revisionOf(first, [fresh]));
      expect(await statesOf(old.id, fresh.id)).toEqual(['canceled:canceled by a person', null]);
    });

    it('touches neither shadow deliveries nor those of other calls', async () => {
      const shadow = planned({ state: 'shadow', input: '{}' });
      const [elsewhere, fresh] = [planned(), planned({ state: 'shadow', input: '{}' })];
      const first = newEvent({ deliveries: [shadow] });
      await store().accept(first);
      await store().accept(newEvent({ deliveries: [elsewhere] }));
      await store().accept(newEvent({ callId: first.callId, source: 'other', deliveries: [] }));
      await store().accept(revisionOf(first, [fresh]));
      expect(await statesOf(shadow.id, elsewhere.id, fresh.id)).toEqual(['shadow:', 'pending:', 'shadow:']);
    });
  });
}
