import { describe, expect, it } from '@jest/globals';
import { type Store } from '../../src/store/store.js';
import { newEvent, planned, RECEIVED_AT } from './store-fixtures.js';

/** Taking events in: identity, races, and texts and bytes of every kind. */
export function acceptContract(store: () => Store): void {
  describe('accept', () => {
    it('stores an event with its decisions and deliveries', async () => {
      const event = newEvent();
      const result = await store().accept(event);

      expect(result).toEqual({ status: 'accepted', eventId: event.id, revision: 1 });
      const found = await store().findEvent(event.id);
      expect(found?.event).toEqual({
        id: event.id,
        source: 'autocalls',
        eventKind: 'call',
        callId: event.callId,
        revision: 1,
        status: 'accepted',
        receivedAt: RECEIVED_AT,
        scope: 'acme',
        contact: '+15550100',
        labels: { client: 'acme' },
        contentType: 'application/json',
        problems: [],
        cause: null,
        root: null,
      });
      expect(await store().findDecisions(event.id)).toEqual(event.decisions);
      const { needs: _needs, onRepeat: _onRepeat, once: _once, ...delivery } = event.deliveries[0]!;
      expect(await store().listDeliveries({ eventId: event.id, limit: 10 })).toEqual([
        {
          ...delivery,
          eventId: event.id,
          mayHaveArrived: false,
          scope: 'acme',
          contact: '+15550100',
          attemptCount: 0,
          chargedCount: 0,
          ruleSet: 'rules-1',
          fence: 0,
          progress: null,
          release: null,
          lastOutcome: null,
          supersedes: null,
          digestHead: null,
          createdAt: RECEIVED_AT,
          updatedAt: RECEIVED_AT,
        },
      ]);
    });

    it('answers equal content with the stored event and the live rules that fired, and writes nothing', async () => {
      const first = newEvent({
        decisions: [
          { rule: 'zeta', verdict: 'fired', shadow: false, because: [] },
          { rule: 'trial', verdict: 'fired', shadow: true, because: [] },
          {
            rule: 'odd',
            verdict: 'undecided',
            shadow: false,
            because: [{ path: 'duration', problem: 'missing' }],
          },
          { rule: 'alpha', verdict: 'fired', shadow: false, because: [] },
        ],
      });
      await store().accept(first);
      const again = newEvent({ callId: first.callId, contentHash: first.contentHash });

      expect(await store().accept(again)).toEqual({
        status: 'duplicate',
        eventId: first.id,
        fired: ['zeta', 'alpha'],
      });
      expect(await store().findEvent(again.id)).toBeNull();
      expect(await store().listDeliveries({ limit: 10 })).toHaveLength(1);
    });

    it('numbers other content under the same call id as revisions', async () => {
      const first = newEvent();
      await store().accept(first);
      const second = newEvent({ callId: first.callId });
      const third = newEvent({ callId: first.callId });

      expect(await store().accept(second)).toEqual({ status: 'revision', eventId: second.id, revision: 2 });
      expect(await store().accept(third)).toEqual({ status: 'revision', eventId: third.id, revision: 3 });
      expect((await store().findEvent(third.id))?.event).toMatchObject({ status: 'revision', revision: 3 });
    });

    it('knows the content of any earlier revision as a duplicate', async () => {
      const first = newEvent();
      const second = newEvent({ callId: first.callId });
      await store().accept(first);
      await store().accept(second);

      const copies = [first, second].map(({ callId, contentHash }) => newEvent({ callId, contentHash }));
      expect(await store().accept(copies[0]!)).toMatchObject({ status: 'duplicate', eventId: first.id });
      expect(await store().accept(copies[1]!)).toMatchObject({ status: 'duplicate', eventId: second.id });
    });

    it('keeps the same call id of another source or kind of event apart', async () => {
      const first = newEvent();
      const { callId, contentHash } = first;
      await store().accept(first);

      expect(await store().accept(newEvent({ callId, contentHash, source: 'other' }))).toMatchObject({
        status: 'accepted',
        revision: 1,
      });
      expect(await store().accept(newEvent({ callId, contentHash, eventKind: 'sms' }))).toMatchObject({
        status: 'accepted',
        revision: 1,
      });
    });

    it('accepts exactly one of fifty copies that arrive together', async () => {
      const first = newEvent();
      const { callId, contentHash } = first;
      const copies = [first, ...Array.from({ length: 49 }, () => newEvent({ callId, contentHash }))];

      const results = await Promise.all(copies.map((copy) => store().accept(copy)));
      expect(results.filter(({ status }) => status === 'accepted')).toHaveLength(1);
      expect(results.filter(({ status }) => status === 'duplicate')).toHaveLength(49);
      expect(new Set(results.map(({ eventId }) => eventId)).size).toBe(1);
      expect(await store().listDeliveries({ limit: 100 })).toHaveLength(1);
    });

    it('numbers revisions that arrive together without gap or repeat', async () => {
      const first = newEvent();
      const revisions = Array.from({ length: 20 }, () => newEvent({ callId: first.callId }));

      const results = await Promise.all(revisions.map((revision) => store().accept(revision)));
      const numbers = results.map((result) => ('revision' in result ? result.revision : 0));
      expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    });

    it('stores every test and every quarantined event, equal or not', async () => {
      const anonymous = { callId: null, contentHash: 'same', decisions: [], deliveries: [] };
      const quarantined = newEvent({
        ...anonymous,
        intent: 'quarantined',
        problems: [{ path: '', problem: 'not JSON' }],
      });

      expect(await store().accept(newEvent({ ...anonymous, intent: 'test' }))).toMatchObject({
        status: 'test',
      });
      expect(await store().accept(newEvent({ ...anonymous, intent: 'test' }))).toMatchObject({
        status: 'test',
      });
      expect(await store().accept(quarantined)).toMatchObject({ status: 'quarantined' });
      expect((await store().findEvent(quarantined.id))?.event.problems).toEqual(quarantined.problems);
    });

    it('stores nothing of an event that cannot be stored whole, and all of those beside it', async () => {
      const taken = newEvent();
      await store().accept(taken);
      const bad = newEvent({ deliveries: [planned(), planned({ id: taken.deliveries[0]!.id })] });
      const good = [newEvent(), newEvent()];

      const results = await Promise.allSettled(
        [good[0]!, bad, good[1]!].map((event) => store().accept(event)),
      );
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await store().findEvent(bad.id)).toBeNull();
      expect(await store().findDecisions(bad.id)).toEqual([]);
      expect(await store().findEvent(good[1]!.id)).not.toBeNull();
    });

    it.each([
      ['NUL and bytes that are not UTF-8', Buffer.from([0x00, 0xff, 0xfe, 0xc3, 0x28, 0x00])],
      ['no bytes at all', Buffer.alloc(0)],
      ['deep nesting', Buffer.from('['.repeat(20_000) + ']'.repeat(20_000))],
      ['a megabyte', Buffer.alloc(1024 * 1024, 0xa5)],
      ['a view into a larger buffer', Buffer.from('before{"id":7}after').subarray(6, 14)],
    ])('keeps %s as received', async (_what, raw) => {
      const event = newEvent({ raw });
      await store().accept(event);
      expect(Buffer.from((await store().findEvent(event.id))!.raw).equals(raw)).toBe(true);
    });

    it.each([
      ['NUL', 'a\u0000b'],
      ['a lone surrogate', 'a\ud800b'],
      ['a control character in front', '\u0001"x"'],
      ['text beyond the first plane', 'Zoë 😀 漢字'],
      ['quotes and backslashes', `'"\\';--`],
    ])('keeps texts with %s', async (_what, text) => {
      const event = newEvent({
        callId: text,
        contact: text,
        scope: text,
        labels: { client: text },
        contentType: text,
        problems: [{ path: text, problem: text }],
        decisions: [
          { rule: text, verdict: 'undecided', shadow: false, because: [{ path: text, problem: text }] },
        ],
        deliveries: [planned({ rule: text, destination: text, reason: text, input: text })],
      });
      await store().accept(event);

      const { scope, contact, labels, contentType, problems, callId } = event;
      expect((await store().findEvent(event.id))?.event).toMatchObject({
        ...{ scope, contact, labels, contentType, problems, callId },
      });
      expect(await store().findDecisions(event.id)).toEqual(event.decisions);
      expect(await store().listDeliveries({ contact: text, limit: 5 })).toMatchObject([
        { scope: text, contact: text, rule: text, destination: text, reason: text, input: text },
      ]);
      expect(await store().accept(newEvent({ ...event, id: `${event.id}-again` }))).toMatchObject({
        status: 'duplicate',
      });
    });

    it('tells call ids apart that differ in a lone surrogate only', async () => {
      const first = newEvent({ callId: '\ud800', contentHash: 'same' });
      const second = newEvent({ callId: '\udbff', contentHash: 'same' });
      await store().accept(first);
      expect(await store().accept(second)).toMatchObject({ status: 'accepted' });
    });
  });
}
