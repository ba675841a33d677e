import { describe, expect, it } from '@jest/globals';
import { type ContactLimits } from './domain/contact-limits.js';
import { Retention } from './retention.js';
import { type PruneRequest, type PruneResult } from './store/store.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const START = 1_736_937_300_000;
const DONE: PruneResult = { events: 0, bodies: 0, next: null };

/** Time passes only in sleeps: each moves the clock, and the one numbered `last` (from 1) never ends by itself. */
function setUp(
  last: number,
  answers: (PruneResult | Error)[],
  retention = keep(90, 30),
  contactLimits: ContactLimits = {},
) {
  let now = START;
  const sleeps: number[] = [];
  const requests: PruneRequest[] = [];
  const removed: object[] = [];
  const troubles: unknown[] = [];
  let reachedLast = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    reachedLast = resolve;
  });
  const live = { retention, contactLimits };
  const parts = new Retention({
    store: {
      prune: (request) => {
        requests.push(request);
        const answer = answers.shift() ?? DONE;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
    live: { current: () => ({ config: live }) },
    clock: { now: () => now },
    observe: (counts) => removed.push(counts),
    onTrouble: (error) => troubles.push(error),
    sleep: (ms, signal) => {
      sleeps.push(ms);
      now += ms;
      if (signal.aborted) return Promise.reject(new Error('stopped'));
      if (sleeps.length < last) return Promise.resolve();
      reachedLast();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    },
  });
  return { retention: parts, live, sleeps, requests, removed, troubles, reached };
}

function keep(eventDays: number | null, bodyDays: number | null) {
  const inMs = (days: number | null) => (days === null ? null : days * DAY_MS);
  return { eventsMs: inMs(eventDays), bodiesMs: inMs(bodyDays) };
}

describe('Retention', () => {
  it('prunes a minute after the start and then once an hour, by the age that is configured', async () => {
    const { retention, sleeps, requests, reached } = setUp(3, []);
    retention.start();
    await reached;
    await retention.stop();
    expect(sleeps).toEqual([60_000, HOUR_MS, HOUR_MS]);
    const first = START + 60_000;
    expect(requests).toMatchObject([
      { now: first, eventsBefore: first - 90 * DAY_MS, bodiesBefore: first - 30 * DAY_MS, after: null },
      { now: first + HOUR_MS, after: null },
    ]);
  });

  it('goes on in small batches with a pause between them, and counts what they removed', async () => {
    const next = { receivedAt: 5, seq: 7 };
    const answers = [
      { events: 3, bodies: 1, next },
      { events: 0, bodies: 0, next: { receivedAt: 6, seq: 8 } },
      { events: 0, bodies: 2, next: null },
    ];
    const { retention, sleeps, requests, removed, reached } = setUp(4, answers);
    retention.start();
    await reached;
    await retention.stop();
    expect(requests.map(({ after }) => after)).toEqual([null, next, { receivedAt: 6, seq: 8 }]);
    expect(removed).toEqual([
      { events: 3, bodies: 1 },
      { events: 0, bodies: 2 },
    ]);
    expect(sleeps[1]).toBeGreaterThan(0);
    expect(sleeps[1]).toBeLessThan(1_000);
    expect(sleeps[3]).toBe(HOUR_MS);
  });

  it('keeps for ever what the configuration says to keep', async () => {
    const { retention, live, requests, reached } = setUp(2, [], keep(null, null));
    retention.start();
    await reached;
    expect(requests).toEqual([]);
    await retention.stop();

    const bodies = setUp(2, [], keep(null, 30));
    bodies.retention.start();
    await bodies.reached;
    await bodies.retention.stop();
    expect(bodies.requests).toMatchObject([{ eventsBefore: null }]);
    expect(live.retention.eventsMs).toBeNull();
  });

  it('keeps whom something reached as long as a limit looks back, if that is longer', async () => {
    const before = async (contactLimits: ContactLimits, retention = keep(90, 30)) => {
      const set = setUp(2, [], retention, contactLimits);
      set.retention.start();
      await set.reached;
      await set.retention.stop();
      return set.requests.map(({ now, reachesBefore }) => reachesBefore && now - reachesBefore);
    };
    const per = (days: number) => ({ count: 1, perMs: days * DAY_MS });
    expect(await before({ any: per(7), sms: per(400) })).toEqual([400 * DAY_MS]);
    expect(await before({ any: per(7) })).toEqual([90 * DAY_MS]);
    expect(await before({ any: per(7) }, keep(null, 30))).toEqual([null]);
  });

  it('follows the configuration in force', async () => {
    const { retention, live, requests, reached } = setUp(2, []);
    live.retention = keep(7, null);
    retention.start();
    await reached;
    await retention.stop();
    expect(requests).toMatchObject([{ eventsBefore: START + 60_000 - 7 * DAY_MS, bodiesBefore: null }]);
  });

  it('reports trouble and tries again an hour later', async () => {
    const full = new Error('the store is unavailable');
    const { retention, sleeps, requests, troubles, reached } = setUp(3, [full]);
    retention.start();
    await reached;
    await retention.stop();
    expect(troubles).toEqual([full]);
    expect(requests).toHaveLength(2);
    expect(sleeps).toEqual([60_000, HOUR_MS, HOUR_MS]);
  });

  it('starts no batch once it is stopped, also between two of a pass', async () => {
    const next = { receivedAt: 5, seq: 7 };
    const between = setUp(2, [{ events: 1, bodies: 0, next }]);
    between.retention.start();
    await between.reached;
    await between.retention.stop();
    expect(between.requests).toHaveLength(1);

    const before = setUp(1, []);
    before.retention.start();
    await before.reached;
    await before.retention.stop();
    expect(before.requests).toEqual([]);
  });
});
