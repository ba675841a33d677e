import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { missingRedis, redisWithPrefix } from '../support/services.js';
import { type Machine, ask, askUntilGranted, mostInSpan, openMachine, until } from './queue-fixtures.js';

const why = await missingRedis();
const RATE = { count: 10, perMs: 1_000 };

(why ? describe.skip : describe)(`limits in Redis${why ? ` (${why})` : ''}`, () => {
  let place: ReturnType<typeof redisWithPrefix>;
  let redis: Redis;
  let machines: Machine[];
  const open = async (): Promise<Machine> => {
    const machine = await openMachine(place.url, { destinations: [] });
    machines.push(machine);
    return machine;
  };
  const key = (name: string): string => `${place.prefix}:limits:${name}`;
  const server = async (): Promise<string> => /^run_id:(\w+)/m.exec(await redis.info('server'))![1]!;

  beforeEach(async () => {
    place = redisWithPrefix();
    redis = new Redis(place.url.split('?')[0]!);
    machines = [];
    // As if the installation had run for a while: nobody waits for what may have been lost.
    await redis.set(key('since'), `${await server()} 1`);
  });
  afterEach(async () => {
    await Promise.all(machines.map(({ queue }) => queue.close()));
    await place.clear();
    redis.disconnect();
  });

  it('hold a rate over three machines in every sliding second, and use it', async () => {
    const starts: number[] = [];
    const began = Date.now();
    const work = async ({ queue }: Machine): Promise<void> => {
      while (Date.now() < began + 4_000) {
        const permits = await askUntilGranted(queue, { count: 4, rate: RATE });
        for (const permit of permits) {
          const now = Date.now();
          if (now <= permit.startBy) starts.push(now);
          queue.release(permit, now <= permit.startBy);
        }
      }
    };
    await Promise.all([await open(), await open(), await open()].map(work));
    expect(mostInSpan(starts, RATE.perMs)).toBeLessThanOrEqual(RATE.count);
    expect(starts.length).toBeGreaterThanOrEqual(28);
  });

  it('hold a concurrency over machines', async () => {
    const [one, two] = [await open(), await open()];
    const first = await ask(one.queue, { count: 2, concurrency: 3 });
    expect(first).toMatchObject({ permits: [{}, {}], askAgainAt: null });
    const second = await ask(two.queue, { count: 2, concurrency: 3 });
    expect(second.permits).toHaveLength(1);
    const inMs = second.askAgainAt! - Date.now();
    expect(inMs).toBeGreaterThan(0);
    expect(inMs).toBeLessThanOrEqual(150);
    one.queue.release(first.permits[0]!, true);
    expect(await askUntilGranted(two.queue, { concurrency: 3 })).toHaveLength(1);
  });

  it('tell when the rate has room again, and do not count what was not made', async () => {
    const { queue } = await open();
    const { permits } = await ask(queue, { count: 10, rate: RATE });
    expect(permits).toHaveLength(10);
    for (const permit of permits) expect(permit.startBy - Date.now()).toBeLessThanOrEqual(300);
    queue.release(permits[0]!, false);
    queue.release(permits[1]!, true);
    const released = await askUntilGranted(queue, { rate: RATE });
    expect(released).toHaveLength(1);
    const { askAgainAt } = await ask(queue, { rate: RATE });
    expect(askAgainAt! - Date.now()).toBeGreaterThan(800);
    expect(askAgainAt! - Date.now()).toBeLessThanOrEqual(1_001);
  });

  it('answer for many destinations at once, each by its own limits', async () => {
    const { queue } = await open();
    const admissions = await queue.admit([
      { destination: 'crm', count: 2, concurrency: 1, rate: null },
      { destination: 'mail', count: 2, concurrency: 5, rate: null },
      { destination: 'crm', count: 1, concurrency: 1, rate: null },
    ]);
    expect(admissions.map(({ permits }) => permits.length)).toEqual([1, 2, 0]);
  });

  it('keep a permit for as long as its holder lives, and free it 15 s after', async () => {
    const [one, two] = [await open(), await open()];
    await ask(one.queue, { concurrency: 1 });
    const [id = ''] = await redis.zrange(key('running:crm'), '0', '0');
    const expiresAt = async () => Number(await redis.zscore(key('running:crm'), id));
    const first = await expiresAt();
    expect(first - Date.now()).toBeGreaterThan(13_000);
    expect(first - Date.now()).toBeLessThanOrEqual(15_001);
    await until(async () => (await expiresAt()) > first);
    expect((await ask(two.queue, { concurrency: 1 })).permits).toEqual([]);
    // The holder is dead, and its 15 s are over.
    await redis.del(key('running:crm'));
    await redis.zadd(key('running:crm'), Date.now() - 1, 'dead-1');
    expect((await ask(two.queue, { concurrency: 1 })).permits).toHaveLength(1);
  });

  it('are given back by who closes', async () => {
    const [one, two] = [await open(), await open()];
    await ask(one.queue, { concurrency: 1 });
    await one.queue.close();
    expect((await ask(two.queue, { concurrency: 1 })).permits).toHaveLength(1);
  });

  it('survive that the keys are lost: what is held is known again before anything is granted', async () => {
    const [one, two] = [await open(), await open()];
    const starts: number[] = [];
    const rated = async (): Promise<void> => {
      const [permit] = await askUntilGranted(two.queue, { destination: 'mail', rate: RATE });
      starts.push(Date.now());
      two.queue.release(permit!, true);
    };
    const held = await ask(one.queue, { count: 3, concurrency: 3 });
    for (let i = 0; i < 10; i += 1) await rated();
    const lostAt = Date.now();
    await place.clear();
    const { permits, askAgainAt } = await ask(two.queue, { concurrency: 4 });
    expect(permits).toEqual([]);
    expect(askAgainAt! - lostAt).toBeLessThan(2_100);
    expect(await askUntilGranted(two.queue, { concurrency: 4, count: 4 })).toHaveLength(1);
    expect(Date.now() - lostAt).toBeGreaterThanOrEqual(1_990);
    await rated();
    expect(Date.now() - lostAt).toBeGreaterThanOrEqual(2_990);
    expect(held.permits).toHaveLength(3);
  });
});
