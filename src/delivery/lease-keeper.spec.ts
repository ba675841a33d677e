import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type HeldLease } from '../store/store.js';
import { LEASE_MS, LeaseKeeper } from './lease-keeper.js';

let renewed: (readonly HeldLease[])[];
let recovered: string[];
let left: { count: number; destinations: string[] };
let keeper: LeaseKeeper;

function start(isShared = true): void {
  keeper = new LeaseKeeper({
    store: {
      isShared,
      renew: (held) => {
        renewed.push(held);
        return Promise.resolve(held.map(({ id }) => id));
      },
      recover: () => Promise.resolve(left),
    },
    clock: { now: () => Date.now() },
    leaseMs: LEASE_MS,
    onRecovered: ({ destinations }) => recovered.push(...destinations),
    onTrouble: (error) => {
      throw error;
    },
  });
  keeper.start();
}

beforeEach(() => {
  jest.useFakeTimers();
  [renewed, recovered, left] = [[], [], { count: 0, destinations: [] }];
});
afterEach(async () => {
  await keeper.stop();
  jest.useRealTimers();
});

describe('LeaseKeeper', () => {
  it('renews what is held three times within a lease, and nothing that was released', async () => {
    start();
    keeper.holds({ id: 'a', fence: 1 });
    keeper.holds({ id: 'b', fence: 1 });
    keeper.released({ id: 'b', fence: 1 });
    await jest.advanceTimersByTimeAsync(LEASE_MS);
    expect(renewed).toEqual(Array(3).fill([{ id: 'a', fence: 1 }]));
  });

  it('holds on to what it claimed anew, though the end of the claim before comes late', async () => {
    start();
    keeper.holds({ id: 'a', fence: 1 });
    keeper.holds({ id: 'a', fence: 2 });
    keeper.released({ id: 'a', fence: 1 });
    await jest.advanceTimersByTimeAsync(LEASE_MS / 3);
    expect(renewed).toEqual([[{ id: 'a', fence: 2 }]]);
  });

  it('tells what was taken up of others, and asks for it though it holds nothing itself', async () => {
    left = { count: 2, destinations: ['crm'] };
    start();
    await jest.advanceTimersByTimeAsync(LEASE_MS / 3);
    expect([recovered, renewed]).toEqual([['crm'], []]);
  });

  it('does nothing on a store of its own, which nobody else could take from', async () => {
    start(false);
    keeper.holds({ id: 'a', fence: 1 });
    left = { count: 1, destinations: ['crm'] };
    await jest.advanceTimersByTimeAsync(10 * LEASE_MS);
    expect([renewed, recovered]).toEqual([[], []]);
  });
});
