import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type OwnRedis, createOwnRedis, missingOwnRedis } from '../support/own-redis.js';
import { type Machine, ask, askUntilGranted, mostInSpan, openMachine, until } from './queue-fixtures.js';

const why = missingOwnRedis();
const RATE = { count: 4, perMs: 500 };

(why ? describe.skip : describe)(`BullMQ queue without Redis${why ? ` (${why})` : ''}`, () => {
  let redis: OwnRedis;
  let machines: Machine[];
  let leader: Machine | null;
  const open = async (): Promise<Machine> => {
    const machine: Machine = await openMachine(redis.url, { isLeader: () => machine === leader });
    machines.push(machine);
    return machine;
  };
  const fleet = (machine: Machine) => until(() => machine.queue.reach === 'fleet');
  const apart = (machine: Machine) => until(() => machine.queue.reach === 'process');

  beforeEach(async () => {
    redis = await createOwnRedis();
    machines = [];
    leader = null;
  });
  afterEach(async () => {
    await Promise.all(machines.map(({ queue }) => queue.close()));
    await redis.remove();
  });

  it('opens without it, says so once, wakes its own listener, and picks up when it is there', async () => {
    await redis.stop('kill');
    const machine = await open();
    expect(machine.queue.reach).toBe('process');
    machine.queue.wake([{ destination: 'crm', id: 'a-1' }]);
    await until(() => machine.woken.length === 1);
    expect((await ask(machine.queue)).permits).toEqual([]);
    expect(machine.troubles).toEqual([expect.stringMatching(/^Error: Redis: connect ECONNREFUSED/)]);

    await redis.start();
    await fleet(machine);
    machine.queue.wake([{ destination: 'crm', id: 'a-1' }]);
    await until(() => machine.woken.length === 2);
    expect(machine.troubles).toHaveLength(1);
  });

  it('wakes over machines again after a restart', async () => {
    const [one, two] = [await open(), await open()];
    await redis.stop('kill');
    await apart(one);
    await redis.start();
    await fleet(one);
    await fleet(two);
    const woken = () => one.woken.length + two.woken.length;
    for (let round = 1; round <= 4; round += 1) {
      one.queue.wake([{ destination: 'crm', id: `a-${round}` }]);
      await until(() => woken() === round);
    }
  });

  it('lets the leader alone serve, by its own limits, and loses no permit when Redis is back', async () => {
    const [one, two] = [await open(), await open()];
    leader = one;
    const kept = await askUntilGranted(one.queue, { concurrency: 2 });
    await redis.stop('kill');
    const lostAt = Date.now();
    await apart(one);
    await apart(two);
    const refused = await ask(one.queue, { concurrency: 2 });
    expect(refused.permits).toEqual([]);
    expect(refused.askAgainAt! - lostAt).toBeGreaterThanOrEqual(1_990);

    // What it held before Redis went away still counts.
    expect(await askUntilGranted(one.queue, { concurrency: 2, count: 5 })).toHaveLength(1);
    expect(Date.now() - lostAt).toBeGreaterThanOrEqual(1_990);
    const other = await ask(two.queue);
    expect(other.permits).toEqual([]);
    expect(other.askAgainAt! - Date.now()).toBeGreaterThan(900);

    await redis.start();
    await fleet(two);
    one.queue.release(kept[0]!, true);
    expect(await askUntilGranted(two.queue, { concurrency: 2, count: 5 })).toHaveLength(1);
  });

  it('keeps a rate while Redis goes away, stays away, and comes back', async () => {
    const fellows = [await open(), await open(), await open()];
    leader = fellows[1]!;
    const starts: number[] = [];
    let isOver = false;
    const work = async ({ queue }: Machine): Promise<void> => {
      while (!isOver) {
        const { permits, askAgainAt } = await ask(queue, { count: 2, rate: RATE });
        for (const permit of permits) {
          const now = Date.now();
          if (now <= permit.startBy) starts.push(now);
          queue.release(permit, now <= permit.startBy);
        }
        const waitMs = Math.min(200, Math.max(1, (askAgainAt ?? 0) - Date.now()));
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    };
    const working = Promise.all(fellows.map(work));
    const served = (count: number) => until(() => starts.length >= count);
    await served(6);
    await redis.stop('kill');
    await Promise.all(fellows.map(apart));
    const whileAway = starts.length;
    await served(whileAway + 6);
    await redis.start();
    await Promise.all(fellows.map(fleet));
    await served(starts.length + 6);
    isOver = true;
    await working;
    expect(mostInSpan(starts, RATE.perMs)).toBeLessThanOrEqual(RATE.count);
  });

  it('counts a server that does not answer as away, and goes on with it afterwards', async () => {
    const machine = await open();
    await redis.pause(3_000);
    await apart(machine);
    machine.queue.wake([{ destination: 'crm', id: 'a-1' }]);
    await until(() => machine.woken.length === 1);
    await fleet(machine);
    expect(await askUntilGranted(machine.queue)).toHaveLength(1);
  });

  it('closes within 2 s while it is away', async () => {
    const machine = await open();
    await ask(machine.queue);
    await redis.stop('kill');
    const began = Date.now();
    await machine.queue.close();
    expect(Date.now() - began).toBeLessThan(2_000);
  });
});
