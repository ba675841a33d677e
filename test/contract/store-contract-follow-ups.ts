import { describe, expect, it } from '@jest/globals';
import { type DeliveryCommand, NOT_YET, type PlannedDelivery } from '../../src/domain/delivery.js';
import { type OnRepeat } from '../../src/domain/on-repeat.js';
import { type NewEvent, type Store } from '../../src/store/store.js';
import { claimAll, newEvent, planned, RECEIVED_AT, revisionOf, updateOf } from './store-fixtures.js';

const NOW = RECEIVED_AT + 60_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const SOON = RECEIVED_AT + HOUR_MS;
const LATER = RECEIVED_AT + 2 * HOUR_MS;

/** Follow-ups that meet others of their kind, and what people do with those that wait. */
export function followUpContract(store: () => Store): void {
  describe('once_per', () => onceContract(store));
  describe('on_repeat', () => repeatContract(store));
  describe('the next try', () => nextContract(store));
  describe('a follow-up that waits', () => waitingContract(store));
}

async function show(store: Store, id: string): Promise<string | null> {
  const found = await store.findDelivery(id);
  return found && `${found.state}:${found.reason ?? ''}`;
}

function onceContract(store: () => Store): void {
  const once = (over: Partial<PlannedDelivery> = {}) =>
    planned({ dueAt: SOON, once: { key: 'k', perMs: HOUR_MS }, ...over });
  const accept = async (delivery: PlannedDelivery, over: Partial<NewEvent> = {}): Promise<string> => {
    await store().accept(newEvent({ deliveries: [delivery], ...over }));
    return delivery.id;
  };

  it('plans what happened already within its time as skipped, naming the one before', async () => {
    const [first, second] = [await accept(once()), await accept(once({ state: 'held', reason: 'replayed' }))];
    expect(await show(store(), first)).toBe('pending:');
    expect(await show(store(), second)).toBe(`skipped:once_per: ${first}`);
    expect(await show(store(), await accept(once(), { receivedAt: RECEIVED_AT + HOUR_MS - 1 }))).toMatch(
      /^skip/,
    );
    expect(await show(store(), await accept(once(), { receivedAt: RECEIVED_AT + HOUR_MS }))).toBe('pending:');
  });

  it('keeps scopes, rules, actions and keys apart, and lets what is not asked for pass', async () => {
    await accept(once());
    const others = [
      await accept(once(), { scope: 'umbrella' }),
      await accept(once({ rule: 'other' })),
      await accept(once({ action: 'other' })),
      await accept(once({ once: { key: 'other', perMs: HOUR_MS } })),
      await accept(once({ once: null })),
    ];
    for (const id of others) expect(await show(store(), id)).toBe('pending:');
  });

  it.each(['canceled', 'skipped', 'dead'] as const)('does not count what was %s', async (state) => {
    await accept(once({ dueAt: RECEIVED_AT }));
    const [claimed] = await claimAll(store());
    await store().update(updateOf(claimed!, state));
    expect(await show(store(), await accept(once()))).toBe('pending:');
  });

  it.each(['canceled', 'skipped', 'dead'] as const)(
    'counts what may have arrived and was %s',
    async (state) => {
      const id = await accept(once({ dueAt: RECEIVED_AT }));
      const [claimed] = await claimAll(store());
      await store().update(updateOf(claimed!, state, { outcome: 'unknown', reason: 'timeout' }));
      expect(await show(store(), await accept(once()))).toBe(`skipped:once_per: ${id}`);
    },
  );

  it.each(['pending', 'held', 'delivered'] as const)('counts what is %s', async (state) => {
    await accept(once({ dueAt: RECEIVED_AT }));
    const [claimed] = await claimAll(store());
    await store().update(updateOf(claimed!, state));
    expect(await show(store(), await accept(once()))).toMatch(/^skipped/);
  });

  it('counts what retention took, as long as its time is not over', async () => {
    const over = { once: { key: 'k', perMs: 100 * HOUR_MS } };
    const first = await accept(once({ dueAt: RECEIVED_AT, ...over }));
    const [claimed] = await claimAll(store());
    await store().update(updateOf(claimed!, 'delivered', { outcome: 'delivered' }));
    const prune = (now: number) =>
      store().prune({
        ...{ eventsBefore: RECEIVED_AT + 1, bodiesBefore: null, reachesBefore: null },
        ...{ now, limit: 9, after: null },
      });
    expect(await prune(LATER)).toMatchObject({ events: 1 });
    const event = { receivedAt: LATER };
    expect(await show(store(), await accept(once(over), event))).toBe(`skipped:once_per: ${first}`);
    await prune(RECEIVED_AT + 101 * HOUR_MS);
    expect(await show(store(), await accept(once(over), event))).toBe('pending:');
  });

  it('plans for a revision what it took back', async () => {
    const event = newEvent({ deliveries: [once()] });
    await store().accept(event);
    const again = once();
    await store().accept(revisionOf(event, [again]));
    expect(await show(store(), again.id)).toBe('pending:');
  });

  it('lets one of many through that come in together, whoever they are for', async () => {
    const deliveries = Array.from({ length: 20 }, () => once());
    await Promise.all(deliveries.map((one, nth) => accept(one, { contact: `+1555${nth}` })));
    const shown = await Promise.all(deliveries.map(({ id }) => show(store(), id)));
    expect(shown.filter((one) => one === 'pending:')).toHaveLength(1);
  });
}

function repeatContract(store: () => Store): void {
  const meet = (onRepeat: OnRepeat | null, dueAt = LATER, over: Partial<PlannedDelivery> = {}) =>
    planned({ onRepeat, dueAt, reason: 'follow_up: x', ...over });
  const accept = async (delivery: PlannedDelivery, over: Partial<NewEvent> = {}): Promise<string> => {
    await store().accept(newEvent({ deliveries: [delivery], ...over }));
    return delivery.id;
  };
  const dueOf = async (id: string) => (await store().findDelivery(id))?.dueAt;

  it('skips the new one, and leaves the one that waits', async () => {
    const [old, fresh] = [await accept(meet('skip', SOON)), await accept(meet('skip'))];
    expect(await show(store(), old)).toBe('pending:follow_up: x');
    expect(await show(store(), fresh)).toBe(`skipped:repeated: ${old}`);
  });

  it('replaces those that wait, with whatever needs them', async () => {
    const old = meet(null, SOON);
    const tell = planned({ action: 'tell', needs: [old.action] });
    await store().accept(newEvent({ deliveries: [old, tell] }));
    const other = await accept(meet(null, SOON));
    const fresh = await accept(meet('replace'));
    expect(await show(store(), old.id)).toBe(`canceled:replaced: ${fresh}`);
    expect(await show(store(), other)).toBe(`canceled:replaced: ${fresh}`);
    expect(await show(store(), tell.id)).toBe(`skipped:needed: ${old.action} is canceled`);
    expect(await show(store(), fresh)).toBe('pending:follow_up: x');
  });

  it('extends the one that waits, and never brings it forward', async () => {
    const old = await accept(meet('extend', SOON));
    expect(await show(store(), await accept(meet('extend')))).toBe(`skipped:repeated: ${old}, which moved`);
    expect(await dueOf(old)).toBe(LATER);
    await accept(meet('extend', SOON));
    expect(await dueOf(old)).toBe(LATER);
  });

  it('queues the new one behind the last that waits', async () => {
    const old = await accept(meet('queue', LATER));
    const fresh = await accept(meet('queue', SOON));
    expect(await dueOf(fresh)).toBe(LATER);
    for (const id of [old, fresh]) expect((await store().findDelivery(id))?.ordered).toBe(true);
    const claim = async () => {
      const claimed = await store().claim({ now: LATER, slots: { 'sales-slack': 9 }, leaseMs: 0 });
      return claimed.map(({ delivery }) => delivery.id);
    };
    expect([await claim(), await claim()]).toEqual([[old], []]);
  });

  it('plans beside it with `parallel`', async () => {
    const ids = [await accept(meet('parallel')), await accept(meet('parallel')), await accept(meet(null))];
    for (const id of ids) expect(await show(store(), id)).toBe('pending:follow_up: x');
  });

  it('meets neither what is due or over, nor other contacts, scopes and actions', async () => {
    await accept(meet('skip', RECEIVED_AT));
    await accept(meet('skip', SOON, { state: 'held' }));
    await accept(meet('skip', SOON), { contact: '+15550199' });
    await accept(meet('skip', SOON), { scope: 'umbrella' });
    await accept(meet('skip', SOON, { action: 'other' }));
    await accept(meet('skip', SOON, { rule: 'other' }));
    await accept(meet('skip', SOON), { contact: null });
    expect(await show(store(), await accept(meet('skip')))).toBe('pending:follow_up: x');
  });

  it('has nothing to do with what a revision of its own call takes back', async () => {
    const event = newEvent({ deliveries: [meet('skip', SOON)] });
    await store().accept(event);
    const again = meet('skip');
    await store().accept(revisionOf(event, [again]));
    expect(await show(store(), again.id)).toBe('pending:follow_up: x');
  });

  it.each([
    ['queue', RECEIVED_AT, SOON],
    ['extend', LATER, LATER],
  ] as const)(
    'with `%s` takes one that waits for another delivery for due at its own time',
    async (policy, dueAt, then) => {
      const crm = planned({ action: 'crm', destination: 'crm' });
      const old = meet(policy, SOON, { needs: ['crm'] });
      await store().accept(newEvent({ deliveries: [crm, old] }));
      const fresh = await accept(meet(policy, dueAt));
      expect(await dueOf(old.id)).toBe(NOT_YET);
      const [claimed] = await claimAll(store(), 'crm');
      await store().update(updateOf(claimed!, 'delivered', { outcome: 'delivered' }));
      expect(await dueOf(old.id)).toBe(then);
      if (policy === 'queue') expect(await dueOf(fresh)).toBe(SOON);
    },
  );

  it('settles before `once_per`: what gives way does not count as having happened', async () => {
    const over = { once: { key: 'k', perMs: HOUR_MS } };
    const old = await accept(meet('replace', SOON, over));
    const fresh = await accept(meet('replace', LATER, over));
    expect(await show(store(), old)).toBe(`canceled:replaced: ${fresh}`);
    expect(await show(store(), fresh)).toBe('pending:follow_up: x');
    expect(await show(store(), await accept(meet('skip', LATER, over)))).toBe(`skipped:repeated: ${fresh}`);
  });

  it('does not give way when it may have arrived already, and may happen once', async () => {
    const over = { once: { key: 'k', perMs: HOUR_MS } };
    const old = await accept(meet('replace', RECEIVED_AT, over));
    const [claimed] = await claimAll(store());
    const unknown = updateOf(claimed!, 'pending', { outcome: 'unknown', reason: 'timeout' });
    await store().update({ ...unknown, dueAt: SOON });
    const fresh = await accept(meet('replace', LATER, over));
    expect([await show(store(), old), await show(store(), fresh)]).toEqual([
      'pending:',
      `skipped:once_per: ${old}`,
    ]);
  });

  it('plans one of many that come in together for one contact', async () => {
    const deliveries = Array.from({ length: 20 }, () => meet('skip'));
    await Promise.all(deliveries.map((one) => accept(one)));
    const shown = await Promise.all(deliveries.map(({ id }) => show(store(), id)));
    expect(shown.filter((one) => one === 'pending:follow_up: x')).toHaveLength(1);
    expect(shown.filter((one) => one?.startsWith('skipped:repeated: '))).toHaveLength(19);
  });
}

function nextContract(store: () => Store): void {
  const next = planned({ action: 'tell-sales', dueAt: LATER, channel: 'call', tryNumber: 2 });

  it('is planned with the attempt before it, for the same event and by the same rules', async () => {
    const event = newEvent({ deliveries: [planned({ channel: 'call' })] });
    await store().accept(event);
    const [claimed] = await claimAll(store());
    const update = { ...updateOf(claimed!, 'delivered', { outcome: 'delivered' }), next } as const;
    expect(await store().update(update)).toEqual({ kept: true, due: [] });
    const { scope, contact, ruleSet } = event;
    expect(await store().findDelivery(next.id)).toMatchObject({
      ...{ eventId: event.id, scope, contact, ruleSet, createdAt: update.now, updatedAt: update.now },
      ...{ state: 'pending', dueAt: LATER, channel: 'call', tryNumber: 2 },
    });
    // The attempt cannot be recorded again.
    expect(await store().update(update)).toEqual({ kept: false, due: [] });
  });

  it('is not planned by somebody who lost the delivery', async () => {
    await store().accept(newEvent());
    const [claimed] = await claimAll(store());
    const lost = { ...updateOf(claimed!, 'delivered', { outcome: 'delivered' }), fence: 0, next } as const;
    expect((await store().update(lost)).kept).toBe(false);
    expect(await store().findDelivery(next.id)).toBeNull();
  });

  it('meets others of its kind like any other, and wakes its destination when it is due at once', async () => {
    await store().accept(newEvent());
    const [claimed] = await claimAll(store());
    const [waiting] = [planned({ dueAt: LATER })];
    await store().accept(newEvent({ deliveries: [waiting] }));
    const update = updateOf(claimed!, 'delivered', { outcome: 'delivered' });
    const due = planned({ onRepeat: 'replace', dueAt: NOW });
    expect((await store().update({ ...update, next: due })).due).toEqual(['sales-slack']);
    expect(await show(store(), waiting.id)).toBe(`canceled:replaced: ${due.id}`);
  });
}

function waitingContract(store: () => Store): void {
  const accept = async (
    over: Partial<PlannedDelivery> = {},
    event: Partial<NewEvent> = {},
  ): Promise<string> => {
    const delivery = planned({ dueAt: SOON, reason: 'follow_up: x', ...over });
    await store().accept(newEvent({ deliveries: [delivery], ...event }));
    return delivery.id;
  };
  const snooze: DeliveryCommand = { do: 'snooze', until: LATER };
  const migrate: DeliveryCommand = { do: 'migrate', ruleSet: 'rules-2', dueAt: LATER };

  it('is moved to another time', async () => {
    const id = await accept();
    const result = await store().command(id, snooze, NOW);
    const moved = {
      id,
      state: 'pending',
      reason: 'snoozed',
      dueAt: LATER,
      updatedAt: NOW,
      ruleSet: 'rules-1',
    };
    expect(result).toMatchObject({ done: true, delivery: moved });
    expect(await store().claim({ now: LATER - 1, slots: { 'sales-slack': 1 }, leaseMs: 0 })).toEqual([]);
    expect(await store().claim({ now: LATER, slots: { 'sales-slack': 1 }, leaseMs: 0 })).toHaveLength(1);
  });

  it('goes on by other rules, as long as it is not rendered', async () => {
    const id = await accept({ dueAt: RECEIVED_AT });
    expect(await store().command(id, migrate, NOW)).toMatchObject({
      done: true,
      delivery: { state: 'pending', reason: 'rules_changed', dueAt: LATER, ruleSet: 'rules-2' },
    });
    const rendered = await accept({ dueAt: RECEIVED_AT });
    const [claimed] = await claimAll(store());
    await store().saveInput(rendered, claimed!.delivery.fence, '{}');
    await store().update(updateOf(claimed!, 'pending', { outcome: 'retry', reason: 'server_error' }));
    const refused = { done: false, why: 'refused', state: 'pending' };
    expect(await store().command(rendered, migrate, NOW)).toEqual(refused);
    expect((await store().findDelivery(rendered))?.ruleSet).toBe('rules-1');
  });

  it.each([snooze, migrate])('is all that takes $do', async (command) => {
    for (const state of ['held', 'skipped', 'shadow'] as const)
      expect(await store().command(await accept({ state }), command, NOW)).toEqual({
        ...{ done: false, why: 'refused', state },
      });
    expect(await store().command('nobody', command, NOW)).toEqual({ done: false, why: 'unknown' });
  });

  it('is moved with many others, as far as a filter goes', async () => {
    const [a, b] = [await accept(), await accept()];
    const elsewhere = await accept({}, { scope: 'umbrella' });
    const due = await accept({ dueAt: RECEIVED_AT });
    const filter = { scope: 'acme', dueAfter: NOW };
    expect(await store().countMatching({ state: 'pending', ...filter })).toBe(2);
    expect((await store().listDeliveries({ ...filter, limit: 9 })).map(({ id }) => id)).toEqual([b, a]);
    const bulk = { filter, command: snooze, now: NOW, changedBefore: NOW, limit: 9 };
    expect(await store().commandMany(bulk)).toEqual({ count: 2, destinations: ['sales-slack'] });
    for (const id of [a, b]) expect(await show(store(), id)).toBe('pending:snoozed');
    for (const id of [elsewhere, due]) expect(await show(store(), id)).toBe('pending:follow_up: x');
  });

  it('still waits for what it needs when it is moved', async () => {
    const [crm, tell] = [planned({ action: 'crm', destination: 'crm' }), planned({ needs: ['crm'] })];
    await store().accept(newEvent({ deliveries: [crm, tell] }));
    await store().command(tell.id, snooze, NOW);
    const [claimed] = await store().claim({ now: LATER, slots: { 'sales-slack': 1 }, leaseMs: MINUTE_MS });
    await store().update({ ...updateOf(claimed!, 'pending'), reason: 'waits_for', dueAt: NOT_YET });
    expect(await show(store(), tell.id)).toBe('pending:waits_for: crm');
  });
}
