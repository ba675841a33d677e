import { once } from 'node:events';
import { type Worker } from 'node:worker_threads';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { claimAll, newEvent, planned, updateOf } from './store-fixtures.js';

/**
 * A process with the store on a thread of its own, which Jest cannot give: `store-process.ts <file> <part>`.
 * `hold` keeps the file open until it is killed; `work` and `worker-dies` print what they saw as JSON.
 */
const [file = '', part = ''] = process.argv.slice(2);
const started = once(process, 'worker');
const store = await openSqliteStore({ file, thread: true });
const [worker] = (await started) as [Worker];

async function hold(): Promise<void> {
  await store.accept(newEvent());
  await claimAll(store);
  process.stdout.write('holding\n');
  await once(process.stdin, 'end');
}

async function work(): Promise<object> {
  const raw = Buffer.from('xx\u0000{"id":1}\u00ffyy', 'latin1').subarray(2, 12);
  const event = newEvent({ raw, contact: 'lone \ud800', callId: 'a\u0000b' });
  const copies = Array.from({ length: 50 }, () => newEvent({ ...event, deliveries: [planned()] }));
  const bad = newEvent({ deliveries: [planned({ id: 'taken' }), planned({ id: 'taken' })] });
  const results = await Promise.allSettled([bad, ...copies].map((copy) => store.accept(copy)));
  const [claimed] = await claimAll(store);
  const updated = claimed && (await store.update(updateOf(claimed, 'delivered', { outcome: 'delivered' })));
  await store.probe();
  const statuses = results.map((result) =>
    result.status === 'fulfilled' ? result.value.status : 'rejected',
  );
  const bytes = claimed && Buffer.from(claimed.raw).toString('latin1');
  const counts = await store.countDeliveries();
  await store.close();
  return {
    statuses,
    bytes,
    contact: claimed?.event.contact,
    updated,
    counts,
    senderKeeps: raw.toString('latin1'),
  };
}

async function dieWhileWorking(): Promise<object> {
  const pending = store.accept(newEvent()).catch((error: Error) => error.name);
  await worker.terminate();
  const refusals = await Promise.all([
    pending,
    store.accept(newEvent()).catch((error: Error) => error.name),
    store.probe().catch((error: Error) => error.name),
    store.nextDueAt().catch((error: Error) => error.name),
  ]);
  await store.close();
  return { refusals };
}

if (part === 'hold') await hold();
else process.stdout.write(JSON.stringify(await (part === 'work' ? work() : dieWhileWorking())));
