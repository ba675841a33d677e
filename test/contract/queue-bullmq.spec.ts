import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { missingRedis, redisWithPrefix } from '../support/services.js';
import { queueContract } from './queue-contract.js';
import { type Machine, openMachine, until } from './queue-fixtures.js';

const why = await missingRedis();

(why ? describe.skip : describe)(`BullMQ queue${why ? ` (${why})` : ''}`, () => {
  queueContract('BullMQ', async () => {
    const place = redisWithPrefix();
    const { queue } = await openMachine(place.url, { destinations: [] });
    const close = async () => {
      await queue.close();
      await place.clear();
    };
    return { queue, close };
  });

  describe('wake-ups', () => {
    let place: ReturnType<typeof redisWithPrefix>;
    let machines: Machine[];
    const open = async (options: Parameters<typeof openMachine>[1] = {}): Promise<Machine> => {
      const machine = await openMachine(place.url, options);
      machines.push(machine);
      return machine;
    };
    beforeEach(() => {
      place = redisWithPrefix();
      machines = [];
    });
    afterEach(async () => {
      await Promise.all(machines.map(({ queue }) => queue.close()));
      await place.clear();
    });
    const woken = () => machines.flatMap((machine) => machine.woken);
    const countJobs = async (): Promise<number> => {
      const redis = new Redis(place.url.split('?')[0]!);
      const keys = await redis.keys(`${place.prefix}:crm:*`);
      redis.disconnect();
      return keys.filter((key) => !/:(meta|events|marker|id|stalled-check)$/.test(key)).length;
    };

    it('reach exactly one of the processes that work', async () => {
      const intake = await open({ canWork: false });
      await open();
      await open();
      intake.queue.wake([{ destination: 'crm', id: 'a-1' }]);
      await until(() => woken().length > 0);
      await until(async () => (await countJobs()) === 0);
      expect(woken()).toEqual(['crm']);
      expect(intake.queue.reach).toBe('fleet');
      expect(intake.woken).toEqual([]);
    });

    it('leave nothing behind, so that the same id wakes again', async () => {
      const { queue } = await open();
      for (let round = 1; round <= 3; round += 1) {
        queue.wake([{ destination: 'crm', id: 'a-1' }]);
        await until(() => woken().length === round);
        await until(async () => (await countJobs()) === 0);
      }
    });

    it('are added for a destination that nobody follows yet, and taken by who does later', async () => {
      const intake = await open({ canWork: false });
      const worker = await open({ destinations: [] });
      intake.queue.wake([{ destination: 'crm', id: 'a-1' }]);
      await until(async () => (await countJobs()) > 0);
      worker.queue.follow(['mail', 'crm']);
      await until(() => woken().length > 0);
      worker.queue.follow(['mail']);
      intake.queue.wake([{ destination: 'crm', id: 'a-2' }, { destination: 'mail' }]);
      await until(() => woken().includes('mail'));
      expect(woken()).toEqual(['crm', 'mail']);
    });

    it('are not lost for ids that BullMQ refuses', async () => {
      const { queue } = await open();
      queue.wake([
        { destination: 'crm', id: '17' },
        { destination: 'crm', id: 'a:b' },
      ]);
      await until(() => woken().length > 0);
      expect(machines[0]!.troubles).toEqual([]);
    });

    it('outlive what others put into the queue', async () => {
      const { queue } = await open();
      const key = (name: string) => `${place.prefix}:crm:${name}`;
      const redis = new Redis(place.url.split('?')[0]!, { maxRetriesPerRequest: null });
      const foreign = new Queue('crm', { connection: redis, prefix: place.prefix });
      try {
        await foreign.add('strange', { name: 'x', list: [1] }, { jobId: 'kept', removeOnComplete: false });
        await until(() => woken().length === 1);
        await until(async () => (await redis.exists(key('kept'))) === 0);
        // An id without a job, and a job whose data is no JSON.
        await redis.hset(key('broken'), { name: 'x', data: '{', opts: '{}', timestamp: 1 });
        await redis.lpush(key('wait'), 'nothing-there', 'broken');
        for (let round = 2; round <= 4; round += 1) {
          queue.wake([{ destination: 'crm', id: 'a-1' }]);
          await until(() => woken().length >= round);
          await until(async () => (await redis.exists(key('a-1'))) === 0);
        }
        expect(await redis.llen(key('wait'))).toBe(0);
      } finally {
        await foreign.close();
        redis.disconnect();
      }
    });

    it('come to all workers again after the keys were lost', async () => {
      const { queue } = await open();
      await open();
      queue.wake([{ destination: 'crm', id: 'a-1' }]);
      await until(() => woken().length === 1);
      await place.clear();
      queue.wake([{ destination: 'crm', id: 'a-1' }]);
      await until(() => woken().length === 2);
    });

    it('are few for a destination in one turn of the event loop', async () => {
      const intake = await open({ canWork: false });
      for (let i = 0; i < 50; i += 1) intake.queue.wake([{ destination: 'crm', id: `a${i}-1` }]);
      await until(async () => (await countJobs()) > 0);
      const worker = await open();
      await until(async () => (await countJobs()) === 0);
      expect(worker.woken.length).toBeGreaterThan(0);
      expect(worker.woken.length).toBeLessThanOrEqual(10);
    });
  });

  it('refuses an address that it cannot read, without quoting it', async () => {
    await expect(openMachine('http://:geheim@127.0.0.1')).rejects.toThrow(
      /^this is no address of a Redis server; expected redis:\/\/\[user:password@\]host/,
    );
  });
});
