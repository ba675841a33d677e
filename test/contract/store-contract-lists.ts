import { describe, expect, it } from '@jest/globals';
import { type EventFilter, type NewEvent, type Page, type Store } from '../../src/store/store.js';
import { newEvent, planned, RECEIVED_AT } from './store-fixtures.js';

/** Lists of events and deliveries, their pages and counts. */
export function listContract(store: () => Store): void {
  const accept = async (over: Partial<NewEvent> = {}, after = 0): Promise<NewEvent> => {
    const event = newEvent({ receivedAt: RECEIVED_AT + after, ...over });
    await store().accept(event);
    return event;
  };
  const idsOf = async (filter: EventFilter & Partial<Page>): Promise<string[]> =>
    (await store().listEvents({ limit: 100, ...filter })).map(({ id }) => id);

  describe('listEvents', () => {
    it('lists the newest first, as they are found one by one, and pages through them', async () => {
      const ids: string[] = [];
      for (const after of [0, 5, 5, 9]) ids.unshift((await accept({}, after)).id);
      expect(await idsOf({})).toEqual(ids);
      const [newest] = await store().listEvents({ limit: 1 });
      expect(newest).toEqual((await store().findEvent(ids[0]!))?.event);
      expect(await idsOf({ limit: 2 })).toEqual(ids.slice(0, 2));
      expect(await idsOf({ limit: 2, after: ids[1] })).toEqual(ids.slice(2));
      expect(await idsOf({ after: 'nowhere' })).toEqual([]);
    });

    it('takes every filter alone and together', async () => {
      const plain = await accept();
      const other = await accept({ source: 'other', contact: '+15550199', callId: 'lone \ud800' }, 10);
      const fired = (rule: string, verdict: 'fired' | 'undecided' | 'error' | 'not_evaluated') =>
        [{ rule, verdict, shadow: false, because: [] }] as NewEvent['decisions'];
      const undecided = await accept({ decisions: fired('odd', 'undecided'), deliveries: [] }, 20);
      await accept({ decisions: fired('odd', 'not_evaluated'), deliveries: [] }, 30);
      const held = planned({ state: 'held', destination: 'crm' });
      const waiting = await accept({ deliveries: [held, planned({ action: 'b' })] }, 40);
      const bad = await accept(
        { intent: 'quarantined', callId: null, contact: null, decisions: [], deliveries: [] },
        50,
      );

      expect(await idsOf({ source: 'other' })).toEqual([other.id]);
      expect(await idsOf({ contact: '+15550199' })).toEqual([other.id]);
      expect(await idsOf({ callId: 'lone \ud800' })).toEqual([other.id]);
      expect(await idsOf({ status: 'quarantined' })).toEqual([bad.id]);
      expect(await idsOf({ rule: 'odd' })).toEqual([undecided.id]);
      expect(await idsOf({ destination: 'crm' })).toEqual([waiting.id]);
      expect(await idsOf({ state: 'pending' })).toEqual([waiting.id, other.id, plain.id]);
      expect(await idsOf({ state: 'held', destination: 'crm' })).toEqual([waiting.id]);
      // One delivery must have both.
      expect(await idsOf({ state: 'pending', destination: 'crm' })).toEqual([]);
      expect(await idsOf({ since: RECEIVED_AT + 10, until: RECEIVED_AT + 40, rule: 'odd' })).toEqual([
        undecided.id,
      ]);
      expect(await idsOf({ state: 'pending', source: 'autocalls', after: waiting.id })).toEqual([plain.id]);
    });

    it('finds the page also where many events have such a delivery', async () => {
      const deliveries = () =>
        Array.from({ length: 500 }, (_, i) => planned({ action: `a${i}`, state: 'held' }));
      const events: NewEvent[] = [];
      for (const after of [0, 1, 2]) events.unshift(await accept({ deliveries: deliveries() }, after));
      await accept({}, 3);
      const ids = events.map(({ id }) => id);
      expect(await idsOf({ state: 'held' })).toEqual(ids);
      expect(await idsOf({ state: 'held', limit: 1, after: ids[0] })).toEqual([ids[1]]);
    });
  });

  describe('listDeliveries and countMatching', () => {
    it('takes several states, in the order of time', async () => {
      const states = ['pending', 'held', 'skipped', 'held', 'pending', 'shadow'] as const;
      for (const [index, state] of states.entries())
        await accept({ deliveries: [planned({ state, action: `a${index}` })] }, index);
      const list = (filter: { limit: number; after?: string }) =>
        store().listDeliveries({ state: ['pending', 'held', 'dead'], ...filter });
      const first = await list({ limit: 3 });
      expect(first.map(({ action }) => action)).toEqual(['a4', 'a3', 'a1']);
      expect(await list({ limit: 3, after: first.at(-1)!.id })).toMatchObject([{ action: 'a0' }]);
      expect(await store().listDeliveries({ state: [], limit: 3 })).toEqual([]);
    });

    it('counts what a filter matches', async () => {
      await accept({ deliveries: [planned(), planned({ action: 'b', state: 'held', rule: 'other' })] });
      const last = await accept({ contact: '+15550199', deliveries: [planned({ destination: 'crm' })] }, 10);
      expect(await store().countMatching({})).toBe(3);
      expect(await store().countMatching({ state: 'pending' })).toBe(2);
      expect(await store().countMatching({ state: ['pending', 'held'], rule: 'other' })).toBe(1);
      expect(await store().countMatching({ contact: '+15550199', destination: 'crm' })).toBe(1);
      expect(await store().countMatching({ eventId: last.id, state: 'pending' })).toBe(1);
      expect(await store().countMatching({ since: RECEIVED_AT + 10 })).toBe(1);
      expect(await store().countMatching({ until: RECEIVED_AT + 10 })).toBe(2);
      expect(await store().countMatching({ state: [] })).toBe(0);
    });

    it('shows each row once to a person who pages while new ones come', async () => {
      const known: string[] = [];
      for (let i = 0; i < 20; i += 1) known.push((await accept({}, i)).deliveries[0]!.id);
      const seen: string[] = [];
      for (let after: string | undefined; ;) {
        const page = await store().listDeliveries({ limit: 3, after });
        if (page.length === 0) break;
        seen.push(...page.map(({ id }) => id));
        after = page.at(-1)!.id;
        await Promise.all([accept({}, 100), accept({}, 0)]);
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((id) => known.includes(id))).toEqual(known.reverse());
    });
  });

  describe('settings by name', () => {
    it('finds, replaces and removes them', async () => {
      await store().putSetting('destination.crm.paused', 'yes');
      await store().putSetting('destination.mail.paused', 'yes');
      await store().putSetting('destination.mail.paused', 'no');
      await store().putSetting('Destination.other', 'x');
      await store().putSetting('alerts.cursor', '17');
      expect(await store().findSettings('destination.')).toEqual({
        'destination.crm.paused': 'yes',
        'destination.mail.paused': 'no',
      });
      await store().putSetting('destination.crm.paused', null);
      await store().putSetting('destination.crm.paused', null);
      expect(Object.keys(await store().findSettings('destination.'))).toEqual(['destination.mail.paused']);
      expect(await store().findSettings('d%')).toEqual({});
      expect(await store().settle('alerts.cursor', '0')).toBe('17');
    });
  });
}
