import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AttemptOutcome } from '../../src/domain/attempt.js';
import {
  canMove,
  DELIVERY_STATES,
  type DeliveryCommand,
  type DeliveryState,
  type ReleaseChanges,
  TAKES_COMMAND,
} from '../../src/domain/delivery.js';
import { type BulkCommand, type DeliveryUpdate, type Store } from '../../src/store/store.js';
import { claimAll, newEvent, planned, RECEIVED_AT, updateOf } from './store-fixtures.js';

const NOW = RECEIVED_AT + 120_000;
const RETRY: DeliveryCommand = { do: 'retry' };
const RELEASE: DeliveryCommand = { do: 'release', changes: {} };
const CANCEL: DeliveryCommand = { do: 'cancel' };
const COMMANDS = [RETRY, RELEASE, CANCEL];

/** What a person does with deliveries, one by one and many at once. */
export function commandContract(store: () => Store): void {
  /** Stores one delivery and brings it to a state; answers its id. */
  const bringTo = async (
    state: DeliveryState,
    over: { rule?: string; action?: string } = {},
  ): Promise<string> => {
    const isPlanned = state === 'held' || state === 'skipped' || state === 'shadow';
    const destination = `to-${state}`;
    const delivery = planned({ destination, state: isPlanned ? state : 'pending', ...over });
    await store().accept(newEvent({ deliveries: [delivery] }));
    if (isPlanned || state === 'pending') return delivery.id;
    const claimed = await claimAll(store(), destination);
    if (state !== 'sending')
      for (const one of claimed) await store().update({ ...updateOf(one, state), reason: 'timeout' });
    return delivery.id;
  };

  describe('command', () => {
    it.each(COMMANDS.flatMap((command) => DELIVERY_STATES.map((state) => [command, state] as const)))(
      'knows whether %j may be asked of what is %s',
      async (command, state) => {
        const id = await bringTo(state);
        const before = await store().findDelivery(id);
        const result = await store().command(id, command, NOW);
        if (TAKES_COMMAND[command.do].includes(state)) {
          const after = command.do === 'cancel' ? 'canceled' : 'pending';
          expect(result).toMatchObject({ done: true, delivery: { id, state: after, updatedAt: NOW } });
          if (after !== state) expect(canMove(state, after)).toBe(true);
          expect(result).toEqual({ done: true, delivery: await store().findDelivery(id) });
        } else {
          expect(result).toEqual({ done: false, why: 'refused', state });
          expect(await store().findDelivery(id)).toEqual(before);
        }
      },
    );

    it('knows nothing of what is not there', async () => {
      expect(await store().command('nowhere', RETRY, NOW)).toEqual({ done: false, why: 'unknown' });
    });

    it('retries at once on a fresh schedule, with the same bytes', async () => {
      await store().accept(newEvent());
      const [claimed] = await claimAll(store());
      const { id, fence } = claimed!.delivery;
      await store().saveInput(id, fence, '{"text":"hi"}');
      const died: AttemptOutcome = { outcome: 'retry', reason: 'server_error', progress: [1] };
      await store().update({ ...updateOf(claimed!, 'dead', died), reason: 'server_error' });

      const result = await store().command(id, RETRY, NOW);
      const due = { dueAt: NOW, reason: null, chargedCount: 0, attemptCount: 1 };
      expect(result).toMatchObject({ delivery: { ...due, input: '{"text":"hi"}', progress: '[1]' } });
      const [again] = await store().claim({ now: NOW, slots: { 'sales-slack': 1 }, leaseMs: 0 });
      expect(again?.delivery).toMatchObject({ id, fence: 2, input: '{"text":"hi"}' });
    });

    it('brings forward what waits for its next attempt', async () => {
      const later = planned({ dueAt: NOW + 86_400_000 });
      await store().accept(newEvent({ deliveries: [later] }));
      await store().command(later.id, RETRY, NOW);
      expect(await store().nextDueAt()).toBe(NOW);
    });

    it('releases with the bytes it has, or without them when something is changed', async () => {
      const deliveries = [planned(), planned({ action: 'b' })];
      await store().accept(newEvent({ deliveries }));
      for (const one of await claimAll(store())) {
        await store().saveInput(one.delivery.id, one.delivery.fence, '{"text":"hi"}');
        const unknown: AttemptOutcome = { outcome: 'unknown', reason: 'timeout', progress: [1] };
        await store().update({ ...updateOf(one, 'held', unknown), reason: 'unknown: timeout' });
      }
      const [same, changed] = deliveries.map(({ id }) => id) as [string, string];
      expect(await store().command(same, RELEASE, NOW)).toMatchObject({
        delivery: { release: '{}', input: '{"text":"hi"}', progress: '[1]', lastOutcome: 'unknown' },
      });
      const changes = { ifMissing: 'omit', with: { text: 'a \u0000 b' } } as const;
      const result = await store().command(changed, { do: 'release', changes }, NOW);
      expect(result).toMatchObject({ delivery: { input: null, progress: null, reason: null, dueAt: NOW } });
      expect(JSON.parse((await store().findDelivery(changed))?.release ?? '')).toEqual(changes);
    });

    it('keeps what an earlier release changed when a later one changes nothing', async () => {
      const id = await bringTo('held');
      const changes = { with: { text: 'by hand' } };
      await store().command(id, { do: 'release', changes }, NOW);
      const [claimed] = await store().claim({ now: NOW, slots: { 'to-held': 1 }, leaseMs: 0 });
      expect(JSON.parse(claimed?.delivery.release ?? '')).toEqual(changes);
      await store().update({ ...updateOf(claimed!, 'held'), reason: 'missing: x' });
      await store().command(id, RELEASE, NOW);
      expect(JSON.parse((await store().findDelivery(id))?.release ?? '')).toEqual(changes);
    });

    it.each<[string, 'one' | 'many']>([
      ['by itself', 'one'],
      ['in bulk', 'many'],
    ])('notes consent when it releases %s what was held for that, and keeps it', async (_, how) => {
      const id = await bringTo('held');
      const releases = async (reason: string, changes: ReleaseChanges): Promise<unknown> => {
        const [claimed] = await store().claim({ now: NOW, slots: { 'to-held': 1 }, leaseMs: 0 });
        if (claimed) await store().update({ ...updateOf(claimed, 'held'), reason });
        const command = { do: 'release', changes } as const;
        const request = { filter: {}, command, now: NOW, changedBefore: NOW, limit: 9 };
        await (how === 'one' ? store().command(id, command, NOW) : store().commandMany(request));
        return JSON.parse((await store().findDelivery(id))?.release ?? 'null') as unknown;
      };
      const consent = true;
      const quoted = { with: { text: '{"consent":true}' } };
      expect(await releases('', {})).toEqual({});
      expect(await releases('missing: x', quoted)).toEqual(quoted);
      expect(await releases('missing: x', {})).toEqual(quoted);
      expect(await releases('consent_missing', {})).toEqual({ consent, ...quoted });
      expect(await releases('missing: x', {})).toEqual({ consent, ...quoted });
      expect(await releases('missing: x', { ifMissing: 'omit' })).toEqual({ consent, ifMissing: 'omit' });
    });

    it.each<[ReleaseChanges]>([[{}], [{ ifMissing: 'mark', with: { text: 'a' } }]])(
      'notes consent with the changes %j',
      async (changes) => {
        const held = planned({ state: 'held', reason: 'consent_missing: lead.consent' });
        await store().accept(newEvent({ deliveries: [held] }));
        const result = await store().command(held.id, { do: 'release', changes }, NOW);
        const release = (result.done && result.delivery.release) || '';
        expect(JSON.parse(release)).toEqual({ consent: true, ...changes });
      },
    );

    it('cancels in the name of a person', async () => {
      const id = await bringTo('dead');
      expect(await store().command(id, CANCEL, NOW)).toMatchObject({ delivery: { reason: 'by_person' } });
    });

    it('does one of two contrary commands that arrive together', async () => {
      for (let round = 0; round < 10; round += 1) {
        const id = await bringTo('held', { action: `a${round}` });
        const [released, canceled] = await Promise.all([
          store().command(id, RELEASE, NOW),
          store().command(id, CANCEL, NOW),
        ]);
        // What is released may be canceled after; what is canceled stays so.
        expect(canceled.done).toBe(true);
        expect((await store().findDelivery(id))?.state).toBe('canceled');
        if (!released.done) expect(released).toMatchObject({ why: 'refused', state: 'canceled' });
      }
    });

    it('cancels or is claimed, never both', async () => {
      const ids = await Promise.all(
        Array.from({ length: 20 }, (_, i) => bringTo('pending', { action: `a${i}` })),
      );
      const claims = Array.from({ length: 5 }, () => claimAll(store(), 'to-pending', 3));
      const cancels = ids.map((id) => store().command(id, CANCEL, NOW));
      const [claimed, canceled] = await Promise.all([Promise.all(claims), Promise.all(cancels)]);
      const taken = new Set(claimed.flat().map(({ delivery }) => delivery.id));
      for (const [index, id] of ids.entries()) expect(canceled[index]?.done).toBe(!taken.has(id));
    });

    it('never lets a claim of before a command write after it', async () => {
      const id = await bringTo('sending');
      await store().recover(NOW);
      await store().command(id, CANCEL, NOW);
      const late: DeliveryUpdate = { id, fence: 1, state: 'delivered', reason: null, dueAt: NOW, now: NOW };
      expect((await store().update(late)).kept).toBe(false);
      expect(await store().saveInput(id, 1, '{}')).toBe(false);
      expect((await store().findDelivery(id))?.state).toBe('canceled');
    });

    it('leaves to a revision what was retried or released, and plans nothing for what a person canceled', async () => {
      const actions = ['retried', 'released', 'canceled'];
      const first = newEvent({ deliveries: actions.map((action) => planned({ action })) });
      await store().accept(first);
      for (const [index, one] of (await claimAll(store())).entries())
        await store().update(
          updateOf(one, index === 1 ? 'held' : 'dead', { outcome: 'retry', reason: 'timeout' }),
        );
      const [retried, released, canceled] = first.deliveries.map(({ id }) => id) as [string, string, string];
      await store().command(retried, RETRY, NOW);
      await store().command(released, RELEASE, NOW);
      await store().command(canceled, CANCEL, NOW);

      const fresh = actions.map((action) => planned({ action }));
      const { source, callId } = first;
      await store().accept(newEvent({ source, callId, deliveries: fresh }));
      const found = await store().listDeliveries({ limit: 10 });
      const stateOf = (id: string) => found.find((delivery) => delivery.id === id)?.state ?? 'none';
      expect([retried, released, canceled].map(stateOf)).toEqual(['canceled', 'canceled', 'canceled']);
      expect(fresh.map(({ id }) => stateOf(id))).toEqual(['pending', 'pending', 'none']);
    });
  });

  describe('commandMany', () => {
    const many = (over: Partial<BulkCommand> = {}) =>
      store().commandMany({ filter: {}, command: RETRY, now: NOW, changedBefore: NOW, limit: 100, ...over });

    it('takes the states that a bulk command means when the filter names none', async () => {
      for (const state of DELIVERY_STATES) await bringTo(state, { action: state });
      expect(await many({ command: RELEASE })).toEqual({ count: 1, destinations: ['to-held'] });
      expect(await many()).toEqual({ count: 1, destinations: ['to-dead'] });
      expect(await many()).toEqual({ count: 0, destinations: [] });
      const canceled = await many({ command: CANCEL, now: NOW + 1, changedBefore: NOW + 1 });
      expect([canceled.count, canceled.destinations.sort()]).toEqual([
        3,
        ['to-dead', 'to-held', 'to-pending'],
      ]);
    });

    it('gives nothing for a state that does not take the command', async () => {
      await bringTo('delivered');
      await bringTo('dead');
      expect(await many({ filter: { state: 'delivered' } })).toMatchObject({ count: 0 });
      expect(await many({ filter: { state: [] } })).toMatchObject({ count: 0 });
      expect(await many({ filter: { state: ['delivered', 'dead'] } })).toMatchObject({ count: 1 });
    });

    it('takes the oldest first, in batches, until none is left', async () => {
      const deliveries = Array.from({ length: 7 }, (_, i) => planned({ action: `a${i}`, state: 'held' }));
      for (const [index, delivery] of deliveries.entries())
        await store().accept(newEvent({ deliveries: [delivery], receivedAt: RECEIVED_AT + 10 - index }));
      const counts: number[] = [];
      const released: string[][] = [];
      for (let count = 1; count > 0; counts.push(count)) {
        ({ count } = await many({ command: RELEASE, limit: 3 }));
        const open = await store().listDeliveries({ state: 'held', limit: 10 });
        released.push(open.map(({ action }) => action));
      }
      expect(counts).toEqual([3, 3, 1, 0]);
      // The last to be stored here were received first.
      expect(released[0]).toEqual(['a0', 'a1', 'a2', 'a3']);
      expect(released[1]).toEqual(['a0']);
    });

    it('takes every filter, and passes by what was changed meanwhile', async () => {
      const id = await bringTo('dead', { rule: 'mine' });
      await bringTo('dead', { rule: 'other' });
      expect(await many({ filter: { rule: 'mine' }, changedBefore: RECEIVED_AT })).toMatchObject({
        count: 0,
      });
      expect(await many({ filter: { rule: 'mine', destination: 'to-dead' } })).toMatchObject({ count: 1 });
      expect((await store().findDelivery(id))?.state).toBe('pending');
      expect(await store().countMatching({ state: 'dead' })).toBe(1);
    });

    it('shares what is there among bulk commands that run together', async () => {
      const deliveries = Array.from({ length: 30 }, (_, i) => planned({ action: `a${i}`, state: 'held' }));
      await store().accept(newEvent({ deliveries }));
      const results = await Promise.all(
        Array.from({ length: 6 }, () => many({ command: RELEASE, limit: 10 })),
      );
      expect(results.reduce((sum, { count }) => sum + count, 0)).toBe(30);
      expect(await store().countDeliveries()).toEqual({ pending: 30 });
    });
  });

  describe('any order of commands, claims and updates', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constantFrom('retry', 'release', 'cancel'), which: fc.nat(3) }),
      fc.record({ do: fc.constantFrom('claim', 'recover', 'bulk'), which: fc.nat(3) }),
      fc.record({
        do: fc.constantFrom('delivered', 'dead', 'held', 'pending', 'skipped', 'canceled'),
        which: fc.nat(3),
      }),
    );
    /** What a step is allowed to do: a claim, a crash or the outcome of an attempt moves as `canMove` says. */
    const takes = (kind: string, from: DeliveryState, to: DeliveryState): boolean => {
      if (kind === 'retry' || kind === 'release' || kind === 'cancel')
        return TAKES_COMMAND[kind].includes(from);
      if (kind === 'bulk') return TAKES_COMMAND.retry.includes(from);
      return canMove(from, to);
    };

    it('keeps every delivery to the states it may go to', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          const states = ['pending', 'pending', 'held', 'skipped'] as const;
          const destination = `lane-${Math.random()}`;
          const deliveries = states.map((state, i) => planned({ state, destination, action: `a${i}` }));
          const event = newEvent({ deliveries });
          await store().accept(event);
          const fences = new Map<string, number>();
          const look = async () => store().listDeliveries({ eventId: event.id, limit: 10 });
          let before = await look();
          for (const { do: kind, which } of steps) {
            await act(store(), kind, deliveries[which]!.id, destination, fences);
            const after = await look();
            for (const [index, { state, fence }] of after.entries()) {
              const from = before[index]!.state;
              if (from !== state && !takes(kind, from, state))
                throw new Error(`${kind} brought ${from} to ${state}`);
              expect(fence).toBeGreaterThanOrEqual(before[index]!.fence);
            }
            before = after;
          }
        }),
        { numRuns: 60 },
      );
    });
  });
}

async function act(
  store: Store,
  kind: string,
  id: string,
  destination: string,
  fences: Map<string, number>,
): Promise<void> {
  const now = NOW;
  if (kind === 'retry' || kind === 'cancel') await store.command(id, { do: kind }, now);
  else if (kind === 'release') await store.command(id, RELEASE, now);
  else if (kind === 'recover') await store.recover(now);
  else if (kind === 'bulk')
    await store.commandMany({
      filter: { destination },
      command: RETRY,
      now,
      changedBefore: now + 1,
      limit: 2,
    });
  else if (kind === 'claim') {
    const claimed = await store.claim({ now, slots: { [destination]: 2 }, leaseMs: 0 });
    for (const { delivery } of claimed) fences.set(delivery.id, delivery.fence);
  } else {
    const state = kind as DeliveryUpdate['state'];
    await store.update({ id, fence: fences.get(id) ?? 0, state, reason: null, dueAt: now, now });
  }
}
