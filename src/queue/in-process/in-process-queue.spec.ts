import { describe, expect, it } from '@jest/globals';
import { InProcessQueue } from './in-process-queue.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A queue and what its listener was told. */
function queueWithLog() {
  const queue = new InProcessQueue();
  const heard: [readonly string[], number | null][] = [];
  queue.onWake((destinations, nextDueAt) => heard.push([destinations, nextDueAt]));
  return { queue, heard };
}

describe('InProcessQueue', () => {
  it('makes one wake-up of many in a turn of the event loop', async () => {
    const { queue, heard } = queueWithLog();
    queue.wake(['crm', 'mail']);
    queue.wake(['crm']);
    await turn();
    await turn();
    expect(heard).toEqual([[['crm', 'mail'], null]]);
  });

  it('tells the earliest time at which something falls due, also when nothing is due now', async () => {
    const { queue, heard } = queueWithLog();
    queue.wake([], 2_000);
    queue.wake([], 1_000);
    await turn();
    queue.wake(['crm']);
    await turn();
    expect(heard).toEqual([
      [[], 1_000],
      [['crm'], null],
    ]);
  });

  it('wakes nobody once it is closed', async () => {
    const { queue, heard } = queueWithLog();
    queue.wake(['crm']);
    await queue.close();
    await turn();
    expect(heard).toEqual([]);
  });
});
