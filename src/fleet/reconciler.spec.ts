import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type LiveRuleSet } from '../config/live.js';
import { type WakeUp } from '../queue/queue.js';
import { type DueDestination } from '../store/store.js';
import { Reconciler } from './reconciler.js';

const START = 1_736_937_300_000;
let due: DueDestination[];
let asked: number[];
let woken: WakeUp[];
let lookedAt: string[];
let oldest: number[];
let reach: 'process' | 'fleet';
let leads: boolean;
let reconciler: Reconciler;

const isDue = (destination: string, forMs: number): DueDestination => ({
  ...{ destination, deliveryId: `of-${destination}`, attemptCount: 2, dueAt: Date.now() - forMs },
});

function start(isShared = true): void {
  const config = { destinations: new Map([['crm', {}]]) };
  reconciler = new Reconciler({
    store: {
      isShared,
      dueDestinations: (before) => {
        asked.push(before - Date.now());
        return Promise.resolve(due.filter(({ dueAt }) => dueAt <= before));
      },
    },
    queue: {
      get reach() {
        return reach;
      },
      wake: (those) => void woken.push(...those),
    },
    live: { current: () => ({ config }) as unknown as LiveRuleSet },
    clock: { now: () => Date.now() },
    leads: () => leads,
    lookAtGone: (those) => void lookedAt.push(...those),
    onLook: (ms) => oldest.push(ms),
    onTrouble: (error) => {
      throw error;
    },
  });
  reconciler.start();
}

beforeEach(() => {
  jest.useFakeTimers({ now: START });
  [due, asked, woken, lookedAt, oldest, reach, leads] = [[], [], [], [], [], 'process', false];
});
afterEach(async () => {
  await reconciler.stop();
  jest.useRealTimers();
});

describe('Reconciler', () => {
  it('wakes each second for what is due, where wake-ups reach only their own process', async () => {
    due = [isDue('crm', 500)];
    start();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(woken).toEqual([{ destination: 'crm', id: 'of-crm-2' }]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect([woken.length, asked, oldest]).toEqual([2, [0, 0], [1_500, 2_500]]);
  });

  it('leaves that to the leader where wake-ups reach all, and lets the usual ones come first', async () => {
    reach = 'fleet';
    due = [isDue('crm', 500)];
    start();
    await jest.advanceTimersByTimeAsync(1_000);
    expect([asked, woken, oldest]).toEqual([[], [], [0]]);
    leads = true;
    await jest.advanceTimersByTimeAsync(1_000);
    expect([asked, woken]).toEqual([[-1_000], [{ destination: 'crm', id: 'of-crm-2' }]]);
  });

  it('leaves alone for a minute what another process may know, and then looks itself: nobody listens for it', async () => {
    due = [isDue('new', 0)];
    start();
    await jest.advanceTimersByTimeAsync(59_000);
    expect([woken, lookedAt]).toEqual([[], []]);
    await jest.advanceTimersByTimeAsync(2_000);
    expect([woken, lookedAt]).toEqual([[], ['new']]);
  });

  it('does not look at a store of its own: nobody else plans there', async () => {
    start(false);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(asked).toEqual([]);
  });
});
