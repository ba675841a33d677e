import { describe, expect, it } from '@jest/globals';
import { type NewEvent, type Store } from '../../src/store/store.js';
import { newEvent, planned, RECEIVED_AT } from './store-fixtures.js';

const HOUR_MS = 3_600_000;
const CONTACT = '+15550100';
const LATER = RECEIVED_AT + HOUR_MS;

/** What is known of a contact, and of the call that led to another. */
export function factContract(store: () => Store): void {
  describe('facts about a contact', () => factsContract(store));
  describe('where a call comes from', () => chainContract(store));
}

function factsContract(store: () => Store): void {
  const call = (minutes: number, status: string | null, over: Partial<NewEvent> = {}) =>
    newEvent({
      receivedAt: RECEIVED_AT + minutes * 60_000,
      result: { status, isMissed: status === 'no-answer' },
      deliveries: [],
      ...over,
    });
  const facts = (over: Partial<Parameters<Store['contactFacts']>[0]> = {}) =>
    store().contactFacts({
      scope: 'acme',
      contact: CONTACT,
      now: LATER,
      windowsMs: [],
      except: null,
      ...over,
    });

  it('are nothing for somebody who never called', async () => {
    expect(await facts({ windowsMs: [1] })).toEqual({
      ...{ calls: 0, missed: 0, lastStatus: null, lastAt: null, openFollowUps: 0 },
      within: [{ windowMs: 1, calls: 0, missed: 0 }],
    });
  });

  it('count calls, missed ones apart, in all and in windows of time', async () => {
    const statuses = ['no-answer', 'completed', 'no-answer', 'busy'];
    for (const [nth, status] of statuses.entries()) await store().accept(call(nth * 10, status));
    const [half, all] = [41 * 60_000, 24 * HOUR_MS];
    expect(await facts({ windowsMs: [all, half] })).toEqual({
      ...{ calls: 4, missed: 2, lastStatus: 'busy', lastAt: RECEIVED_AT + 30 * 60_000, openFollowUps: 0 },
      within: [
        { windowMs: all, calls: 4, missed: 2 },
        { windowMs: half, calls: 2, missed: 1 },
      ],
    });
  });

  it('know nothing of what came in after the time that is asked for', async () => {
    for (const [nth, status] of ['busy', 'no-answer', 'completed'].entries())
      await store().accept(call(nth * 10, status));
    const now = RECEIVED_AT + 10 * 60_000;
    expect(await facts({ now, windowsMs: [HOUR_MS] })).toMatchObject({
      ...{ calls: 2, missed: 1, lastStatus: 'no-answer', lastAt: now },
      within: [{ calls: 2, missed: 1 }],
    });
  });

  it('count each call once, by its latest content', async () => {
    const first = call(0, 'no-answer');
    await store().accept(first);
    const { callId, source, eventKind } = first;
    await store().accept(call(5, 'completed', { callId, source, eventKind }));
    expect(await facts()).toMatchObject({ calls: 1, missed: 0, lastStatus: 'completed' });
  });

  it('leave out tests, what could not be read, other contacts and scopes, and the call that is asked for', async () => {
    const own = call(1, 'completed');
    await store().accept(own);
    await store().accept(call(2, null, { intent: 'test', callId: null }));
    await store().accept(call(3, null, { intent: 'quarantined', callId: null }));
    await store().accept(call(4, 'busy', { contact: '+15550199' }));
    await store().accept(call(5, 'busy', { scope: 'umbrella' }));
    expect(await facts()).toMatchObject({ calls: 1, lastStatus: 'completed' });
    expect(await facts({ except: { source: own.source, callId: own.callId! } })).toMatchObject({
      ...{ calls: 0, lastStatus: null, lastAt: null },
    });
    expect(await facts({ except: { source: 'other', callId: own.callId! } })).toMatchObject({ calls: 1 });
  });

  it('count what waits for a later time', async () => {
    const deliveries = [
      planned({ action: 'a', dueAt: LATER + 1 }),
      planned({ action: 'b', dueAt: LATER }),
      planned({ action: 'c', dueAt: LATER + 1, state: 'held' }),
      planned({ action: 'd', needs: ['a'] }),
    ];
    await store().accept(newEvent({ deliveries }));
    await store().accept(newEvent({ scope: 'umbrella', deliveries: [planned({ dueAt: LATER + 1 })] }));
    expect(await facts()).toMatchObject({ calls: 1, openFollowUps: 2 });
  });
}

function chainContract(store: () => Store): void {
  /** A call that `cause` led to, with a delivery of `rule`, which is answered. */
  const accept = async (
    rule: string,
    cause: string | null,
    root: string | null,
  ): Promise<[string, string]> => {
    const event = newEvent({ cause, root, deliveries: [planned({ rule })] });
    await store().accept(event);
    return [event.id, event.deliveries[0]!.id];
  };

  it('leads from delivery to delivery back to the original call, nearest rule first', async () => {
    const [root, first] = await accept('call-back', null, null);
    const [, second] = await accept('survey', first, root);
    const [, third] = await accept('remind', second, root);
    expect(await store().findChain(first)).toEqual({ root, rules: ['call-back'] });
    expect(await store().findChain(third)).toEqual({ root, rules: ['remind', 'survey', 'call-back'] });
  });

  it('ends where a delivery is not known, and after 20 steps', async () => {
    expect(await store().findChain('nobody')).toBeNull();
    const [, delivery] = await accept('remind', 'gone', 'root');
    expect(await store().findChain(delivery)).toEqual({ root: 'root', rules: ['remind'] });
    let [, last] = await accept('r0', null, null);
    for (let nth = 1; nth < 25; nth += 1) [, last] = await accept(`r${nth}`, last, 'root');
    expect((await store().findChain(last))?.rules).toHaveLength(20);
  });

  it('stands in no list of events, which are long and need it for nothing', async () => {
    const [root, first] = await accept('call-back', null, null);
    const [id] = await accept('survey', first, root);
    const [listed] = await store().listEvents({ limit: 1 });
    const found = (await store().findEvent(id))?.event;
    expect(found).toMatchObject({ cause: first, root });
    expect(listed).toEqual({ ...found, cause: null, root: null });
  });

  it('makes a call that a delivery caused a later call like any other', async () => {
    const [event, delivery] = await accept('call-back', null, null);
    const [caused] = await accept('survey', delivery, event);
    expect((await store().laterCalls(event)).map(({ event: { id } }) => id)).toEqual([caused]);
    const [later] = await store().laterCalls(event);
    expect(later?.event).toMatchObject({ cause: delivery, root: event });
  });
}
