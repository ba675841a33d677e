import { once } from 'node:events';
import { type Worker } from 'node:worker_threads';
import { DEFAULT_CONTACT_HOURS } from '../../src/domain/quiet-hours.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { claimAll, newEvent, planned, RECEIVED_AT, updateOf } from './store-fixtures.js';

/**
 * A process with the store on a thread of its own, which Jest cannot give: `store-process.ts <file> <part>`.
 * `hold` keeps the file open until it is killed; the other parts print what they saw as JSON.
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
  const { id = '', fence = 0 } = claimed?.delivery ?? {};
  const told = await store.gatherDigest(id, fence, RECEIVED_AT);
  const reached = await store.reach({
    ...{ id, fence, input: '{}', scope: 'acme', contacts: ['lone \ud800'], chain: null },
    question: {
      ...{ now: RECEIVED_AT, channel: 'sms', zone: null, country: null, hours: DEFAULT_CONTACT_HOURS },
      ...{ windows: [], limits: {}, consent: 'not_required', endedAt: null, receivedAt: RECEIVED_AT },
    },
  });
  const updated =
    claimed && (await store.update(updateOf(claimed, 'delivered', { outcome: 'delivered' }))).kept;
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
    told: told.members.map(({ found }) => Buffer.from(found.raw).toString('latin1')),
    reached: reached.is,
    contact: claimed?.event.contact,
    updated,
    counts,
    senderKeeps: raw.toString('latin1'),
  };
}

/** What a person and the monitors do; long reads go to a second thread, which is started by the first of them. */
async function desk(): Promise<object> {
  const held = planned({ state: 'held' });
  const other = planned({ action: 'b', destination: 'crm', state: 'held' });
  const event = newEvent({ deliveries: [held, other] });
  await store.accept(event);
  const readerStarts = once(process, 'worker');
  const trouble = await store.findTrouble({ since: 0, until: RECEIVED_AT + 1 });
  const [reader] = (await readerStarts) as [Worker];
  const now = RECEIVED_AT + 60_000;
  const changes = { with: { text: 'lone \ud800' } };
  const released = await store.command(held.id, { do: 'release', changes }, now);
  const request = { filter: { destination: 'crm' }, now, changedBefore: now, limit: 5 };
  const bulk = await store.commandMany({ ...request, command: { do: 'cancel' } });
  await store.command(held.id, { do: 'cancel' }, now);
  const fresh = planned({ action: 'lone \ud800' });
  await store.replay({
    ...{ eventId: event.id, now, ruleSet: 'r2', send: 'undelivered', decisions: [], deliveries: [fresh] },
    ...{ unchanged: [], identity: null },
  });
  const replayed = await store.findDelivery(fresh.id);
  const deliveries = await store.listDeliveries({ limit: 10 });
  const events = await store.listEvents({ state: 'pending', limit: 10 });
  const alert = {
    id: 'x',
    entry: 0,
    destination: 'd',
    cause: 'c',
    reason: 'dead',
    line: 'it died',
    count: 1,
  };
  const raised = await store.raiseAlerts({ alerts: [alert], now, everyMs: 10 });
  const [due] = await store.dueAlerts(now);
  await store.settleAlerts({ ids: ['x'], now, outcome: 'sent', dueAt: now });
  await store.putSetting('a.b', 'c');
  await store.accept(newEvent({ deliveries: [] }));
  const pruned = await store.prune({
    ...{ eventsBefore: 0, bodiesBefore: now, reachesBefore: 0, now, limit: 9, after: null },
  });
  const heardOf = await store.lastEventAt('autocalls', 0);
  const settings = await store.findSettings('a.');
  await reader.terminate();
  const afterReaderDied = await store.countDeliveries().catch((error: Error) => error.name);
  const readAgain = await store.countDeliveries();
  const matching = await store.countMatching({});
  await store.close();
  return {
    released: released.done && {
      done: true,
      state: released.delivery.state,
      release: released.delivery.release,
    },
    bulk,
    replayed: [replayed?.state, replayed?.action],
    listed: [deliveries.map(({ state }) => state).sort(), events.length, matching],
    trouble: [...new Set(trouble.map(({ reason }) => reason))],
    heardOf: heardOf === RECEIVED_AT,
    alerts: [raised, due?.line],
    settings,
    pruned: [pruned.events, pruned.bodies],
    afterReaderDied,
    readAgain,
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

const parts: Record<string, () => Promise<object>> = { work, desk, 'worker-dies': dieWhileWorking };
if (part === 'hold') await hold();
else process.stdout.write(JSON.stringify(await parts[part]?.()));
