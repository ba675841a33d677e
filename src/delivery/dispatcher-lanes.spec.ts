import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { endTrial, later, startTrial } from '../../test/support/dispatcher-clock.js';
import { type DispatcherTrial, ruleSet, settled } from '../../test/support/dispatcher-trial.js';
import { type AttemptOutcome } from '../domain/attempt.js';
import { pausedKey } from '../domain/destination-settings.js';

const START = 1_736_937_300_000;
const delivered: AttemptOutcome = { outcome: 'delivered' };
const down: AttemptOutcome = { outcome: 'retry', reason: 'server_error', httpStatus: 500 };
const refused: AttemptOutcome = { outcome: 'unauthorized', reason: 'unauthorized', httpStatus: 401 };
const timedOut: AttemptOutcome = { outcome: 'unknown', reason: 'timeout' };

let trial: DispatcherTrial;

beforeEach(async () => {
  trial = await startTrial(START);
});
afterEach(() => endTrial(trial));

const many = (count: number) => Array.from({ length: count }, () => ({}));
const lane = (name = 'desk') => trial.dispatcher.lanes().find((one) => one.name === name);

/** Starts, and opens the lane of `desk` by ten failures; answers the ids of all that was planned. */
async function opened(planned = 10): Promise<string[]> {
  trial.answer = () => down;
  await trial.dispatcher.start();
  const ids = await trial.plan(...many(planned));
  await settled();
  return ids;
}

describe('a lane whose destination keeps failing', () => {
  it('opens after ten failures, claims nothing more, and says so', async () => {
    await opened(40);
    // Four of the five that ran at once ended after the tenth failure at most.
    expect(trial.sent.length).toBeGreaterThanOrEqual(10);
    expect(trial.sent.length).toBeLessThan(15);
    expect(trial.changes).toEqual([{ destination: 'desk', change: 'opened', why: 'server_error' }]);
    expect(lane()).toEqual({
      ...{ name: 'desk', state: 'open', reason: 'server_error', since: START, opensAt: START + 5_000 },
      running: 0,
    });
    expect(await trial.store.countDeliveries()).toEqual({ pending: 40 });
    const reasons = (await trial.store.listDeliveries({ limit: 100 })).map(({ reason }) => reason);
    expect(new Set(reasons)).toEqual(new Set(['server_error', 'destination_open', null]));
  });

  it('probes with one delivery after 5 s, doubling, and charges nothing meanwhile', async () => {
    const ids = await opened(40);
    const charged = async () => {
      const all = await Promise.all(ids.map((id) => trial.delivery(id)));
      return all.reduce((sum, { chargedCount }) => sum + chargedCount, 0);
    };
    const before = trial.sent.length;
    const chargedBefore = await charged();
    expect(chargedBefore).toBe(10);
    const sentSince: number[] = [];
    for (const waitMs of [4_999, 1, 9_999, 1, 19_999, 1, 39_999, 1]) {
      await later(waitMs);
      sentSince.push(trial.sent.length - before);
    }
    expect(sentSince).toEqual([0, 1, 1, 2, 2, 3, 3, 4]);
    expect(await charged()).toBe(chargedBefore);
    expect(new Set(trial.sent.slice(before).map(({ idempotencyKey }) => idempotencyKey)).size).toBe(4);
  });

  it('goes on with everything, within its limits, when a probe is delivered', async () => {
    const limited = trial.destination('desk', { rate: { count: 20, perMs: 60_000 } });
    trial.live.swap(trial.config([limited]));
    await opened(40);
    trial.answer = () => delivered;
    await later(5_000);
    expect(trial.changes.at(-1)).toEqual({ destination: 'desk', change: 'closed', why: 'delivered' });
    expect(lane()).toMatchObject({ state: 'ready', reason: null, opensAt: null });
    for (let second = 0; second < 180; second += 1) await later(1_000);
    expect(await trial.store.countDeliveries()).toEqual({ delivered: 40 });
    const times = trial.sent.map(({ now }) => now);
    const inOneMinute = times.map((time) => times.filter((other) => other >= time && other < time + 60_000));
    expect(Math.max(...inOneMinute.map((those) => those.length))).toBeLessThanOrEqual(20);
  });

  it('runs no more at once than before when it closes', async () => {
    await opened(60);
    let running = 0;
    let most = 0;
    trial.answer = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return delivered;
    };
    await later(5_000);
    for (let turn = 0; turn < 20; turn += 1) await later(1_000);
    expect(await trial.store.countDeliveries()).toEqual({ delivered: 60 });
    expect(most).toBe(5);
  });

  it('closes for a destination that is alive and rejects', async () => {
    await opened();
    trial.answer = () => ({ outcome: 'rejected', reason: 'client_error' });
    await later(5_000);
    expect(trial.changes.at(-1)).toMatchObject({ change: 'closed', why: 'client_error' });
    expect((await trial.store.countDeliveries()).dead).toBeGreaterThan(0);
  });

  it('tries the next one when a gate stops the probe', async () => {
    trial.live.swap(trial.config([trial.destination('desk', { concurrency: 1 })]));
    const [first] = await opened(12);
    trial.answer = () => delivered;
    trial.live.swap(trial.config([trial.destination('desk', { concurrency: 1, only: { client: 'acme' } })]));
    await later(5_000);
    expect(await trial.delivery(first)).toMatchObject({ state: 'skipped', reason: 'fenced' });
    expect(await trial.store.countDeliveries()).toEqual({ skipped: 12 });
    expect(lane()).toMatchObject({ state: 'open' });
  });

  it('takes another delivery for its next probe, so that one that always fails holds up nobody', async () => {
    trial.live.swap(trial.config([trial.destination('desk', { concurrency: 1 })]));
    const ids: string[] = [];
    trial.answer = ({ idempotencyKey }) => (idempotencyKey.endsWith(ids[0] ?? '-') ? down : delivered);
    await trial.dispatcher.start();
    ids.push(...(await trial.plan({})));
    for (let minutes = 0; minutes < 26 * 60 && lane()?.state !== 'open'; minutes += 5) await later(300_000);
    expect(lane()).toMatchObject({ state: 'open' });
    ids.push(...(await trial.plan({}, {})));
    await later(15 * 60_000);
    await later(15 * 60_000);
    expect((await trial.states(ids)).slice(1)).toEqual(['delivered', 'delivered']);
  });

  it('leaves the other lanes alone', async () => {
    trial.live.swap(trial.config([trial.destination('desk'), trial.destination('other')]));
    trial.answer = ({ destination }) => (destination === 'desk' ? down : delivered);
    await trial.dispatcher.start();
    await trial.plan(...many(30));
    await settled();
    const [id] = await trial.plan({ destination: 'other' });
    await settled();
    expect(await trial.delivery(id)).toMatchObject({ state: 'delivered' });
    expect([lane()?.state, lane('other')?.state]).toEqual(['open', 'ready']);
  });
});

describe('a lane whose credentials are refused', () => {
  it('opens at once, and is probed as soon as its options are others', async () => {
    trial.answer = () => refused;
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    for (const waitMs of [5_000, 10_000, 20_000]) await later(waitMs);
    expect(trial.sent).toHaveLength(4);
    expect(await trial.delivery(id)).toMatchObject({
      ...{ state: 'pending', reason: 'unauthorized', chargedCount: 0 },
    });
    trial.answer = () => delivered;
    trial.live.swap(trial.config([trial.destination('desk', { concurrency: 2 })]));
    await settled();
    expect(trial.sent).toHaveLength(4);
    trial.live.swap(trial.config([trial.destination('desk', { options: { token: 'new' } })]));
    await settled();
    expect(await trial.delivery(id)).toMatchObject({ state: 'delivered' });
    expect(trial.changes.map(({ change }) => change)).toEqual(['opened', 'closed']);
  });

  it('is probed at once when a person asks, and then sends all that waited and nothing that is due later', async () => {
    trial.answer = () => refused;
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    const waiting = await trial.plan({}, {});
    const [followUp] = await trial.plan({ dueAt: START + 10_000 });
    await later(5_000);
    expect(trial.reports.at(-1)).toMatchObject({ state: 'pending', dueAt: START + 15_000 });
    trial.answer = () => delivered;
    trial.dispatcher.probe(['desk']);
    await settled();
    expect(await trial.states([id ?? '', ...waiting])).toEqual(['delivered', 'delivered', 'delivered']);
    expect(await trial.delivery(followUp)).toMatchObject({ state: 'pending', attemptCount: 0 });
  });

  it('tells that it is closed when its destination is gone, and holds what was planned for it', async () => {
    trial.answer = () => refused;
    await trial.dispatcher.start();
    const ids = await trial.plan({}, { dueAt: START + 90_000 });
    await settled();
    trial.live.swap(trial.config([trial.destination('other')]));
    await settled();
    expect(trial.changes.at(-1)).toEqual({ destination: 'desk', change: 'closed', why: 'destination_gone' });
    expect(await trial.states(ids)).toEqual(['held', 'pending']);
    await later(60_000);
    await later(60_000);
    expect(await trial.states(ids)).toEqual(['held', 'held']);
    expect(trial.dispatcher.lanes().map(({ name }) => name)).toEqual(['other']);
  });
});

describe('a lane that waits', () => {
  it('is not opened before its Retry-After by a person', async () => {
    trial.answer = () => ({ outcome: 'retry', reason: 'rate_limited', afterMs: 7_000 });
    await trial.dispatcher.start();
    await trial.plan({});
    await settled();
    expect(lane()).toMatchObject({ state: 'waiting', reason: 'rate_limited', opensAt: START + 7_000 });
    trial.answer = () => delivered;
    trial.dispatcher.probe(['desk']);
    await later(6_999);
    expect(trial.sent).toHaveLength(1);
    await later(1);
    expect(trial.sent).toHaveLength(2);
  });

  it('pauses while our own network fails: nothing is charged, and no breaker opens', async () => {
    trial.answer = () => ({ outcome: 'retry', reason: 'offline' });
    await trial.dispatcher.start();
    const ids = await trial.plan(...many(12));
    await settled();
    expect(trial.sent.length).toBeLessThanOrEqual(5);
    for (let nth = 0; nth < 20; nth += 1) await later(60_000);
    expect(lane()).toMatchObject({ state: 'waiting', reason: 'offline' });
    expect(trial.changes).toEqual([]);
    for (const id of ids)
      expect(await trial.delivery(id)).toMatchObject({ state: 'pending', chargedCount: 0 });
    trial.answer = () => delivered;
    await later(60_000);
    expect(await trial.store.countDeliveries()).toEqual({ delivered: 12 });
  });

  it('sends nothing while a person paused it, also after a restart, and goes on when it is resumed', async () => {
    await trial.store.putSetting(pausedKey('desk'), new Date(START - 1000).toISOString());
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await later(60_000);
    expect(lane()).toMatchObject({ state: 'paused', since: START - 1000, opensAt: null });
    trial.dispatcher.probe(['desk']);
    await settled();
    expect(trial.sent).toHaveLength(0);
    trial.dispatcher.setPaused('desk', false);
    await settled();
    expect(await trial.delivery(id)).toMatchObject({ state: 'delivered' });
    trial.dispatcher.setPaused('desk', true);
    await trial.plan({});
    await settled();
    expect(trial.sent).toHaveLength(1);
  });

  it('gives back what waited for a slot when a person pauses it, with the reason and its time', async () => {
    trial.live.swap(trial.config([trial.destination('desk', { concurrency: 1 })]));
    let end: (outcome: AttemptOutcome) => void = () => undefined;
    trial.answer = () => new Promise<AttemptOutcome>((resolve) => (end = resolve));
    await trial.dispatcher.start();
    const [, second] = await trial.plan({}, {});
    await settled();
    trial.dispatcher.setPaused('desk', true);
    end(delivered);
    await settled();
    expect(await trial.delivery(second)).toMatchObject({
      ...{ state: 'pending', reason: 'destination_paused', dueAt: START, attemptCount: 0 },
    });
  });
});

describe('an action', () => {
  const byAction = (action: Parameters<typeof ruleSet>[0]) =>
    trial.live.swap(trial.config([trial.destination('desk')], ruleSet(action), JSON.stringify(action)));

  it('has a schedule and a deadline of its own before those of the destination', async () => {
    byAction({ retryWaitsMs: [1_000], timeoutMs: 30_000 });
    trial.answer = () => down;
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    await later(1_000);
    expect(trial.sent.map(({ timeoutMs }) => timeoutMs)).toEqual([30_000, 30_000]);
    expect(await trial.delivery(id)).toMatchObject({ state: 'dead', chargedCount: 2 });
  });

  it('holds what was sent without an answer where it says so, and sends nothing again', async () => {
    byAction({ ifUnknown: 'hold' });
    trial.answer = () => timedOut;
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await later(60_000);
    expect(trial.sent).toHaveLength(1);
    expect(await trial.delivery(id)).toMatchObject({ state: 'held', reason: 'unknown: timeout' });
  });

  it.each(['hold', 'retry'] as const)('meets what a crash interrupted with %s', async (ifUnknown) => {
    byAction({ ifUnknown });
    const [id] = await trial.plan({});
    const [claimed] = await trial.store.claim({ now: START, slots: { desk: 1 }, leaseMs: 0 });
    await trial.store.saveInput(id ?? '', claimed?.delivery.fence ?? 0, '{}');
    await trial.dispatcher.start();
    await settled();
    expect(await trial.delivery(id)).toMatchObject(
      ifUnknown === 'hold' ? { state: 'held', reason: 'unknown: interrupted' } : { state: 'delivered' },
    );
    expect(trial.sent).toHaveLength(ifUnknown === 'hold' ? 0 : 1);
  });

  it('holds what it cut off itself when it stops, if nobody knows whether it arrived', async () => {
    byAction({ ifUnknown: 'hold' });
    trial.answer = ({ signal }) =>
      new Promise<AttemptOutcome>((resolve) => signal.addEventListener('abort', () => resolve(timedOut)));
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    const stopped = trial.dispatcher.stop(5_000);
    await later(5_000);
    await stopped;
    expect(await trial.delivery(id)).toMatchObject({ state: 'held', reason: 'unknown: timeout' });
  });

  it('is sent as a person released it', async () => {
    byAction({
      with: { text: 'Dear {{ lead.variables.name }}' },
      onlyIf: { match: { status: 'completed' } },
    });
    await trial.dispatcher.start();
    const [id = ''] = await trial.plan({});
    await settled();
    expect(await trial.delivery(id)).toMatchObject({ state: 'held', reason: 'missing: lead.variables.name' });
    await trial.store.command(id, { do: 'release', changes: { with: { text: 'Dear Ann' } } }, Date.now());
    trial.dispatcher.probe(['desk']);
    await settled();
    expect(trial.sent.map(({ input }) => input)).toEqual([{ text: 'Dear Ann' }]);
  });

  it('keeps the order of one contact where it says so, and holds up nobody else', async () => {
    const [ann, bob] = ['+4366411111', '+4366422222'];
    trial.answer = () => (trial.sent.length === 1 ? down : delivered);
    await trial.dispatcher.start();
    const ids: string[] = [];
    for (const contact of [ann, ann, ann, bob]) ids.push(...(await trial.plan({ ordered: true, contact })));
    await settled();
    expect(await trial.states(ids)).toEqual(['pending', 'pending', 'pending', 'delivered']);
    await later(5_000);
    expect(await trial.states(ids)).toEqual(['delivered', 'delivered', 'delivered', 'delivered']);
    const keys = trial.sent.map(({ idempotencyKey }) => idempotencyKey.replace('aftercall-', ''));
    expect(keys.filter((id) => id !== ids[3])).toEqual([ids[0], ids[0], ids[1], ids[2]]);
  });
});

describe('what falls due later', () => {
  it('is sent at its time, though it was accepted after the store was asked what is due next', async () => {
    await trial.dispatcher.start();
    await settled();
    const [id] = await trial.plan({ dueAt: START + 3_000 });
    await later(2_999);
    expect(trial.sent).toHaveLength(0);
    await later(1);
    expect(await trial.delivery(id)).toMatchObject({ state: 'delivered' });
  });
});

describe('runInLane', () => {
  const run = (outcome: AttemptOutcome) => trial.dispatcher.runInLane('desk', () => Promise.resolve(outcome));

  it('runs in a slot, and the lane learns from the outcome', async () => {
    await trial.dispatcher.start();
    expect(await run(delivered)).toEqual({ ran: true, result: delivered });
    expect(await run(refused)).toEqual({ ran: true, result: refused });
    expect(lane()).toMatchObject({ state: 'open', reason: 'unauthorized' });
    expect(await run(delivered)).toEqual({ ran: false, opensAt: START + 5_000 });
  });

  it('may be the probe of an open lane, one at a time', async () => {
    await trial.dispatcher.start();
    await run(refused);
    await later(5_000);
    const [first, second] = await Promise.all([run(delivered), run(delivered)]);
    expect([first?.ran, second?.ran]).toEqual([true, false]);
    expect(lane()).toMatchObject({ state: 'ready' });
  });

  it('counts for the rate', async () => {
    trial.live.swap(trial.config([trial.destination('desk', { rate: { count: 1, perMs: 10_000 } })]));
    await trial.dispatcher.start();
    await run(delivered);
    const [id] = await trial.plan({});
    await later(9_999);
    expect(await trial.delivery(id)).toMatchObject({ state: 'pending' });
    await later(1);
    expect(await trial.delivery(id)).toMatchObject({ state: 'delivered' });
    expect(await run(delivered)).toEqual({ ran: false, opensAt: START + 20_000 });
  });

  it('does not run at a destination that is paused, switched off or gone, or once the process stops', async () => {
    trial.live.swap(trial.config([trial.destination('desk'), trial.destination('off', { enabled: false })]));
    await trial.dispatcher.start();
    trial.dispatcher.setPaused('desk', true);
    const work = () => Promise.resolve(delivered);
    for (const name of ['desk', 'off', 'nobody'])
      expect(await trial.dispatcher.runInLane(name, work)).toEqual({ ran: false, opensAt: null });
    trial.dispatcher.setPaused('desk', false);
    await trial.dispatcher.stop(0);
    expect(await run(delivered)).toEqual({ ran: false, opensAt: null });
  });
});
