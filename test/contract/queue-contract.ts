import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AdmissionRequest, type DeliveryQueue } from '../../src/queue/queue.js';
import { until } from './queue-fixtures.js';

/** What every queue must do. `open` gives one that nobody else uses, and that others may share with. */
export function queueContract(
  name: string,
  open: () => Promise<{ queue: DeliveryQueue; close: () => Promise<void> }>,
): void {
  describe(`queue contract: ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let heard: [readonly string[], number | null][];
    const names = () => heard.flatMap(([destinations]) => destinations);

    beforeEach(async () => {
      opened = await open();
      heard = [];
      opened.queue.listen((...told) => heard.push(told), ['crm', 'mail']);
    });
    afterEach(() => opened.close());

    it('wakes the listener by name', async () => {
      opened.queue.wake([{ destination: 'crm', id: 'a-1' }, { destination: 'mail' }]);
      await until(() => names().length >= 2);
      expect(names().sort()).toEqual(['crm', 'mail']);
    });

    it('may be woken twice', async () => {
      const due = [{ destination: 'crm', id: 'a-1' }];
      opened.queue.wake(due);
      opened.queue.wake(due);
      await until(() => names().length > 0);
      expect(names()).toEqual(['crm']);
      // The same id wakes again, once the first wake-up has arrived.
      await until(() => {
        opened.queue.wake(due);
        return names().length > 1;
      });
      expect(new Set(names())).toEqual(new Set(['crm']));
    });

    it('tells the earliest time at which something falls due, also when nothing is due now', async () => {
      opened.queue.wake([], 2_000);
      opened.queue.wake([], 1_000);
      await until(() => heard.length > 0);
      expect(heard).toEqual([[[], 1_000]]);
    });

    it('answers each request for permits, in order, and never with more than were asked for', async () => {
      const requests: AdmissionRequest[] = [
        { destination: 'mail', count: 3, concurrency: 5, rate: null },
        { destination: 'crm', count: 1, concurrency: 5, rate: { count: 1, perMs: 1_000 } },
      ];
      const admissions = await opened.queue.admit(requests);
      expect(admissions.map(({ destination }) => destination)).toEqual(['mail', 'crm']);
      for (const [i, { permits, askAgainAt, destination }] of admissions.entries()) {
        expect(permits.length).toBeLessThanOrEqual(requests[i]!.count);
        expect(askAgainAt === null).toBe(permits.length === requests[i]!.count);
        for (const permit of permits) expect(permit).toMatchObject({ destination });
      }
      for (const permit of admissions.flatMap(({ permits }) => permits)) opened.queue.release(permit, true);
    });

    it('wakes nobody once it is closed', async () => {
      opened.queue.wake([{ destination: 'crm' }], 1_000);
      await opened.queue.close();
      opened.queue.wake([{ destination: 'mail' }], 1_000);
      await new Promise((resolve) => setImmediate(resolve));
      expect(heard).toEqual([]);
    });
  });
}
