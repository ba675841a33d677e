import { describe, expect, it } from '@jest/globals';
import { type PlannedDelivery } from '../../src/domain/delivery.js';
import {
  type EventIdentity,
  type NewEvent,
  type ReplayRequest,
  type ReplayResult,
  type Store,
} from '../../src/store/store.js';
import { claimAll, freshId, newEvent, planned, RECEIVED_AT, revisionOf, updateOf } from './store-fixtures.js';

const NOW = RECEIVED_AT + 3_600_000;
const NOTHING: ReplayResult = { planned: [], retried: [], canceled: [], left: [], duplicateOf: null };

/** An old event decided anew; what becomes of each delivery is in `settleReplay`. */
export function replayContract(store: () => Store): void {
  const decisions: ReplayRequest['decisions'] = [
    { rule: 'new-rule', verdict: 'undecided', shadow: false, because: [{ path: 'x', problem: 'missing' }] },
    { rule: 'hot-lead', verdict: 'fired', shadow: false, because: [] },
  ];
  const replay = (event: NewEvent, over: Partial<ReplayRequest> = {}) =>
    store().replay({
      ...{ eventId: event.id, now: NOW, ruleSet: 'rules-2', send: 'undelivered', decisions },
      ...{ deliveries: [], unchanged: [], identity: null },
      ...over,
    });
  type Reached = 'pending' | 'sending' | 'delivered' | 'dead';
  const acceptWith = async (state: Reached, over: Partial<PlannedDelivery> = {}): Promise<NewEvent> => {
    const event = newEvent({ deliveries: [planned(over)] });
    await store().accept(event);
    await finish(state, over.destination);
    return event;
  };
  const finish = async (state: Reached, destination?: string): Promise<void> => {
    if (state === 'pending') return;
    for (const one of await claimAll(store(), destination))
      if (state !== 'sending')
        await store().update({
          ...updateOf(one, state, { outcome: 'retry', reason: 'timeout' }),
          reason: 'timeout',
        });
  };
  const stateOf = async (id: string): Promise<string> => {
    const found = await store().findDelivery(id);
    return found === null ? 'none' : `${found.state}:${found.reason ?? ''}`;
  };

  describe('replay', () => {
    it('knows nothing of an event that is not there', async () => {
      expect(await replay(newEvent())).toBeNull();
    });

    it('plans what is new, and replaces what was decided', async () => {
      const event = await acceptWith('delivered');
      const fresh = planned({ action: 'new', ordered: true });
      expect(await replay(event, { deliveries: [planned(), fresh] })).toEqual({
        ...NOTHING,
        planned: [fresh.id],
      });
      expect(await store().findDelivery(fresh.id)).toMatchObject({
        ...{ state: 'pending', eventId: event.id, ruleSet: 'rules-2', scope: 'acme', contact: '+15550100' },
        ...{ createdAt: NOW, ordered: true },
      });
      expect(await store().findDecisions(event.id)).toEqual(decisions);
      expect((await store().findEvent(event.id))?.ruleSet).toBe('rules-2');
    });

    it('retries what died and has not changed, under its own key', async () => {
      const event = await acceptWith('dead');
      const { id } = event.deliveries[0]!;
      const result = await replay(event, { deliveries: [planned()], unchanged: [id] });
      expect(result).toEqual({ ...NOTHING, retried: [id] });
      expect(await store().findDelivery(id)).toMatchObject({ state: 'pending', dueAt: NOW, chargedCount: 0 });
    });

    it('takes back and plans anew what died and has changed', async () => {
      const event = await acceptWith('dead');
      const fresh = planned();
      const [{ id } = { id: '' }] = event.deliveries;
      expect(await replay(event, { deliveries: [fresh] })).toEqual({
        ...{ ...NOTHING, canceled: [id] },
        planned: [fresh.id],
      });
      expect(await stateOf(id)).toBe('canceled:replayed');
    });

    it.each(['pending', 'sending'] as const)('leaves what is %s', async (state) => {
      const event = await acceptWith(state);
      const [{ id } = { id: '' }] = event.deliveries;
      expect(await replay(event, { deliveries: [planned()], send: 'all' })).toEqual({
        ...NOTHING,
        left: [id],
      });
      expect(await store().countDeliveries()).toEqual({ [state]: 1 });
    });

    it('sends all once more when all is asked for, and changes nothing when nothing is', async () => {
      const event = await acceptWith('delivered');
      const fresh = planned();
      expect(await replay(event, { deliveries: [fresh], send: 'none' })).toEqual(NOTHING);
      expect(await store().findDecisions(event.id)).toEqual(event.decisions);
      expect((await store().findEvent(event.id))?.ruleSet).toBe('rules-1');
      expect(await replay(event, { deliveries: [fresh], send: 'all' })).toMatchObject({
        planned: [fresh.id],
      });
    });

    it('plans each action once when it is asked for twice at a time', async () => {
      const event = await acceptWith('delivered');
      const results = await Promise.all(
        Array.from({ length: 6 }, () => replay(event, { deliveries: [planned()], send: 'all' })),
      );
      expect(results.flatMap((result) => result?.planned ?? [])).toHaveLength(1);
      expect(await store().countDeliveries()).toEqual({ delivered: 1, pending: 1 });
    });

    it('leaves one held delivery of an action, however often it is replayed', async () => {
      const event = await acceptWith('dead');
      const held = () => replay(event, { deliveries: [planned({ state: 'held', reason: 'replayed' })] });
      await Promise.all([held(), held(), held()]);
      expect(await store().countDeliveries()).toEqual({ canceled: 3, held: 1 });
    });

    it('stores nothing of a replay that cannot be stored whole', async () => {
      const event = await acceptWith('dead');
      const [{ id } = { id: '' }] = event.deliveries;
      const taken = planned({ action: 'b', id });
      await expect(replay(event, { deliveries: [planned(), taken] })).rejects.toThrow(/UNIQUE|unique/);
      expect(await stateOf(id)).toBe('dead:timeout');
      expect(await store().findDecisions(event.id)).toEqual(event.decisions);
    });

    it('lets a revision take over what it planned', async () => {
      const event = await acceptWith('dead');
      const [fresh, revised] = [planned(), planned()];
      await replay(event, { deliveries: [fresh] });
      await store().accept(revisionOf(event, [revised]));
      expect(await stateOf(fresh.id)).toBe('canceled:revised');
      expect(await stateOf(revised.id)).toBe('pending:');
    });
  });

  describe('replay of one revision among several', () => {
    it('does not send beside another revision what that one delivered', async () => {
      const first = newEvent({ deliveries: [planned()] });
      await store().accept(first);
      const second = revisionOf(first, [planned()]);
      await store().accept(second);
      await finish('delivered');
      expect(await replay(first, { deliveries: [planned()] })).toEqual(NOTHING);
      expect(await replay(second, { deliveries: [planned()] })).toEqual(NOTHING);
    });

    it('leaves to a later revision what that one has dead, and takes over what an earlier one has', async () => {
      const first = newEvent({ deliveries: [planned()] });
      await store().accept(first);
      const late = planned();
      const second = revisionOf(first, [late]);
      await store().accept(second);
      await finish('dead');
      expect(await replay(first, { deliveries: [planned()] })).toEqual({ ...NOTHING, left: [late.id] });

      const third = revisionOf(second, []);
      await store().accept(newEvent({ ...third, deliveries: [planned({ onRevision: 'ignore' })] }));
      const fresh = planned();
      expect(await replay(third, { deliveries: [fresh] })).toMatchObject({
        planned: [fresh.id],
        canceled: [late.id],
      });
    });

    it('does not bring back what a revision took back', async () => {
      const first = newEvent({ deliveries: [planned()] });
      await store().accept(first);
      await store().accept(revisionOf(first, []));
      expect(await replay(first, { deliveries: [planned()] })).toEqual(NOTHING);
    });
  });

  describe('replay of a quarantined event', () => {
    const quarantine = async (): Promise<NewEvent> => {
      const unread = { eventKind: 'unreadable', callId: null, scope: '', contact: null, decisions: [] };
      const event = newEvent({
        ...unread,
        intent: 'quarantined',
        deliveries: [],
        problems: [{ path: '', problem: '?' }],
      });
      await store().accept(event);
      return event;
    };
    const identity = (over: Partial<EventIdentity> = {}): EventIdentity => ({
      ...{ eventKind: 'call', callId: freshId('call'), contentHash: freshId('hash') },
      ...{ scope: 'acme', contact: '+15550142', problems: [] },
      ...{ cause: null, root: null, result: { status: null, isMissed: false } },
      ...over,
    });

    it('accepts it as the call it is', async () => {
      const event = await quarantine();
      const fresh = planned();
      const known = identity();
      expect(await replay(event, { identity: known, deliveries: [fresh] })).toMatchObject({
        planned: [fresh.id],
      });
      const { eventKind, callId, scope, contact } = known;
      expect((await store().findEvent(event.id))?.event).toMatchObject({
        ...{ status: 'accepted', revision: 1, eventKind, callId, scope, contact, problems: [] },
      });
      expect(await store().findDelivery(fresh.id)).toMatchObject({ scope, contact });
      const copy = newEvent({ callId, contentHash: known.contentHash });
      expect(await store().accept(copy)).toMatchObject({ status: 'duplicate', eventId: event.id });
      expect(await store().accept(newEvent({ callId }))).toMatchObject({ status: 'revision', revision: 2 });
    });

    it('keeps what became of the call, and where it comes from', async () => {
      const event = await quarantine();
      const result = { status: 'no-answer', isMissed: true };
      const known = identity({ cause: 'delivery-1', root: 'event-1', result });
      await replay(event, { identity: known });
      expect((await store().findEvent(event.id))?.event).toMatchObject({
        cause: 'delivery-1',
        root: 'event-1',
      });
      const facts = await store().contactFacts({
        ...{ scope: 'acme', contact: '+15550142', now: event.receivedAt, windowsMs: [], except: null },
      });
      expect(facts).toMatchObject({ calls: 1, missed: 1, lastStatus: 'no-answer' });
    });

    it('changes nothing when it is a copy of a stored one', async () => {
      const stored = newEvent();
      await store().accept(stored);
      const event = await quarantine();
      const { callId, contentHash } = stored;
      const result = await replay(event, {
        identity: identity({ callId, contentHash }),
        deliveries: [planned()],
      });
      expect(result).toEqual({ ...NOTHING, duplicateOf: stored.id });
      expect((await store().findEvent(event.id))?.event).toMatchObject({
        status: 'quarantined',
        callId: null,
      });
    });

    it('makes it a revision of a known call, and sends nothing that was sent', async () => {
      const stored = newEvent();
      await store().accept(stored);
      await finish('delivered');
      const event = await quarantine();
      const fresh = planned({ action: 'new' });
      const { callId } = stored;
      expect(
        await replay(event, { identity: identity({ callId }), deliveries: [planned(), fresh] }),
      ).toMatchObject({
        planned: [fresh.id],
      });
      expect((await store().findEvent(event.id))?.event).toMatchObject({ status: 'revision', revision: 2 });
    });

    it('becomes the same call once when it is replayed twice at a time', async () => {
      const event = await quarantine();
      const known = identity();
      const results = await Promise.all(
        [1, 2, 3].map(() => replay(event, { identity: known, deliveries: [planned()] })),
      );
      expect(results.flatMap((result) => result?.planned ?? [])).toHaveLength(1);
      expect((await store().findEvent(event.id))?.event).toMatchObject({ status: 'accepted', revision: 1 });
    });

    it('is the sample of the vendor where it has no call id', async () => {
      const event = await quarantine();
      await replay(event, { identity: identity({ callId: null }) });
      expect((await store().findEvent(event.id))?.event).toMatchObject({ status: 'test', callId: null });
    });

    it('does nothing but look when nothing is to be sent', async () => {
      const event = await quarantine();
      expect(await replay(event, { identity: identity(), send: 'none' })).toEqual(NOTHING);
      expect((await store().findEvent(event.id))?.event.status).toBe('quarantined');
    });
  });
}
