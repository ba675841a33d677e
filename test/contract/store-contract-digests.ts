import { describe, expect, it } from '@jest/globals';
import { NOT_YET, type PlannedDelivery } from '../../src/domain/delivery.js';
import { type ClaimedDelivery, type DigestMember, type NewEvent, type Store } from '../../src/store/store.js';
import {
  claimAll,
  newEvent,
  planned,
  RECEIVED_AT,
  RECORDED_AT,
  revisionOf,
  updateOf,
} from './store-fixtures.js';

const NOW = RECEIVED_AT + 60_000;
const LATER = RECEIVED_AT + 3_600_000;

/** Deliveries that go out in one message. */
export function digestContract(store: () => Store): void {
  describe('a digest that is gathered', () => gatherContract(store));
  describe('a digest that goes its way', () => headContract(store));
}

const part = (over: Partial<PlannedDelivery> = {}) => planned({ digestKey: 'g', ...over });

/** Events with a delivery each, as they are claimed together. */
async function claimParts(
  store: Store,
  overs: readonly Partial<PlannedDelivery>[],
): Promise<[NewEvent[], ClaimedDelivery[]]> {
  const events = overs.map((over, nth) =>
    newEvent({ raw: Buffer.from(`call ${nth}`), deliveries: [part(over)] }),
  );
  for (const event of events) await store.accept(event);
  return [events, await claimAll(store)];
}

const three = [{}, {}, {}];

/** Its windows still count: nobody brought it forward. */
const FREED = 'pending:follow_up';

function gatherOf(store: Store, { delivery }: ClaimedDelivery) {
  return store.gatherDigest(delivery.id, delivery.fence, NOW);
}

function eventsOf(members: readonly DigestMember[]): string[] {
  return members.map(({ found }) => found.event.id);
}

async function show(store: Store, id: string): Promise<string | null> {
  const found = await store.findDelivery(id);
  return found && `${found.state}:${found.reason ?? ''}`;
}

function gatherContract(store: () => Store): void {
  it('is told by the first, with the bytes of every call in their order', async () => {
    const [events, claimed] = await claimParts(store(), three);
    const { head, members } = await gatherOf(store(), claimed[0]!);
    expect(head).toBe(true);
    expect(members.map(({ deliveryId }) => deliveryId)).toEqual(claimed.map(({ delivery }) => delivery.id));
    expect(eventsOf(members)).toEqual(events.map(({ id }) => id));
    const bytes = members.map(({ found }) => Buffer.from(found.raw).toString());
    expect(bytes).toEqual(['call 0', 'call 1', 'call 2']);
    const headId = claimed[0]!.delivery.id;
    expect(await store().findDelivery(claimed[1]!.delivery.id)).toMatchObject({
      ...{ state: 'pending', reason: `digest: ${headId}`, dueAt: NOT_YET, digestHead: headId, fence: 2 },
    });
    expect(await store().findDelivery(headId)).toMatchObject({ state: 'sending', digestHead: null });
    expect((await gatherOf(store(), claimed[0]!)).members).toEqual(members);
  });

  it('takes the others out of the hands of whoever has claimed them', async () => {
    const [, [first, second]] = await claimParts(store(), three);
    await gatherOf(store(), first!);
    expect(await gatherOf(store(), second!)).toEqual({ head: false, members: [] });
    expect((await store().update(updateOf(second!, 'skipped'))).kept).toBe(false);
    expect(await claimAll(store())).toEqual([]);
    expect(await store().recover(LATER)).toMatchObject({ count: 1 });
    expect((await claimAll(store())).map(({ delivery }) => delivery.id)).toEqual([first!.delivery.id]);
  });

  it('puts a later one under the first, which then tells it', async () => {
    const [events, [first, second]] = await claimParts(store(), three);
    expect(await gatherOf(store(), second!)).toEqual({ head: false, members: [] });
    expect(await show(store(), second!.delivery.id)).toBe(`pending:digest: ${first!.delivery.id}`);
    const { members } = await gatherOf(store(), first!);
    expect(eventsOf(members)).toEqual(events.map(({ id }) => id));
  });

  it('gathers what is due and not claimed yet, and nothing that is due later', async () => {
    const [, [first]] = await claimParts(store(), [{}]);
    const [waiting, later] = [part(), part({ dueAt: NOW + 1 })];
    for (const delivery of [waiting, later]) await store().accept(newEvent({ deliveries: [delivery] }));
    expect((await gatherOf(store(), first!)).members).toHaveLength(2);
    expect(await show(store(), waiting.id)).toBe(`pending:digest: ${first!.delivery.id}`);
    expect(await show(store(), later.id)).toBe('pending:');
  });

  it('keeps keys, rules, actions, destinations and scopes apart', async () => {
    const [, [first]] = await claimParts(store(), [{}]);
    const others = [
      part({ digestKey: 'other' }),
      part({ digestKey: null }),
      part({ rule: 'other' }),
      part({ action: 'other' }),
      part({ destination: 'crm' }),
      part({ state: 'held' }),
    ];
    for (const one of others) await store().accept(newEvent({ deliveries: [one] }));
    await store().accept(newEvent({ scope: 'umbrella', deliveries: [part()] }));
    expect((await gatherOf(store(), first!)).members).toHaveLength(1);
  });

  it('adds nothing to a head that has gathered: what becomes due after that is told by itself', async () => {
    const [, [first]] = await claimParts(store(), [{}, {}]);
    await gatherOf(store(), first!);
    const [events, [late]] = await claimParts(store(), [{}]);
    const gathered = await gatherOf(store(), late!);
    expect(gathered.head).toBe(true);
    expect(eventsOf(gathered.members)).toEqual([events[0]!.id]);
    expect((await gatherOf(store(), first!)).members).toHaveLength(2);
  });

  it('gathers again with a head that has come back before it was rendered', async () => {
    const [, [first]] = await claimParts(store(), [{}, {}]);
    await gatherOf(store(), first!);
    await store().update({ ...updateOf(first!, 'pending'), dueAt: RECEIVED_AT });
    await store().accept(newEvent({ deliveries: [part()] }));
    const [again] = await claimAll(store());
    expect(again!.delivery.id).toBe(first!.delivery.id);
    const { head, members } = await gatherOf(store(), again!);
    expect([head, members.length]).toEqual([true, 3]);
  });

  it('leaves a head as it is once it is rendered', async () => {
    const [, [first]] = await claimParts(store(), [{}, {}]);
    await gatherOf(store(), first!);
    await store().saveInput(first!.delivery.id, first!.delivery.fence, '{}');
    const later = part();
    await store().accept(newEvent({ deliveries: [later] }));
    expect((await gatherOf(store(), first!)).members).toHaveLength(2);
    expect(await show(store(), later.id)).toBe('pending:');
  });

  it('knows one head, whoever asks together', async () => {
    const [events, claimed] = await claimParts(
      store(),
      Array.from({ length: 12 }, () => ({})),
    );
    const gathered = await Promise.all([...claimed].reverse().map((one) => gatherOf(store(), one)));
    const heads = gathered.filter(({ head }) => head);
    expect(heads).toHaveLength(1);
    expect(eventsOf(heads[0]!.members)).toEqual(events.map(({ id }) => id));
  });

  it('is only itself where it belongs to no digest', async () => {
    const [events, [alone]] = await claimParts(store(), [{ digestKey: null }]);
    const { head, members } = await gatherOf(store(), alone!);
    expect([head, eventsOf(members)]).toEqual([true, [events[0]!.id]]);
  });
}

function headContract(store: () => Store): void {
  /** A head and its two members, gathered. */
  const gathered = async (): Promise<{ events: NewEvent[]; head: ClaimedDelivery; members: string[] }> => {
    const [events, [head, ...others]] = await claimParts(store(), three);
    await gatherOf(store(), head!);
    return { events, head: head!, members: others.map(({ delivery }) => delivery.id) };
  };
  const shown = (ids: readonly string[]) => Promise.all(ids.map((id) => show(store(), id)));

  it('is delivered with all that its message tells, and makes due what needs them', async () => {
    const told = part();
    const needing = planned({ action: 'crm', destination: 'crm', needs: [told.action] });
    const first = newEvent({ deliveries: [part()] });
    await store().accept(first);
    await store().accept(newEvent({ deliveries: [told, needing] }));
    const [head] = await claimAll(store());
    await gatherOf(store(), head!);
    const update = updateOf(head!, 'delivered', { outcome: 'delivered' });
    expect(await store().update(update)).toEqual({ kept: true, due: ['crm'] });
    expect(await show(store(), told.id)).toBe(`delivered:digest: ${head!.delivery.id}`);
    expect((await store().findDelivery(told.id))?.dueAt).toBeLessThan(NOT_YET);
    expect(await claimAll(store(), 'crm', 100, RECORDED_AT)).toHaveLength(1);
  });

  it.each(['dead', 'held', 'pending'] as const)('lets them wait while its head is %s', async (state) => {
    const { head, members } = await gathered();
    await store().update(updateOf(head, state, { outcome: 'retry', reason: 'server_error' }));
    const waits = `pending:digest: ${head.delivery.id}`;
    expect(await shown(members)).toEqual([waits, waits]);
  });

  it.each(['skipped', 'canceled'] as const)('groups anew when its head is %s', async (state) => {
    const { head, members } = await gathered();
    const { due } = await store().update(updateOf(head, state));
    expect(due).toEqual(['sales-slack']);
    expect(await shown(members)).toEqual([FREED, FREED]);
    const [next] = await store().claim({ now: LATER, slots: { 'sales-slack': 1 }, leaseMs: 0 });
    const again = await gatherOf(store(), next!);
    expect([next!.delivery.id, again.head, again.members.length]).toEqual([members[0], true, 2]);
  });

  it('groups anew when a person takes its head back', async () => {
    const { head, members } = await gathered();
    await store().update(updateOf(head, 'dead', { outcome: 'rejected', reason: 'client_error' }));
    await store().command(head.delivery.id, { do: 'cancel' }, NOW);
    expect(await shown(members)).toEqual([FREED, FREED]);
  });

  it('groups anew when a revision takes its head back', async () => {
    const { events, head, members } = await gathered();
    await store().update(updateOf(head, 'pending'));
    await store().accept(revisionOf(events[0]!, [part()]));
    expect(await shown([head.delivery.id, ...members])).toEqual(['canceled:revised', FREED, FREED]);
  });

  it('groups anew when the contact of its head is stopped', async () => {
    const [, [head, member]] = await claimParts(store(), [{ channel: 'sms' }, {}]);
    await gatherOf(store(), head!);
    await store().update(updateOf(head!, 'pending'));
    await store().changeStop({ do: 'stop', scope: 'acme', contact: '+15550100', reason: 'x' }, NOW);
    expect(await shown([head!.delivery.id, member!.delivery.id])).toEqual(['canceled:stopped: x', FREED]);
  });

  it('no longer tells what was taken back before it was written', async () => {
    const { events, head, members } = await gathered();
    await store().command(members[0]!, { do: 'cancel' }, NOW);
    const { members: told } = await gatherOf(store(), head);
    expect(eventsOf(told)).toEqual([events[0]!.id, events[2]!.id]);
    await store().update(updateOf(head, 'delivered', { outcome: 'delivered' }));
    expect(await show(store(), members[0]!)).toBe('canceled:by_person');
  });

  it('is left by what its message does not tell, and by what waits for that', async () => {
    const [, [head]] = await claimParts(store(), [{}]);
    const [skipped, held, stays] = [part(), part(), part()];
    const needing = planned({ action: 'crm', destination: 'crm', needs: [skipped.action] });
    await store().accept(newEvent({ deliveries: [skipped, needing] }));
    for (const one of [held, stays]) await store().accept(newEvent({ deliveries: [one] }));
    await gatherOf(store(), head!);
    const left = [
      { id: skipped.id, state: 'skipped', reason: 'only_if' },
      { id: held.id, state: 'held', reason: 'undecided' },
    ] as const;
    await store().leaveDigest(head!.delivery.id, left, NOW);

    expect(await shown([skipped.id, held.id])).toEqual(['skipped:only_if', 'held:undecided']);
    expect(await store().findDelivery(held.id)).toMatchObject({ digestHead: null, dueAt: NOW });
    expect(await show(store(), needing.id)).toBe(`skipped:needed: ${skipped.action} is skipped`);
    const { members } = await gatherOf(store(), head!);
    expect(members.map(({ deliveryId }) => deliveryId)).toEqual([head!.delivery.id, stays.id]);
    await store().update(updateOf(head!, 'delivered', { outcome: 'delivered' }));
    expect(await shown([skipped.id, held.id, stays.id])).toEqual([
      ...['skipped:only_if', 'held:undecided'],
      `delivered:digest: ${head!.delivery.id}`,
    ]);
  });

  it('is left by nothing but what waits for it', async () => {
    const { head, members } = await gathered();
    const leave = (headId: string, id: string) =>
      store().leaveDigest(headId, [{ id, state: 'skipped', reason: 'only_if' }], NOW);
    await store().command(members[0]!, { do: 'cancel' }, NOW);
    await leave(head.delivery.id, members[0]!);
    await leave(head.delivery.id, head.delivery.id);
    await leave('another', members[1]!);
    expect(await shown([...members, head.delivery.id])).toEqual([
      ...['canceled:by_person', `pending:digest: ${head.delivery.id}`, 'sending:'],
    ]);
  });

  it('tells a revision by the message that is written already, and plans it anew before that', async () => {
    const { events, head } = await gathered();
    const early = part();
    await store().accept(revisionOf(events[1]!, [early]));
    expect(await show(store(), early.id)).toBe('pending:');
    await store().saveInput(head.delivery.id, head.delivery.fence, '{}');
    const late = part();
    await store().accept(revisionOf(events[2]!, [late]));
    expect(await store().findDelivery(late.id)).toBeNull();
  });

  it('keeps what waits for its head from going by itself', async () => {
    const { head, members } = await gathered();
    const refused = { done: false, why: 'refused', state: 'pending' };
    const [id] = members;
    for (const command of [
      { do: 'retry' },
      { do: 'snooze', until: LATER },
      { do: 'migrate', ruleSet: 'r', dueAt: LATER },
    ] as const)
      expect(await store().command(id!, command, NOW)).toEqual(refused);
    await store().update(updateOf(head, 'dead', { outcome: 'rejected', reason: 'client_error' }));
    expect(await store().command(head.delivery.id, { do: 'retry' }, NOW)).toMatchObject({ done: true });
  });

  it('frees what waits for one that is moved before it has gathered', async () => {
    const [, [first, second]] = await claimParts(store(), [{}, {}]);
    await gatherOf(store(), second!);
    await store().update(updateOf(first!, 'pending'));
    await store().command(first!.delivery.id, { do: 'snooze', until: LATER }, NOW);
    expect(await show(store(), second!.delivery.id)).toBe(FREED);
  });

  it('is not removed while others wait for its message', async () => {
    const { head, members } = await gathered();
    await store().update(updateOf(head, 'dead', { outcome: 'rejected', reason: 'client_error' }));
    const prune = () =>
      store().prune({
        ...{ eventsBefore: LATER, bodiesBefore: LATER, reachesBefore: null },
        ...{ now: LATER, limit: 9, after: null },
      });
    expect(await prune()).toMatchObject({ events: 0, bodies: 0 });
    await store().command(head.delivery.id, { do: 'cancel' }, NOW);
    expect(await prune()).toMatchObject({ events: 1 });
    expect(await shown(members)).toEqual([FREED, FREED]);
  });
}
