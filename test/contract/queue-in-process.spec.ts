import { InProcessQueue } from '../../src/queue/in-process/in-process-queue.js';
import { queueContract } from './queue-contract.js';

queueContract('in-process', () => {
  const queue = new InProcessQueue();
  return Promise.resolve({ queue, close: () => queue.close() });
});
