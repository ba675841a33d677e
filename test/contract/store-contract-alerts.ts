import { describe, expect, it } from '@jest/globals';
import { type NewAlert, type Store } from '../../src/store/store.js';
import { claimAll, freshId, newEvent, planned, RECEIVED_AT, updateOf } from './store-fixtures.js';

const HOUR_MS = 3_600_000;
const NOW = RECEIVED_AT;

/** What went wrong, and what is told about it. */
export function alertContract(store: () => Store): void {
  const alert = (over: Partial<NewAlert> = {}): NewAlert => ({
    ...{ id: freshId('alert'), entry: 0, destination: 'ops-slack', cause: 'dead crm server_error' },
    ...{ reason: 'dead', line: '1 delivery died at crm', count: 1 },
    ...over,
  });
  const raise = (alerts: NewAlert[], now = NOW) => store().raiseAlerts({ alerts, now, everyMs: HOUR_MS });

  describe('findTrouble', () => {
    const all = { since: 0, until: RECEIVED_AT * 2 };

    it('counts what died, is held or was quarantined by cause, with an example', async () => {
      const deliveries = [
        ...[planned({ action: 'a' }), planned({ action: 'b' }), planned({ action: 'c', rule: 'other' })],
        planned({ action: 'd', state: 'held', reason: 'missing: lead.email', destination: 'crm' }),
        planned({ action: 'e', state: 'held', reason: null, destination: '' }),
        planned({ action: 'f', state: 'skipped' }),
      ];
      await store().accept(newEvent({ deliveries }));
      for (const one of await claimAll(store()))
        await store().update({ ...updateOf(one, 'dead'), reason: 'server_error' });
      const quarantined = newEvent({ intent: 'quarantined', callId: null, decisions: [], deliveries: [] });
      await store().accept(quarantined);

      const dead = { reason: 'dead', name: 'sales-slack', why: 'server_error' };
      const [a, , c, d, e] = deliveries.map(({ id }) => id);
      expect(await store().findTrouble(all)).toEqual([
        { ...dead, rule: 'hot-lead', count: 2, exampleId: a },
        { ...dead, rule: 'other', count: 1, exampleId: c },
        { reason: 'held', name: 'crm', rule: 'hot-lead', why: 'missing: lead.email', count: 1, exampleId: d },
        { reason: 'held', name: '', rule: 'hot-lead', why: '', count: 1, exampleId: e },
        { reason: 'quarantined', name: 'autocalls', rule: '', why: '', count: 1, exampleId: quarantined.id },
      ]);
    });

    it('looks only at what changed in the time asked for, its end exclusive', async () => {
      await store().accept(newEvent({ deliveries: [planned({ state: 'held' })] }));
      const found = async (since: number, until: number) =>
        (await store().findTrouble({ since, until })).length;
      expect(await found(RECEIVED_AT, RECEIVED_AT + 1)).toBe(1);
      expect(await found(RECEIVED_AT + 1, RECEIVED_AT + 9)).toBe(0);
      expect(await found(RECEIVED_AT - 9, RECEIVED_AT)).toBe(0);
    });

    it('says nothing of what a replay holds for a person', async () => {
      const reasons = ['replayed', 'replayed: again', 'replay'];
      const deliveries = reasons.map((reason) => planned({ action: reason, state: 'held', reason }));
      await store().accept(newEvent({ deliveries }));
      expect(await store().findTrouble(all)).toMatchObject([{ why: 'replay', count: 1 }]);
    });
  });

  describe('raiseAlerts', () => {
    it('tells each cause once an hour, and then how many were passed over', async () => {
      const first = alert({ count: 2 });
      expect(await raise([first, alert({ count: 3 })])).toBe(1);
      expect(await raise([alert({ count: 4 })], NOW + HOUR_MS - 1)).toBe(0);
      const next = alert();
      expect(await raise([next], NOW + HOUR_MS)).toBe(1);
      const pending = { attemptCount: 0 };
      expect(await store().dueAlerts(NOW + HOUR_MS)).toEqual([
        { ...first, ...pending, createdAt: NOW, dueAt: NOW, passedOver: 0 },
        { ...next, ...pending, createdAt: NOW + HOUR_MS, dueAt: NOW + HOUR_MS, passedOver: 7 },
      ]);
      const last = alert();
      await raise([last], NOW + 2 * HOUR_MS);
      expect((await store().dueAlerts(NOW + 2 * HOUR_MS)).at(-1)).toMatchObject({
        id: last.id,
        passedOver: 0,
      });
    });

    it('keeps causes and entries apart', async () => {
      expect(await raise([alert(), alert({ entry: 1 }), alert({ cause: 'held crm missing' })])).toBe(3);
    });

    it('tells one of many that are raised together', async () => {
      const raised = await Promise.all(Array.from({ length: 10 }, () => raise([alert()])));
      expect(raised.reduce((sum, count) => sum + count, 0)).toBe(1);
      const later = alert();
      await raise([later], NOW + HOUR_MS);
      expect((await store().dueAlerts(NOW + HOUR_MS)).at(-1)).toMatchObject({ id: later.id, passedOver: 9 });
    });

    it('is not kept silent by an alert of a time that the clock was set back from', async () => {
      await raise([alert()], NOW + 24 * HOUR_MS);
      expect(await raise([alert()], NOW)).toBe(1);
    });
  });

  describe('settleAlerts', () => {
    const settle = (ids: string[], outcome: 'sent' | 'again' | 'gave_up', dueAt = NOW) =>
      store().settleAlerts({ ids, now: NOW + 5, outcome, dueAt });
    const due = async (now = NOW) => (await store().dueAlerts(now)).map(({ id }) => id);

    it('tells again when it is due again, until it is sent or given up', async () => {
      const [a, b, c] = [alert(), alert({ entry: 1 }), alert({ entry: 2 })];
      await raise([a, b, c]);
      expect(await due(NOW - 1)).toEqual([]);
      expect(await due()).toEqual([a.id, b.id, c.id]);
      await settle([a.id, b.id], 'again', NOW + 100);
      expect(await due()).toEqual([c.id]);
      await settle([c.id], 'sent');
      await settle([a.id], 'gave_up');
      expect(await store().dueAlerts(NOW + 100)).toMatchObject([{ id: b.id, attemptCount: 1 }]);
      // Settled is final.
      await settle([a.id, c.id], 'again');
      expect(await due(NOW + 100)).toEqual([b.id]);
    });
  });

  describe('lastEventAt', () => {
    it('knows when a source was last heard of', async () => {
      await store().accept(newEvent({ receivedAt: NOW + 10 }));
      await store().accept(
        newEvent({ receivedAt: NOW + 20, intent: 'quarantined', callId: null, deliveries: [] }),
      );
      await store().accept(newEvent({ receivedAt: NOW + 30, source: 'other' }));
      expect(await store().lastEventAt('autocalls', NOW)).toBe(NOW + 20);
      expect(await store().lastEventAt('autocalls', NOW + 20)).toBe(NOW + 20);
      expect(await store().lastEventAt('autocalls', NOW + 21)).toBeNull();
      expect(await store().lastEventAt('nobody', 0)).toBeNull();
    });
  });
}
