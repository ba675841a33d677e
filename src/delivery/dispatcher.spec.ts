import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { z } from 'zod';
import { type Adapter, type SendRequest } from '../adapters/adapter.js';
import { type DestinationConfig, type Config } from '../config/config.js';
import { LiveConfig } from '../config/live.js';
import { type AttemptOutcome } from '../domain/attempt.js';
import { type PlannedDelivery } from '../domain/delivery.js';
import { DEFAULT_RETRY_WAITS_MS } from '../domain/retry-policy.js';
import { newId } from '../lib/ids.js';
import { canonicalJson, type Json } from '../lib/json.js';
import { InProcessQueue } from '../queue/in-process/in-process-queue.js';
import { type ActionContent, type RuleSetContent } from '../rules/rule.js';
import { source } from '../sources/autocalls/autocalls.source.js';
import { openSqliteStore } from '../store/sqlite/sqlite-store.js';
import { type Store, StoreUnavailableError } from '../store/store.js';
import { type AttemptReport } from './carrier.js';
import { Dispatcher } from './dispatcher.js';
import { RuleSetCache } from '../plan/rule-set-cache.js';

const call = {
  id: 1,
  status: 'completed',
  extracted_variables: { summary: 'wants a demo' },
  customer_phone: '+4366412345',
};
const START = 1_736_937_300_000;

let dir: string;
let store: Store;
let dispatcher: Dispatcher;
let sent: SendRequest[];
let reports: AttemptReport[];
let answer: (request: SendRequest) => AttemptOutcome | Promise<AttemptOutcome>;
let live: LiveConfig;
let queue: InProcessQueue;
/** How far the clock is behind the timers, which may fire a moment early. */
let behindMs: number;
let onTrouble: (error: unknown) => void;

beforeEach(async () => {
  jest.useFakeTimers({
    now: START,
    doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'hrtime'],
  });
  dir = await mkdtemp(join(tmpdir(), 'aftercall-dispatcher-'));
  store = await openSqliteStore({ file: join(dir, 'a.db'), thread: false });
  sent = [];
  reports = [];
  behindMs = 0;
  onTrouble = (error) => {
    throw error;
  };
  answer = () => ({ outcome: 'delivered' });
  live = new LiveConfig(config());
  queue = new InProcessQueue();
  dispatcher = newDispatcher();
});

afterEach(async () => {
  await dispatcher.stop(0);
  await store.close();
  await rm(dir, { recursive: true, force: true });
  jest.useRealTimers();
});

function newDispatcher(): Dispatcher {
  const clock = { now: () => Date.now() - behindMs };
  const unused = { send: () => Promise.reject(new Error('not used')) };
  return new Dispatcher({
    ...{ store, live, queue, clock, http: unused, mail: unused },
    ruleSets: new RuleSetCache(store, live),
    kinds: new Map(),
    print: () => undefined,
    random: () => 0.5,
    observe: (report) => void reports.push(report),
    onTrouble: (error) => onTrouble(error),
  });
}

const kind: Adapter = {
  kind: 'desk',
  description: 'A destination that answers as the test says.',
  options: z.object({}),
  operations: {
    tell: {
      description: 'Tells.',
      audience: 'system',
      input: z.strictObject({ text: z.string().optional() }),
    },
  },
  defaultOperation: 'tell',
  send: async (request) => {
    sent.push(request);
    return answer(request);
  },
};

function destination(name: string, changes: Partial<DestinationConfig> = {}): DestinationConfig {
  return {
    ...{
      name,
      adapter: kind,
      operations: kind.operations,
      defaultOperation: 'tell',
      options: {},
      enabled: true,
    },
    ...{
      only: null,
      retryWaitsMs: [...DEFAULT_RETRY_WAITS_MS],
      timeoutMs: 1_000,
      concurrency: 5,
      rate: null,
    },
    ...changes,
  };
}

function ruleSet(action: Partial<ActionContent> = {}): RuleSetContent {
  const actions = [
    {
      id: 'a',
      to: 'desk',
      do: null,
      with: {},
      onlyIf: null,
      ifMissing: null,
      onRevision: 'refresh' as const,
      ...action,
    },
  ];
  const rule = {
    ...{ id: 'r', file: 'rules/r.yaml', title: null, state: 'live' as const, sources: 'all' as const },
    ...{ condition: { match: 'everything' }, missing: 'undecided' as const, stop: false, catchAll: false },
    ...{ order: 0, maxAgeMs: null, actions },
  };
  return { timezone: 'UTC', tables: {}, calendars: {}, templates: {}, rules: [rule] };
}

function config(destinations = [destination('desk')], rules = ruleSet(), fingerprint = 'one'): Config {
  const from = {
    name: 'autocalls',
    source,
    tokens: [],
    allowIps: [],
    timezone: null,
    labels: {},
    expectEveryMs: null,
  };
  return {
    ...{ dir: null, timezone: 'UTC', server: { host: '', port: 0, publicUrl: null, trustedProxies: [] } },
    ...{ storage: '', queue: null, adminToken: null, sources: new Map([['autocalls', from]]), tables: {} },
    ...{
      scopeLabel: null,
      egressAllow: [],
      egressProxy: false,
      retention: { eventsMs: null, bodiesMs: null },
      alerts: [],
      ruleSet: rules,
      fingerprint,
      warnings: [],
      secrets: [],
    },
    destinations: new Map(destinations.map((one) => [one.name, one])),
  };
}

let calls = 0;

/** Stores an event with deliveries, as intake does, and wakes the dispatcher. */
async function plan(...planned: Partial<PlannedDelivery>[]): Promise<string[]> {
  const { fingerprint, config: current } = live.current();
  await store.saveRuleSet(fingerprint, canonicalJson(current.ruleSet as unknown as Json));
  const deliveries = planned.map((one) => ({
    ...{ id: newId(), rule: 'r', action: 'a', destination: 'desk', kind: 'desk', operation: 'tell' },
    ...{
      state: 'pending' as const,
      reason: null,
      dueAt: Date.now(),
      onRevision: 'refresh' as const,
      ordered: false,
      input: null,
    },
    ...one,
  }));
  calls += 1;
  await store.accept({
    ...{
      id: newId(),
      intent: 'call',
      source: 'autocalls',
      eventKind: 'call',
      callId: String(calls),
      scope: '',
    },
    ...{ contentHash: String(calls), receivedAt: Date.now(), contact: null, labels: {}, contentType: null },
    ...{
      problems: [],
      raw: Buffer.from(JSON.stringify(call)),
      ruleSet: fingerprint,
      decisions: [],
      deliveries,
    },
  });
  queue.wake(deliveries.map((one) => one.destination));
  return deliveries.map(({ id }) => id);
}

/** Lets the event loop turn until nothing more happens at this moment. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function later(ms: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
  await settled();
}

async function delivery(id: string | undefined) {
  const found = await store.findDelivery(id ?? '');
  if (!found) throw new Error('no such delivery');
  return found;
}

describe('Dispatcher', () => {
  it('sends what is planned, once, and records the attempt', async () => {
    await dispatcher.start();
    const [id] = await plan({});
    await settled();
    expect(sent).toHaveLength(1);
    expect(await delivery(id)).toMatchObject({ state: 'delivered', attemptCount: 1, reason: null });
    expect(await store.listAttempts(id ?? '')).toMatchObject([{ number: 1, outcome: 'delivered' }]);
  });

  it('renders once and sends the same input and key on every attempt', async () => {
    live.swap(
      config([destination('desk')], ruleSet({ with: { text: '{{ extracted_variables.summary }}' } }), 'two'),
    );
    answer = () => ({ outcome: 'retry', reason: 'server_error', httpStatus: 500 });
    await dispatcher.start();
    const [id] = await plan({});
    await settled();
    live.swap(config([destination('desk')], ruleSet({ with: { text: 'another text' } }), 'three'));
    await later(5_000);
    expect(sent.map(({ input }) => input)).toEqual([{ text: 'wants a demo' }, { text: 'wants a demo' }]);
    expect(new Set(sent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect(await delivery(id)).toMatchObject({ state: 'pending', attemptCount: 2, reason: 'server_error' });
  });

  it('walks the whole schedule and then gives up', async () => {
    answer = () => ({ outcome: 'retry', reason: 'connection' });
    await dispatcher.start();
    const [id] = await plan({});
    await settled();
    for (const waitMs of DEFAULT_RETRY_WAITS_MS) {
      expect(await delivery(id)).toMatchObject({ state: 'pending' });
      await later(waitMs);
    }
    expect(sent).toHaveLength(11);
    expect(await delivery(id)).toMatchObject({ state: 'dead', reason: 'connection', attemptCount: 11 });
  });

  it('does not try again what was rejected', async () => {
    answer = () => ({ outcome: 'rejected', reason: 'client_error', httpStatus: 422 });
    await dispatcher.start();
    const [id] = await plan({});
    await settled();
    expect(await delivery(id)).toMatchObject({ state: 'dead', reason: 'client_error', attemptCount: 1 });
  });

  it('sends nothing to a lane before its Retry-After, and lets other lanes go on', async () => {
    live.swap(config([destination('desk', { concurrency: 1 }), destination('other')]));
    answer = ({ destination: name }) =>
      name === 'desk' && sent.length === 1
        ? { outcome: 'retry', reason: 'rate_limited', afterMs: 7_000 }
        : { outcome: 'delivered' };
    await dispatcher.start();
    await plan({}, {}, {});
    await settled();
    await plan({ destination: 'other' });
    await settled();
    expect(sent.map(({ destination: name }) => name)).toEqual(['desk', 'other']);
    await later(6_999);
    expect(sent).toHaveLength(2);
    await later(1);
    expect(sent).toHaveLength(5);
    expect(await store.countDeliveries()).toEqual({ delivered: 4 });
  });

  it.each<AttemptOutcome & { waitMs: number }>([
    { outcome: 'retry', reason: 'rate_limited', afterMs: 7_000, waitMs: 7_000 },
    { outcome: 'retry', reason: 'server_error', waitMs: 5_000 },
  ])('sends in time what falls due while it is looking ($reason)', async ({ waitMs, ...outcome }) => {
    live.swap(config([destination('desk'), destination('other')]));
    answer = () => (sent.length === 1 ? outcome : { outcome: 'delivered' });
    await dispatcher.start();
    const [id] = await plan({});
    await settled();
    const claim = store.claim.bind(store);
    jest.spyOn(store, 'claim').mockImplementation((request) => {
      behindMs = 0;
      return claim(request);
    });
    behindMs = 1;
    await later(waitMs);
    await later(1);
    expect(await delivery(id)).toMatchObject({ state: 'delivered', attemptCount: 2 });
  });

  it('keeps a backlog from hiding what other lanes have due later', async () => {
    live.swap(config([destination('desk', { concurrency: 1 }), destination('other')]));
    answer = ({ destination: name }) =>
      name === 'desk' ? new Promise<AttemptOutcome>(() => undefined) : { outcome: 'delivered' };
    await plan({}, {}, {}, {}, {});
    const [soon, late] = await plan(
      { destination: 'other', dueAt: START + 2_000 },
      { destination: 'other', dueAt: START + 4_000 },
    );
    await dispatcher.start();
    for (let second = 0; second < 6; second += 1) await later(1_000);
    const states = [await delivery(soon), await delivery(late)].map(({ state }) => state);
    // The one that hangs would keep this dispatcher from stopping.
    dispatcher = newDispatcher();
    expect(states).toEqual(['delivered', 'delivered']);
  });

  it('serves a wake-up that comes while the next due time is looked up', async () => {
    const nextDueAt = store.nextDueAt.bind(store);
    const ids: string[] = [];
    jest.spyOn(store, 'nextDueAt').mockImplementationOnce(async () => {
      const due = await nextDueAt();
      ids.push(...(await plan({})));
      await settled();
      return due;
    });
    await dispatcher.start();
    await settled();
    await settled();
    expect(await delivery(ids[0])).toMatchObject({ state: 'delivered' });
  });

  it('closes the lane when credentials are refused, and charges nothing', async () => {
    answer = () => ({ outcome: 'unauthorized', reason: 'unauthorized', httpStatus: 401 });
    await dispatcher.start();
    const [id] = await plan({});
    await settled();
    expect(await delivery(id)).toMatchObject({ state: 'pending', chargedCount: 0, attemptCount: 1 });
    await plan({});
    await settled();
    expect(sent).toHaveLength(1);
  });

  it('keeps a broken lane from delaying a healthy one', async () => {
    live.swap(config([destination('desk', { concurrency: 1 }), destination('other')]));
    answer = ({ destination: name }) =>
      name === 'desk' ? new Promise<AttemptOutcome>(() => undefined) : { outcome: 'delivered' };
    await dispatcher.start();
    await plan({}, {}, {});
    const [id] = await plan({ destination: 'other' });
    await settled();
    expect(await delivery(id)).toMatchObject({ state: 'delivered' });
    answer = () => ({ outcome: 'delivered' });
    dispatcher = newDispatcher();
  });

  it('skips what only_if refuses, and holds what it cannot decide with the path', async () => {
    const onlyIf = (match: Json) =>
      config([destination('desk')], ruleSet({ onlyIf: { match } }), JSON.stringify(match));
    live.swap(onlyIf({ status: 'busy' }));
    await dispatcher.start();
    const [skipped] = await plan({});
    await settled();
    live.swap(onlyIf({ duration: { '>': 3 } }));
    const [held] = await plan({});
    await settled();
    expect(await delivery(skipped)).toMatchObject({ state: 'skipped', reason: 'only_if', attemptCount: 0 });
    expect(await delivery(held)).toMatchObject({ state: 'held', reason: 'undecided: duration' });
    expect(sent).toHaveLength(0);
  });

  it('holds a text with a missing variable instead of sending a hole', async () => {
    live.swap(
      config([destination('desk')], ruleSet({ with: { text: 'Dear {{ lead.variables.name }}' } }), 'hole'),
    );
    await dispatcher.start();
    const [id] = await plan({});
    await settled();
    expect(await delivery(id)).toMatchObject({ state: 'held', reason: 'missing: lead.variables.name' });
  });

  it('holds what was planned for a destination that is gone', async () => {
    const [id] = await plan({ destination: 'former' });
    await dispatcher.start();
    await settled();
    expect(await delivery(id)).toMatchObject({ state: 'held', reason: 'destination_gone' });
  });

  it('leaves a disabled destination waiting and goes on when it is enabled', async () => {
    live.swap(config([destination('desk', { enabled: false })]));
    await dispatcher.start();
    const [id] = await plan({});
    await settled();
    expect(await delivery(id)).toMatchObject({ state: 'pending', attemptCount: 0 });
    live.swap(config());
    await settled();
    expect(await delivery(id)).toMatchObject({ state: 'delivered' });
  });

  it('never sends past a fence', async () => {
    live.swap(config([destination('desk', { only: { client: 'acme' } })]));
    await dispatcher.start();
    const [id] = await plan({});
    await settled();
    expect(await delivery(id)).toMatchObject({ state: 'skipped', reason: 'fenced' });
  });

  it('counts an adapter that throws as our own fault and tries again', async () => {
    answer = () => Promise.reject(new Error('a bug'));
    await dispatcher.start();
    const [id] = await plan({});
    await settled();
    expect(await delivery(id)).toMatchObject({ state: 'pending', reason: 'internal' });
    expect(reports[0]?.result).toMatchObject({ outcome: 'retry', reason: 'internal', message: 'a bug' });
  });

  it('takes up again what it had claimed when the store went away before the sending', async () => {
    const trouble = new StoreUnavailableError('locked');
    const troubles: unknown[] = [];
    onTrouble = (error) => void troubles.push(error);
    jest.spyOn(store, 'saveInput').mockRejectedValueOnce(trouble);
    jest.spyOn(store, 'update').mockRejectedValueOnce(trouble);
    await dispatcher.start();
    const [id] = await plan({});
    await settled();
    expect(await delivery(id)).toMatchObject({ state: 'sending' });
    await later(500);
    expect(await delivery(id)).toMatchObject({ state: 'delivered', attemptCount: 1 });
    expect(sent).toHaveLength(1);
    expect(troubles).toEqual([trouble, trouble]);
  });

  it('holds what it fails to prepare through a fault of its own', async () => {
    const troubles: unknown[] = [];
    onTrouble = (error) => void troubles.push(error);
    jest.spyOn(store, 'saveInput').mockRejectedValueOnce(new Error('a bug'));
    await dispatcher.start();
    const [id] = await plan({});
    await settled();
    expect(await delivery(id)).toMatchObject({ state: 'held', reason: 'internal', attemptCount: 0 });
    expect(troubles).toEqual([new Error('a bug')]);
  });

  it('takes up what an earlier process left in sending', async () => {
    const [id] = await plan({});
    await store.claim({ now: Date.now(), slots: { desk: 1 }, leaseUntil: Date.now() + 15_000 });
    await dispatcher.start();
    await settled();
    expect(await delivery(id)).toMatchObject({ state: 'delivered' });
  });

  it('sends what falls due later at its time', async () => {
    await dispatcher.start();
    const [id] = await plan({ dueAt: START + 30_000 });
    await settled();
    expect(sent).toHaveLength(0);
    await later(60_000);
    expect(await delivery(id)).toMatchObject({ state: 'delivered' });
  });

  it('charges nothing for what it cuts off itself when it stops', async () => {
    answer = ({ signal }) =>
      new Promise<AttemptOutcome>((resolve) => {
        signal.addEventListener('abort', () => resolve({ outcome: 'unknown', reason: 'timeout' }));
      });
    await dispatcher.start();
    const [id] = await plan({});
    await settled();
    const stopped = dispatcher.stop(5_000);
    await later(5_000);
    await stopped;
    expect(await delivery(id)).toMatchObject({ state: 'pending', attemptCount: 1, chargedCount: 0 });
  });

  it('gives back what waits for a slot when it stops', async () => {
    live.swap(config([destination('desk', { concurrency: 1 })]));
    let end: (outcome: AttemptOutcome) => void = () => undefined;
    answer = () => new Promise<AttemptOutcome>((resolve) => (end = resolve));
    await dispatcher.start();
    const ids = await plan({}, {}, {});
    await settled();
    const stopped = dispatcher.stop(15_000);
    end({ outcome: 'delivered' });
    await settled();
    await stopped;
    const states = await Promise.all(ids.map(async (id) => (await delivery(id)).state));
    expect(states.sort()).toEqual(['delivered', 'pending', 'pending']);
    expect(sent).toHaveLength(1);
  });
});
