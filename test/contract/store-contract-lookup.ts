import { describe, expect, it } from '@jest/globals';
import { type DeliveryFilter, type Page, type Store } from '../../src/store/store.js';
import { claimAll, newEvent, planned, RECEIVED_AT, updateOf } from './store-fixtures.js';

/** Lists, counts, rule sets and settings. */
export function lookupContract(store: () => Store): void {
  const actionsOf = async (filter: DeliveryFilter & Partial<Page>) =>
    (await store().listDeliveries({ limit: 100, ...filter })).map(({ action }) => action);

  const acceptOne = (action: string, after: number, over: object = {}, contact = '+15550100') =>
    store().accept(
      newEvent({ contact, receivedAt: RECEIVED_AT + after, deliveries: [planned({ action, ...over })] }),
    );

  describe('listDeliveries', () => {
    it('lists the newest first and pages through them', async () => {
      for (const [index, after] of [0, 5, 5, 9].entries()) await acceptOne(`a${index}`, after);
      expect(await actionsOf({})).toEqual(['a3', 'a2', 'a1', 'a0']);

      const page = await store().listDeliveries({ limit: 2 });
      expect(page.map(({ action }) => action)).toEqual(['a3', 'a2']);
      expect(await actionsOf({ after: page.at(-1)!.id })).toEqual(['a1', 'a0']);
      expect(await actionsOf({ after: 'nowhere' })).toEqual([]);
    });

    it('takes every filter alone and together', async () => {
      await acceptOne('a', 0);
      await acceptOne('b', 10, { rule: 'other' });
      await acceptOne('c', 20, { destination: 'crm' });
      await acceptOne('d', 30, { state: 'held', reason: 'missing' }, '+15550199');

      expect(await actionsOf({ rule: 'other' })).toEqual(['b']);
      expect(await actionsOf({ destination: 'crm' })).toEqual(['c']);
      expect(await actionsOf({ state: 'held' })).toEqual(['d']);
      expect(await actionsOf({ contact: '+15550199' })).toEqual(['d']);
      expect(await actionsOf({ since: RECEIVED_AT + 10, until: RECEIVED_AT + 30 })).toEqual(['c', 'b']);
      expect(await actionsOf({ state: 'pending', rule: 'hot-lead', contact: '+15550100' })).toEqual([
        'c',
        'a',
      ]);
      expect(await actionsOf({ state: 'pending', limit: 1 })).toEqual(['c']);
    });
  });

  describe('what is due', () => {
    it('knows nothing in an empty store', async () => {
      expect(await store().nextDueAt()).toBeNull();
      expect(await store().pendingDestinations()).toEqual([]);
      expect(await store().countDeliveries()).toEqual({});
      expect(await store().findEvent('nowhere')).toBeNull();
      expect(await store().findDelivery('nowhere')).toBeNull();
      expect(await store().listAttempts('nowhere')).toEqual([]);
    });

    it('tells the next time, the destinations and the number in each state', async () => {
      await acceptOne('a', 0, { dueAt: RECEIVED_AT + 500 });
      await acceptOne('b', 0, { dueAt: RECEIVED_AT + 300, destination: 'crm' });
      await acceptOne('c', 0, { dueAt: RECEIVED_AT + 400, destination: '' });
      await acceptOne('d', 0, { dueAt: RECEIVED_AT, destination: 'mail', state: 'held' });
      expect(await store().nextDueAt()).toBe(RECEIVED_AT + 300);
      expect((await store().pendingDestinations()).sort()).toEqual(['', 'crm', 'sales-slack']);

      const [claimed] = await claimAll(store(), 'crm');
      expect(await store().nextDueAt()).toBe(RECEIVED_AT + 400);
      expect(await store().countDeliveries()).toEqual({ pending: 2, held: 1, sending: 1 });
      await store().update(updateOf(claimed!, 'dead'));
      expect(await store().countDeliveries()).toEqual({ pending: 2, held: 1, dead: 1 });
    });
  });

  describe('rule sets and settings', () => {
    it('keeps the first content under a fingerprint', async () => {
      await store().saveRuleSet('f1', '{"rules":["\\u0000"]}');
      await store().saveRuleSet('f1', '{"rules":[]}');
      expect(await store().loadRuleSet('f1')).toBe('{"rules":["\\u0000"]}');
      expect(await store().loadRuleSet('f2')).toBeNull();
    });

    it('settles on one value, whoever comes first', async () => {
      const values = Array.from({ length: 20 }, (_, index) => `token-${index}`);
      const kept = await Promise.all(values.map((value) => store().settle('admin.token', value)));
      expect(new Set(kept).size).toBe(1);
      expect(values).toContain(kept[0]);
      expect(await store().settle('admin.token', 'later')).toBe(kept[0]);
      expect(await store().settle('another', 'later')).toBe('later');
    });

    it('probes', async () => {
      await expect(store().probe()).resolves.toBeUndefined();
      await expect(store().probe()).resolves.toBeUndefined();
    });
  });
}
