import { describe, expect, it } from '@jest/globals';
import { type ProcessReport, type Store } from '../../src/store/store.js';
import { claimAll, newEvent, planned, RECEIVED_AT, updateOf } from './store-fixtures.js';

const HOUR_MS = 3_600_000;

/** What several processes on one store need; a store for one alone does it as well. */
export function fleetContract(store: () => Store): void {
  describe('leases', () => {
    it('are lengthened for what is still being sent, under the latest fence', async () => {
      await store().accept(newEvent({ deliveries: [planned(), planned({ action: 'b' })] }));
      const [first, second] = await claimAll(store());
      await store().update(updateOf(second!, 'delivered', { outcome: 'delivered' }));
      const held = [first!, second!].map(({ delivery: { id, fence } }) => ({ id, fence }));
      const stale = { id: first!.delivery.id, fence: first!.delivery.fence - 1 };

      expect(await store().renew(held, HOUR_MS)).toEqual([first!.delivery.id]);
      expect(await store().renew([stale, { id: 'unknown', fence: 1 }], HOUR_MS)).toEqual([]);
      expect(await store().renew([], HOUR_MS)).toEqual([]);
    });

    it('by name are held by one at a time, renewed by it, and free when they are given back or over', async () => {
      expect(await store().lead('leader', 'a', HOUR_MS)).toBe(true);
      expect(await store().lead('leader', 'b', HOUR_MS)).toBe(false);
      expect(await store().lead('leader', 'a', HOUR_MS)).toBe(true);
      expect(await store().lead('other', 'b', HOUR_MS)).toBe(true);

      await store().resign('leader', 'b');
      expect(await store().lead('leader', 'b', HOUR_MS)).toBe(false);
      await store().resign('leader', 'a');
      expect(await store().lead('leader', 'b', 0)).toBe(true);
      expect(await store().lead('leader', 'c', HOUR_MS)).toBe(true);
    });

    it('of one name go to one of many that ask together', async () => {
      const asked = Array.from({ length: 20 }, (_, index) => store().lead('leader', `p${index}`, HOUR_MS));
      const taken = await Promise.all(asked);
      expect(taken.filter(Boolean)).toHaveLength(1);
    });
  });

  describe('dueDestinations', () => {
    it('names each destination for which something is due, with its oldest', async () => {
      const deliveries = [
        planned({ id: 'late', destination: 'crm', dueAt: RECEIVED_AT + 2 }),
        planned({ id: 'early', action: 'b', destination: 'crm', dueAt: RECEIVED_AT + 1 }),
        planned({ id: 'held', action: 'c', destination: 'desk', state: 'held' }),
        planned({ id: 'later', action: 'd', destination: 'mail', dueAt: RECEIVED_AT + 10 }),
      ];
      await store().accept(newEvent({ deliveries }));
      expect(await store().dueDestinations(RECEIVED_AT)).toEqual([]);
      expect(await store().dueDestinations(RECEIVED_AT + 5)).toEqual([
        { destination: 'crm', deliveryId: 'early', attemptCount: 0, dueAt: RECEIVED_AT + 1 },
      ]);
      const due = await store().dueDestinations(RECEIVED_AT + 10);
      expect(due.map(({ deliveryId }) => deliveryId).sort()).toEqual(['early', 'later']);
    });
  });

  describe('processes', () => {
    const report: ProcessReport = {
      id: 'p1',
      role: 'worker',
      host: 'one',
      version: '1.0.0',
      ruleSet: 'r1',
      startedAt: 5,
      lanes: [{ name: 'crm', state: 'open', reason: 'timeout', since: 7, opensAt: 9, running: 1 }],
    };

    it('are listed with what they said last, until they sign off', async () => {
      await store().beat(report);
      const now = await store().beat({ ...report, ruleSet: 'r2', lanes: [] });
      await store().beat({ ...report, id: 'p2', startedAt: 6 });
      const [first, second, ...others] = await store().listProcesses(HOUR_MS);
      expect(others).toEqual([]);
      expect(first).toMatchObject({ ...report, ruleSet: 'r2', lanes: [] });
      expect(second).toMatchObject({ id: 'p2', lanes: report.lanes });
      expect(Math.abs(now - (first?.seenAt ?? 0))).toBeLessThan(HOUR_MS);

      expect([first?.leads, second?.leads]).toEqual([false, false]);
      await store().lead('leader', 'p2', HOUR_MS);
      await store().lead('other', 'p1', HOUR_MS);
      const leading = async () => (await store().listProcesses(HOUR_MS)).map(({ leads }) => leads);
      expect(await leading()).toEqual([false, true]);
      await store().lead('leader', 'p2', 0);
      expect(await leading()).toEqual([false, false]);

      await store().signOff('p1');
      expect((await store().listProcesses(HOUR_MS)).map(({ id }) => id)).toEqual(['p2']);
    });
  });
}
