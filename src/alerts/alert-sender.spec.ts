import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { z } from 'zod';
import { FakeAlertStore } from '../../test/support/fake-alert-store.js';
import { type Adapter, type SendRequest } from '../adapters/adapter.js';
import { type AlertConfig, type DestinationConfig } from '../config/config.js';
import { type LiveRuleSet } from '../config/live.js';
import { type AttemptOutcome } from '../domain/attempt.js';
import { newId } from '../lib/ids.js';
import { type NewAlert, StoreUnavailableError } from '../store/store.js';
import { createTemplates } from '../templates/templates.js';
import { type AlertReport, AlertSender } from './alert-sender.js';

const START = Date.UTC(2025, 0, 15, 10);

let store: FakeAlertStore;
let alerts: AlertConfig[];
let destinations: Map<string, DestinationConfig>;
let sent: SendRequest[];
let reports: AlertReport[];
let answer: (request: SendRequest) => AttemptOutcome | Promise<AttemptOutcome>;
let isOpen: (destination: string) => boolean;
let sender: AlertSender;
let lanes: AbortController;
/** What the sender says whenever a lane learns from an attempt. */
let judged: boolean[];

beforeEach(() => {
  jest.useFakeTimers({ now: START });
  store = new FakeAlertStore();
  alerts = [{ to: 'ops', with: {}, on: null }];
  destinations = new Map([destination('ops'), destination('mail')].map((one) => [one.name, one]));
  sent = [];
  reports = [];
  answer = () => ({ outcome: 'delivered' });
  isOpen = () => false;
  lanes = new AbortController();
  judged = [];
  sender = newSender();
  sender.start();
});

afterEach(async () => {
  lanes.abort();
  await sender.stop();
  jest.useRealTimers();
});

const kind: Adapter = {
  kind: 'desk',
  description: 'A destination that answers as the test says.',
  options: z.object({}),
  operations: {
    tell: { description: 'Tells.', audience: 'colleagues', input: z.strictObject({ text: z.string() }) },
  },
  defaultOperation: 'tell',
  send: async (request) => {
    sent.push(request);
    return answer(request);
  },
};

function destination(name: string, changes: Partial<DestinationConfig> = {}): DestinationConfig {
  const { operations, defaultOperation = null } = kind;
  return {
    ...{ name, adapter: kind, operations, defaultOperation, options: {}, enabled: true, only: null },
    ...{ retryWaitsMs: [10_000, 60_000], timeoutMs: 1_000, concurrency: 5, rate: null },
    ...changes,
  };
}

function newSender(): AlertSender {
  const unused = { send: () => Promise.reject(new Error('not used')) };
  const templates = createTemplates({ timezone: 'UTC', tables: {}, files: {} });
  return new AlertSender({
    ...{ store, http: unused, mail: unused, kinds: new Map(), print: () => undefined },
    live: { current: () => ({ config: { alerts, destinations }, templates }) as unknown as LiveRuleSet },
    clock: { now: () => Date.now() },
    random: () => 0.5,
    runInLane: async (name, work) => {
      if (isOpen(name)) return { ran: false };
      const result = await work(lanes.signal);
      judged.push(sender.isJudged(name));
      return { ran: true, result };
    },
    observe: (report) => void reports.push(report),
    onTrouble: () => undefined,
  });
}

function raise(cause: string, changes: Partial<NewAlert> = {}): void {
  const alert = { id: newId(), entry: 0, destination: 'ops', cause, reason: 'dead', line: `${cause}.` };
  store.keep({ ...alert, count: 1, ...changes }, Date.now());
  sender.wake();
}

const later = (ms: number) => jest.advanceTimersByTimeAsync(ms);
const texts = () => sent.map(({ input }) => input.text as string);
const keys = () => sent.map(({ idempotencyKey }) => idempotencyKey);
const states = () => store.alerts.map(({ state }) => state);

describe('AlertSender', () => {
  it('gathers a burst into one message', async () => {
    raise('one');
    await later(1_000);
    raise('two');
    await later(10_000);
    expect(texts()).toEqual([expect.stringMatching(/^Aftercall:\n- .*one\.\n- .*two\.$/)]);
    expect(states()).toEqual(['sent', 'sent']);
    expect(reports).toMatchObject([{ result: 'sent' }]);
    expect(judged).toEqual([true]);
    expect(sender.isJudged('ops')).toBe(false);
  });

  it('sends one message for each entry', async () => {
    alerts.push({ to: 'mail', with: { text: 'Mail: {{ text }}' }, on: null });
    raise('one');
    raise('one', { entry: 1, destination: 'mail' });
    await later(5_000);
    expect(sent.map((request) => request.destination).sort()).toEqual(['mail', 'ops']);
    expect(texts().filter((text) => text.startsWith('Mail: Aftercall'))).toHaveLength(1);
  });

  it('finds what an earlier process left', async () => {
    store.keep({ id: '1', entry: 0, destination: 'ops', cause: 'c', reason: 'dead', line: 'l', count: 1 }, 0);
    await later(5_000);
    expect(sent).toHaveLength(1);
  });

  it('repeats the same under the same key by the schedule, apart from what is new, and then gives up', async () => {
    answer = () => ({ outcome: 'retry', reason: 'server_error', httpStatus: 500 });
    raise('one');
    await later(7_000);
    raise('two');
    await later(200_000);
    const [first, second] = [texts()[0], texts().find((text) => text.includes('two'))];
    expect(texts().filter((text) => text === first)).toHaveLength(3);
    expect(texts().filter((text) => text === second)).toHaveLength(3);
    expect(texts()).toHaveLength(6);
    expect(new Set(keys()).size).toBe(2);
    expect(states()).toEqual(['gave_up', 'gave_up']);
    const results = reports.map(({ result }) => result);
    expect(results.filter((result) => result === 'gave_up')).toHaveLength(2);
  });

  it('gives up what is rejected, at once', async () => {
    answer = () => ({ outcome: 'rejected', reason: 'client_error' });
    raise('one');
    await later(60_000);
    expect(sent).toHaveLength(1);
    expect(states()).toEqual(['gave_up']);
  });

  it('waits while the lane takes nothing, charges nothing, and then tells all at once', async () => {
    isOpen = () => true;
    raise('one');
    await later(86_400_000);
    raise('two');
    await later(60_000);
    expect(sent).toEqual([]);
    isOpen = () => false;
    await later(5_000);
    expect(texts()).toEqual([expect.stringMatching(/one\.\n.*two\.$/)]);
    expect(store.alerts.map(({ attemptCount }) => attemptCount)).toEqual([1, 1]);
  });

  it('charges no refused credentials, no 429 and no network of our own that fails', async () => {
    const uncharged: AttemptOutcome[] = [
      { outcome: 'unauthorized', reason: 'unauthorized' },
      { outcome: 'retry', reason: 'rate_limited' },
      { outcome: 'retry', reason: 'offline' },
    ];
    answer = () => uncharged[sent.length - 1] ?? { outcome: 'delivered' };
    raise('one');
    await later(60_000);
    expect(sent).toHaveLength(4);
    expect(store.alerts).toMatchObject([{ state: 'sent', attemptCount: 1 }]);
  });

  it('waits for a destination that is switched off, and keeps no more than a hundred lines for it', async () => {
    destinations.set('ops', destination('ops', { enabled: false }));
    for (let i = 0; i < 130; i += 1) raise(`cause ${i}`);
    await later(60_000);
    expect(sent).toEqual([]);
    expect(states().filter((state) => state === 'gave_up')).toHaveLength(30);
    expect(states().indexOf('pending')).toBe(30);
  });

  it.each([
    ['the destination is gone', () => destinations.delete('ops')],
    ['no entry leads there any more', () => (alerts = [{ to: 'mail', with: {}, on: null }])],
    ['the destination needs what the entry does not give', () => (alerts[0] = unfit())],
  ])('gives up without an attempt where %s', async (_, change) => {
    raise('one');
    change();
    await later(5_000);
    expect(sent).toEqual([]);
    expect(reports).toMatchObject([{ result: 'gave_up', outcome: null, problem: expect.any(String) }]);
  });

  it('follows an entry whose place in the list has changed', async () => {
    raise('one');
    alerts = [
      { to: 'mail', with: {}, on: null },
      { to: 'ops', with: { text: 'moved: {{ text }}' }, on: null },
    ];
    await later(5_000);
    expect(texts()).toEqual([expect.stringMatching(/^moved: /)]);
  });

  it('tries again what an adapter throws', async () => {
    answer = () => {
      if (sent.length === 1) throw new Error('our own fault');
      return { outcome: 'delivered' };
    };
    raise('one');
    await later(20_000);
    expect(states()).toEqual(['sent']);
  });

  it('hands back what the last attempt left', async () => {
    answer = () =>
      sent.length > 1
        ? { outcome: 'delivered' }
        : { outcome: 'retry', reason: 'server_error', progress: ['b@example.com'] };
    raise('one');
    await later(20_000);
    expect(sent.map(({ progress }) => progress)).toEqual([null, ['b@example.com']]);
  });

  it('sends nothing twice because the store is out of order for a while', async () => {
    raise('one');
    answer = () => {
      store.failure = new StoreUnavailableError('disk full');
      return { outcome: 'delivered' };
    };
    await later(30_000);
    store.failure = null;
    await later(30_000);
    expect(sent).toHaveLength(1);
    expect(states()).toEqual(['sent']);
  });

  it('holds up no other entry while one does not answer', async () => {
    alerts.push({ to: 'mail', with: {}, on: null });
    answer = (request) => (request.destination === 'ops' ? untilAborted(request) : { outcome: 'delivered' });
    raise('one');
    await later(5_000);
    raise('two');
    raise('two', { entry: 1, destination: 'mail' });
    await later(30_000);
    expect(sent.map((request) => request.destination)).toEqual(['ops', 'mail']);
  });

  it('cuts off what is under way when it stops, and leaves it to the next process', async () => {
    answer = untilAborted;
    raise('one');
    await later(5_000);
    lanes.abort();
    await sender.stop();
    expect(store.alerts).toMatchObject([{ state: 'pending', attemptCount: 0 }]);
    expect(reports).toEqual([]);
  });
});

function untilAborted({ signal }: SendRequest): Promise<AttemptOutcome> {
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve({ outcome: 'unknown', reason: 'timeout' })),
  );
}

function unfit(): AlertConfig {
  return { to: 'ops', with: { text: { not: 'a text' } }, on: null };
}
