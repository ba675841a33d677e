import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { endTrial, later, startTrial } from '../../test/support/dispatcher-clock.js';
import { type DispatcherTrial, ruleSet, settled } from '../../test/support/dispatcher-trial.js';
import { type AttemptOutcome } from '../domain/attempt.js';
import { DEFAULT_RETRY_WAITS_MS } from '../domain/retry-policy.js';
import { type Json } from '../lib/json.js';
import { StoreUnavailableError } from '../store/store.js';

const START = 1_736_937_300_000;

let trial: DispatcherTrial;

beforeEach(async () => {
  trial = await startTrial(START);
});
afterEach(() => endTrial(trial));

describe('Dispatcher', () => {
  it('sends what is planned, once, and records the attempt', async () => {
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    expect(trial.sent).toHaveLength(1);
    expect(await trial.delivery(id)).toMatchObject({ state: 'delivered', attemptCount: 1, reason: null });
    expect(await trial.store.listAttempts(id ?? '')).toMatchObject([{ number: 1, outcome: 'delivered' }]);
  });

  it('renders once and sends the same input and key on every attempt', async () => {
    trial.live.swap(
      trial.config(
        [trial.destination('desk')],
        ruleSet({ with: { text: '{{ extracted_variables.summary }}' } }),
        'two',
      ),
    );
    trial.answer = () => ({ outcome: 'retry', reason: 'server_error', httpStatus: 500 });
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    trial.live.swap(
      trial.config([trial.destination('desk')], ruleSet({ with: { text: 'another text' } }), 'three'),
    );
    await later(5_000);
    expect(trial.sent.map(({ input }) => input)).toEqual([
      { text: 'wants a demo' },
      { text: 'wants a demo' },
    ]);
    expect(new Set(trial.sent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect(await trial.delivery(id)).toMatchObject({
      state: 'pending',
      attemptCount: 2,
      reason: 'server_error',
    });
  });

  it('walks the whole schedule and then gives up', async () => {
    const retryWaitsMs = DEFAULT_RETRY_WAITS_MS.slice(0, 4);
    trial.live.swap(trial.config([trial.destination('desk', { retryWaitsMs })]));
    trial.answer = () => ({ outcome: 'retry', reason: 'connection' });
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    for (const waitMs of retryWaitsMs) {
      expect(await trial.delivery(id)).toMatchObject({ state: 'pending' });
      await later(waitMs);
    }
    expect(trial.sent).toHaveLength(5);
    expect(await trial.delivery(id)).toMatchObject({ state: 'dead', reason: 'connection', attemptCount: 5 });
  });

  it('does not try again what was rejected', async () => {
    trial.answer = () => ({ outcome: 'rejected', reason: 'client_error', httpStatus: 422 });
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    expect(await trial.delivery(id)).toMatchObject({
      state: 'dead',
      reason: 'client_error',
      attemptCount: 1,
    });
  });

  it('sends nothing to a lane before its Retry-After, and lets other lanes go on', async () => {
    trial.live.swap(
      trial.config([trial.destination('desk', { concurrency: 1 }), trial.destination('other')]),
    );
    trial.answer = ({ destination: name }) =>
      name === 'desk' && trial.sent.length === 1
        ? { outcome: 'retry', reason: 'rate_limited', afterMs: 7_000 }
        : { outcome: 'delivered' };
    await trial.dispatcher.start();
    await trial.plan({}, {}, {});
    await settled();
    await trial.plan({ destination: 'other' });
    await settled();
    expect(trial.sent.map(({ destination: name }) => name)).toEqual(['desk', 'other']);
    await later(6_999);
    expect(trial.sent).toHaveLength(2);
    await later(1);
    expect(trial.sent).toHaveLength(5);
    expect(await trial.store.countDeliveries()).toEqual({ delivered: 4 });
  });

  it.each<AttemptOutcome & { waitMs: number }>([
    { outcome: 'retry', reason: 'rate_limited', afterMs: 7_000, waitMs: 7_000 },
    { outcome: 'retry', reason: 'server_error', waitMs: 5_000 },
  ])('sends in time what falls due while it is looking ($reason)', async ({ waitMs, ...outcome }) => {
    trial.live.swap(trial.config([trial.destination('desk'), trial.destination('other')]));
    trial.answer = () => (trial.sent.length === 1 ? outcome : { outcome: 'delivered' });
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    const claim = trial.store.claim.bind(trial.store);
    jest.spyOn(trial.store, 'claim').mockImplementation((request) => {
      trial.behindMs = 0;
      return claim(request);
    });
    trial.behindMs = 1;
    await later(waitMs);
    await later(1);
    expect(await trial.delivery(id)).toMatchObject({ state: 'delivered', attemptCount: 2 });
  });

  it('keeps a backlog from hiding what other lanes have due later', async () => {
    trial.live.swap(
      trial.config([trial.destination('desk', { concurrency: 1 }), trial.destination('other')]),
    );
    trial.answer = ({ destination: name }) =>
      name === 'desk' ? new Promise<AttemptOutcome>(() => undefined) : { outcome: 'delivered' };
    await trial.plan({}, {}, {}, {}, {});
    const [soon, late] = await trial.plan(
      { destination: 'other', dueAt: START + 2_000 },
      { destination: 'other', dueAt: START + 4_000 },
    );
    await trial.dispatcher.start();
    for (let second = 0; second < 6; second += 1) await later(1_000);
    const states = [await trial.delivery(soon), await trial.delivery(late)].map(({ state }) => state);
    // The one that hangs would keep this dispatcher from stopping.
    trial.dispatcher = trial.newDispatcher();
    expect(states).toEqual(['delivered', 'delivered']);
  });

  it('serves a wake-up that comes while the next due time is looked up', async () => {
    const nextDueAt = trial.store.nextDueAt.bind(trial.store);
    const ids: string[] = [];
    jest.spyOn(trial.store, 'nextDueAt').mockImplementationOnce(async () => {
      const due = await nextDueAt();
      ids.push(...(await trial.plan({})));
      await settled();
      return due;
    });
    await trial.dispatcher.start();
    await settled();
    await settled();
    expect(await trial.delivery(ids[0])).toMatchObject({ state: 'delivered' });
  });

  it('closes the lane when credentials are refused, and charges nothing', async () => {
    trial.answer = () => ({ outcome: 'unauthorized', reason: 'unauthorized', httpStatus: 401 });
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    expect(await trial.delivery(id)).toMatchObject({ state: 'pending', chargedCount: 0, attemptCount: 1 });
    await trial.plan({});
    await settled();
    expect(trial.sent).toHaveLength(1);
  });

  it('keeps a broken lane from delaying a healthy one', async () => {
    trial.live.swap(
      trial.config([trial.destination('desk', { concurrency: 1 }), trial.destination('other')]),
    );
    trial.answer = ({ destination: name }) =>
      name === 'desk' ? new Promise<AttemptOutcome>(() => undefined) : { outcome: 'delivered' };
    await trial.dispatcher.start();
    await trial.plan({}, {}, {});
    const [id] = await trial.plan({ destination: 'other' });
    await settled();
    expect(await trial.delivery(id)).toMatchObject({ state: 'delivered' });
    trial.answer = () => ({ outcome: 'delivered' });
    trial.dispatcher = trial.newDispatcher();
  });

  it('skips what only_if refuses, and holds what it cannot decide with the path', async () => {
    const onlyIf = (match: Json) =>
      trial.config([trial.destination('desk')], ruleSet({ onlyIf: { match } }), JSON.stringify(match));
    trial.live.swap(onlyIf({ status: 'busy' }));
    await trial.dispatcher.start();
    const [skipped] = await trial.plan({});
    await settled();
    trial.live.swap(onlyIf({ duration: { '>': 3 } }));
    const [held] = await trial.plan({});
    await settled();
    expect(await trial.delivery(skipped)).toMatchObject({
      state: 'skipped',
      reason: 'only_if',
      attemptCount: 0,
    });
    expect(await trial.delivery(held)).toMatchObject({ state: 'held', reason: 'undecided: duration' });
    expect(trial.sent).toHaveLength(0);
  });

  it('holds a text with a missing variable instead of sending a hole', async () => {
    trial.live.swap(
      trial.config(
        [trial.destination('desk')],
        ruleSet({ with: { text: 'Dear {{ lead.variables.name }}' } }),
        'hole',
      ),
    );
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    expect(await trial.delivery(id)).toMatchObject({ state: 'held', reason: 'missing: lead.variables.name' });
  });

  it('holds what was planned for a destination that is gone', async () => {
    const [id] = await trial.plan({ destination: 'former' });
    await trial.dispatcher.start();
    await settled();
    expect(await trial.delivery(id)).toMatchObject({ state: 'held', reason: 'destination_gone' });
  });

  it('leaves a disabled destination waiting and goes on when it is enabled', async () => {
    trial.live.swap(trial.config([trial.destination('desk', { enabled: false })]));
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    expect(await trial.delivery(id)).toMatchObject({ state: 'pending', attemptCount: 0 });
    trial.live.swap(trial.config());
    await settled();
    expect(await trial.delivery(id)).toMatchObject({ state: 'delivered' });
  });

  it('never sends past a fence', async () => {
    trial.live.swap(trial.config([trial.destination('desk', { only: { client: 'acme' } })]));
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    expect(await trial.delivery(id)).toMatchObject({ state: 'skipped', reason: 'fenced' });
  });

  it('counts an adapter that throws as our own fault and tries again', async () => {
    trial.answer = () => Promise.reject(new Error('a bug'));
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    expect(await trial.delivery(id)).toMatchObject({ state: 'pending', reason: 'internal' });
    expect(trial.reports[0]?.result).toMatchObject({
      outcome: 'retry',
      reason: 'internal',
      message: 'a bug',
    });
  });

  it('takes up again what it had claimed when the store went away before the sending', async () => {
    const trouble = new StoreUnavailableError('locked');
    const troubles: unknown[] = [];
    trial.onTrouble = (error) => void troubles.push(error);
    jest.spyOn(trial.store, 'saveInput').mockRejectedValueOnce(trouble);
    jest.spyOn(trial.store, 'update').mockRejectedValueOnce(trouble);
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    expect(await trial.delivery(id)).toMatchObject({ state: 'sending' });
    await later(500);
    expect(await trial.delivery(id)).toMatchObject({ state: 'delivered', attemptCount: 1 });
    expect(trial.sent).toHaveLength(1);
    expect(troubles).toEqual([trouble, trouble]);
  });

  it('holds what it fails to prepare through a fault of its own', async () => {
    const troubles: unknown[] = [];
    trial.onTrouble = (error) => void troubles.push(error);
    jest.spyOn(trial.store, 'saveInput').mockRejectedValueOnce(new Error('a bug'));
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    expect(await trial.delivery(id)).toMatchObject({ state: 'held', reason: 'internal', attemptCount: 0 });
    expect(troubles).toEqual([new Error('a bug')]);
  });

  it('takes up what an earlier process left in sending', async () => {
    const [id] = await trial.plan({});
    await trial.store.claim({ now: Date.now(), slots: { desk: 1 }, leaseMs: 0 });
    await trial.dispatcher.start();
    await settled();
    expect(await trial.delivery(id)).toMatchObject({ state: 'delivered' });
  });

  it('sends what falls due later at its time', async () => {
    await trial.dispatcher.start();
    const [id] = await trial.plan({ dueAt: START + 30_000 });
    await settled();
    expect(trial.sent).toHaveLength(0);
    await later(60_000);
    expect(await trial.delivery(id)).toMatchObject({ state: 'delivered' });
  });

  it('charges nothing for what it cuts off itself when it stops', async () => {
    trial.answer = ({ signal }) =>
      new Promise<AttemptOutcome>((resolve) => {
        signal.addEventListener('abort', () => resolve({ outcome: 'unknown', reason: 'timeout' }));
      });
    await trial.dispatcher.start();
    const [id] = await trial.plan({});
    await settled();
    const stopped = trial.dispatcher.stop(5_000);
    await later(5_000);
    await stopped;
    expect(await trial.delivery(id)).toMatchObject({ state: 'pending', attemptCount: 1, chargedCount: 0 });
  });

  it('gives back what waits for a slot when it stops', async () => {
    trial.live.swap(trial.config([trial.destination('desk', { concurrency: 1 })]));
    let end: (outcome: AttemptOutcome) => void = () => undefined;
    trial.answer = () => new Promise<AttemptOutcome>((resolve) => (end = resolve));
    await trial.dispatcher.start();
    const ids = await trial.plan({}, {}, {});
    await settled();
    const stopped = trial.dispatcher.stop(15_000);
    end({ outcome: 'delivered' });
    await settled();
    await stopped;
    const states = await Promise.all(ids.map(async (id) => (await trial.delivery(id)).state));
    expect(states.sort()).toEqual(['delivered', 'pending', 'pending']);
    expect(trial.sent).toHaveLength(1);
  });
});
