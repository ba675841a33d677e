import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { type AdmissionRequest } from '../queue.js';
import { Limits } from './limits.js';
import { RedisLimits } from './redis-limits.js';

const request: AdmissionRequest = { destination: 'crm', count: 1, concurrency: 9, rate: null };
const rated: AdmissionRequest = { ...request, rate: { count: 2, perMs: 1_000 } };

/** Grants everything, and keeps what it was told. */
class GenerousRedis extends RedisLimits {
  fails = false;
  readonly renewed: Parameters<RedisLimits['renew']>[] = [];
  readonly released: [id: string, made: boolean][] = [];

  override admit(requests: readonly AdmissionRequest[]) {
    if (this.fails) return Promise.reject(new Error('gone'));
    return Promise.resolve(requests.map(({ count }) => ({ granted: count, waitMs: -1 })));
  }

  override renew(...told: Parameters<RedisLimits['renew']>): Promise<void> {
    this.renewed.push(told);
    return this.fails ? Promise.reject(new Error('gone')) : Promise.resolve();
  }

  override release(permits: Parameters<RedisLimits['release']>[0]): Promise<void> {
    this.released.push(...permits.map(({ id, made }): [string, boolean] => [id, made]));
    return Promise.resolve();
  }
}

describe('Limits', () => {
  let now: number;
  let isLeader: boolean;
  let redis: GenerousRedis;
  let limits: Limits;
  const client = new Redis({ lazyConnect: true });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const ask = async (asked: AdmissionRequest = request) => (await limits.admit([asked]))[0]!;
  const joinAgain = () => {
    redis.fails = false;
    return limits.join();
  };
  const loseRedis = async () => {
    redis.fails = true;
    await limits.tick();
  };

  beforeEach(() => {
    now = 1_000_000;
    isLeader = false;
    limits = new Limits({
      clock: { now: () => now },
      isLeader: () => isLeader,
      onTrouble: () => undefined,
      isConnected: () => true,
      askServer: () => Promise.resolve('run-1'),
      redis: (holder) => (redis = new GenerousRedis(client, 'test', holder)),
    });
  });
  afterEach(() => limits.close());

  it('asks Redis from the first join on, without waiting', async () => {
    expect((await ask()).permits).toEqual([]);
    await limits.join();
    expect((await ask()).permits).toHaveLength(1);
  });

  it('renews what is held, and what is given back is given back', async () => {
    await limits.join();
    const [one, two] = [(await ask()).permits[0]!, (await ask()).permits[0]!];
    limits.release(one.id, true);
    limits.release(one.id, true);
    await turn();
    expect(redis.released).toEqual([[one.id, true]]);
    await limits.tick();
    expect(redis.renewed.at(-1)![0].map(({ id }) => id)).toEqual([two.id]);
  });

  it('lets the leader alone serve: nothing for 2 s, and under a rate not for its span', async () => {
    await limits.join();
    isLeader = true;
    await limits.tick();
    await loseRedis();
    expect(await ask()).toMatchObject({ permits: [], askAgainAt: now + 2_000 });
    expect(await ask(rated)).toMatchObject({ permits: [], askAgainAt: now + 3_000 });
    now += 2_000;
    expect((await ask()).permits).toHaveLength(1);
    expect((await ask(rated)).permits).toEqual([]);
    now += 1_000;
    expect((await ask({ ...rated, count: 5 })).permits).toHaveLength(2);
    isLeader = false;
    expect(await ask()).toMatchObject({ permits: [], askAgainAt: now + 1_000 });
  });

  it('lets a new leader wait for what the one before it permitted', async () => {
    await limits.join();
    await loseRedis();
    now += 60_000;
    isLeader = true;
    expect(await ask(rated)).toMatchObject({ permits: [], askAgainAt: now + 3_000 });
  });

  it('tells Redis what was permitted without it, and waits 2 s for the others to do so', async () => {
    isLeader = true;
    await limits.tick();
    limits.lose();
    now += 3_000;
    const [used, open] = (await ask({ ...rated, count: 2 })).permits;
    now += 100;
    limits.release(used!.id, true);
    now += 10;
    await joinAgain();
    const [held, server, arrivals] = redis.renewed.at(-1)!;
    expect([held.map(({ id }) => id), server]).toEqual([[open!.id], 'run-1']);
    expect(arrivals).toEqual([
      { id: used!.id, destination: 'crm', ageMs: 9, perMs: 1_000 },
      { id: open!.id, destination: 'crm', ageMs: -290, perMs: 1_000 },
    ]);
    expect(await ask()).toMatchObject({ permits: [], askAgainAt: now + 2_000 });
    now += 2_000;
    expect((await ask()).permits).toHaveLength(1);
  });

  it('grants nothing while Redis learns what is held', async () => {
    isLeader = true;
    const joining = limits.join();
    expect(await ask()).toMatchObject({ permits: [], askAgainAt: now + 100 });
    await joining;
    expect((await ask()).permits).toHaveLength(1);
  });

  it('gives back later what ended while Redis was away, and what it may have granted in vain', async () => {
    await limits.join();
    const { permits } = await ask();
    redis.fails = true;
    expect((await ask({ ...request, count: 2 })).permits).toEqual([]);
    limits.release(permits[0]!.id, true);
    await turn();
    expect(redis.released).toEqual([]);
    await joinAgain();
    const [holder] = permits[0]!.id.split(/-\d+$/);
    expect(redis.released).toEqual([
      [`${holder}-1`, false],
      [`${holder}-2`, false],
      [permits[0]!.id, true],
    ]);
  });
});
