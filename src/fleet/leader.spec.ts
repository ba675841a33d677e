import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Leader, LEADER_LEASE_MS } from './leader.js';

/** One lease that any number of leaders ask for; its clock is the fake one. */
class LeaseStore {
  isShared = true;
  isAway = false;
  holder: string | null = null;
  until = 0;

  lead(_name: string, holder: string, leaseMs: number): Promise<boolean> {
    if (this.isAway) return Promise.reject(new Error('away'));
    if (this.holder !== holder && Date.now() < this.until) return Promise.resolve(false);
    this.holder = holder;
    this.until = Date.now() + leaseMs;
    return Promise.resolve(true);
  }

  resign(_name: string, holder: string): Promise<void> {
    if (this.holder === holder) this.until = 0;
    return Promise.resolve();
  }
}

let store: LeaseStore;
const troubles: unknown[] = [];
const started: Leader[] = [];

async function newLeader(id: string, canLead = true) {
  const changes: boolean[] = [];
  const leader = new Leader({
    ...{ store, id, canLead },
    onChange: (leads) => changes.push(leads),
    onTrouble: (error) => troubles.push(error),
    monotonicNow: () => Date.now(),
  });
  started.push(leader);
  await leader.start();
  return { leader, changes };
}

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
  store = new LeaseStore();
  troubles.length = 0;
});
afterEach(async () => {
  for (const leader of started.splice(0)) await leader.stop();
  jest.useRealTimers();
});

const later = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('Leader', () => {
  it('is the first that asks, and stays it for as long as it lives', async () => {
    const first = await newLeader('a');
    const second = await newLeader('b');
    await later(10 * LEADER_LEASE_MS);
    expect([first.leader.leads(), second.leader.leads()]).toEqual([true, false]);
    expect([first.changes, second.changes]).toEqual([[true], []]);
  });

  it('is followed at once by another when it stops, and after the lease when it died', async () => {
    const first = await newLeader('a');
    const second = await newLeader('b');
    await first.leader.stop();
    await later(LEADER_LEASE_MS / 3);
    expect([first.leader.leads(), second.leader.leads()]).toEqual([false, true]);

    store.holder = 'one that died';
    store.until = Date.now() + LEADER_LEASE_MS;
    await later(LEADER_LEASE_MS / 3);
    expect(second.leader.leads()).toBe(false);
    await later(LEADER_LEASE_MS);
    expect(second.leader.leads()).toBe(true);
  });

  it('no longer takes itself for it once its lease has ended while the store was away', async () => {
    const { leader, changes } = await newLeader('a');
    store.isAway = true;
    await later(LEADER_LEASE_MS - 1);
    expect(leader.leads()).toBe(true);
    await later(1);
    expect(leader.leads()).toBe(false);
    expect(troubles).toHaveLength(3);

    store.isAway = false;
    await later(LEADER_LEASE_MS / 3);
    expect(leader.leads()).toBe(true);
    expect(changes.at(-1)).toBe(true);
  });

  it('counts its lease from before it asked, so that a slow answer makes it no longer', async () => {
    const asked = jest.spyOn(store, 'lead').mockImplementation(async () => {
      await later(10_000);
      return true;
    });
    const { leader } = await newLeader('a');
    asked.mockRestore();
    store.isAway = true;
    await later(LEADER_LEASE_MS - 10_000);
    expect(leader.leads()).toBe(false);
  });

  it('is never one that may not lead, and always one that is alone on its store', async () => {
    const { leader } = await newLeader('a', false);
    expect([leader.leads(), store.holder]).toEqual([false, null]);
    store.isShared = false;
    const alone = await newLeader('b');
    expect([alone.leader.leads(), alone.changes, store.holder]).toEqual([true, [true], null]);
  });
});
