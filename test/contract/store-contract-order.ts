import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Store } from '../../src/store/store.js';
import { claimAll, newEvent, planned, RECEIVED_AT, updateOf } from './store-fixtures.js';

/** Ordered deliveries of one contact go out one after the other; nobody else waits for them. */
export function orderContract(store: () => Store): void {
  const NOW = RECEIVED_AT + 60_000;
  const acceptOne = async (
    action: string,
    over: {
      contact?: string | null;
      scope?: string;
      destination?: string;
      dueAt?: number;
      ordered?: boolean;
    } = {},
  ): Promise<void> => {
    const { contact = '+15550100', scope = 'acme', ...delivery } = over;
    await store().accept(
      newEvent({ contact, scope, deliveries: [planned({ action, ordered: true, ...delivery })] }),
    );
  };
  const claimActions = async (destination?: string): Promise<string[]> =>
    (await claimAll(store(), destination)).map(({ delivery }) => delivery.action);

  describe('order', () => {
    it('hands out one at a time, the earliest first, and the next once that is delivered', async () => {
      for (const action of ['a', 'b', 'c']) await acceptOne(action);
      const [a, ...others] = await claimAll(store());
      expect([a?.delivery.action, a?.delivery.ordered, others]).toEqual(['a', true, []]);
      expect(await claimActions()).toEqual([]);

      await store().update(updateOf(a!, 'delivered', { outcome: 'delivered' }));
      expect(await claimActions()).toEqual(['b']);
    });

    it('keeps other contacts, scopes, destinations and unordered deliveries going', async () => {
      await acceptOne('a');
      await acceptOne('blocked');
      await acceptOne('other contact', { contact: '+15550199' });
      await acceptOne('other scope', { scope: 'umbrella' });
      await acceptOne('unordered', { ordered: false });
      await acceptOne('elsewhere', { destination: 'crm' });
      expect(await claimActions()).toEqual(['a', 'other contact', 'other scope', 'unordered']);
      expect(await claimActions('crm')).toEqual(['elsewhere']);
    });

    it('knows no order without a contact', async () => {
      await acceptOne('a', { contact: null });
      await acceptOne('b', { contact: null });
      expect(await claimActions()).toEqual(['a', 'b']);
    });

    it('waits for one that is tried again later, and not for one that was never due', async () => {
      await acceptOne('later', { dueAt: NOW + 1_000 });
      await acceptOne('a');
      await acceptOne('b');
      const [a] = await claimAll(store());
      expect(a?.delivery.action).toBe('a');
      const again = updateOf(a!, 'pending', { outcome: 'retry', reason: 'server_error' });
      await store().update({ ...again, dueAt: NOW + 3_600_000 });
      expect(await claimActions()).toEqual([]);

      const due = await store().claim({ now: NOW + 1_000, slots: { 'sales-slack': 9 }, leaseMs: 0 });
      expect(due.map(({ delivery }) => delivery.action)).toEqual(['later']);
    });

    it('goes on past what is dead, held or canceled', async () => {
      for (const action of ['a', 'b', 'c', 'd']) await acceptOne(action);
      for (const state of ['dead', 'held', 'canceled'] as const) {
        const [claimed] = await claimAll(store());
        await store().update(updateOf(claimed!, state));
      }
      expect(await claimActions()).toEqual(['d']);
    });

    it('puts what is retried by hand before what came later', async () => {
      await acceptOne('a');
      const [a] = await claimAll(store());
      await store().update(updateOf(a!, 'dead', { outcome: 'rejected', reason: 'client_error' }));
      await acceptOne('b');
      await store().command(a!.delivery.id, { do: 'retry' }, NOW);
      expect(await claimActions()).toEqual(['a']);
      expect(await claimActions()).toEqual([]);
    });

    it('takes up in order what a crash left in sending', async () => {
      await acceptOne('a');
      await acceptOne('b');
      await claimAll(store());
      await store().recover(NOW);
      expect(await claimActions()).toEqual(['a']);
    });

    it('never has two of a contact under way, and ends each contact in its order', async () => {
      const arrivals = fc.array(fc.constantFrom('+1', '+2', '+3'), { minLength: 1, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(arrivals, fc.infiniteStream(fc.boolean()), async (contacts, retries) => {
          const destination = `lane-${Math.random()}`;
          for (const [index, contact] of contacts.entries())
            await acceptOne(String(index), { contact, destination });
          const done: string[] = [];
          for (let claimed = await claimAll(store(), destination); claimed.length > 0;) {
            const under = claimed.map(({ event }) => event.contact);
            expect(new Set(under).size).toBe(under.length);
            for (const one of claimed) {
              const isAgain = retries.next().value === true;
              const update = updateOf(one, isAgain ? 'pending' : 'delivered', {
                ...(isAgain ? ({ outcome: 'retry', reason: 'timeout' } as const) : { outcome: 'delivered' }),
              });
              await store().update({ ...update, dueAt: RECEIVED_AT });
              if (!isAgain) done.push(one.delivery.action);
            }
            claimed = await claimAll(store(), destination);
          }
          for (const contact of new Set(contacts)) {
            const mine = done.filter((action) => contacts[Number(action)] === contact).map(Number);
            expect(mine).toEqual([...mine].sort((a, b) => a - b));
          }
          expect(done).toHaveLength(contacts.length);
        }),
        { numRuns: 20 },
      );
    });
  });
}
