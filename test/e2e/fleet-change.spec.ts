import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { hookAt, type Load, startLoad, startRole, type Waking, WAKINGS, writeFleetConfig } from './fleet.js';
import { answerAccepted, freshCall, post } from './hook-client.js';
import { onPostgres } from './pair.js';
import { type Trial, createTrial, until } from './trial.js';

/** A lease ends after 15 s, and each process looks for such every few seconds. */
const TAKEN_UP_WITHIN_MS = 30_000;

/** What an intake planned by older files than the worker's is taken for gone after a minute. */
const GONE_WITHIN_MS = 90_000;

let trial: Trial;
let sink: HttpSink;
let load: Load | null = null;

beforeEach(async () => {
  sink = await startHttpSink();
  trial = await createTrial();
});
afterEach(async () => {
  await load?.end().catch(() => undefined);
  load = null;
  await trial.remove();
  await sink.close();
});

const write = (waking: Waking, more: { destinations?: string[]; folder?: string } = {}) =>
  writeFleetConfig(trial, { sinkUrl: sink.url, waking, ...more });

const arrivedAt = (path: string) => sink.requests.filter((request) => request.path === path);
const idsAt = (path: string) => arrivedAt(path).map(({ json }) => (json as { id: string }).id);

async function untilNothingIsOpen(withinMs?: number): Promise<void> {
  const sql = "select count(*) as count from deliveries where state in ('pending', 'sending')";
  await until(async () => (await trial.rows<{ count: number }>(sql))[0]?.count === 0, withinMs);
}

onPostgres.describe('an empty database', () => {
  it('is made once by two processes that start at the same moment', async () => {
    write('BullMQ');
    const both = await Promise.all([startRole(trial, 'all'), startRole(trial, 'all')]);
    for (const server of both)
      expect(await post(hookAt(server), freshCall())).toMatchObject(answerAccepted(['sink']));
    await untilNothingIsOpen();
    expect(sink.requests).toHaveLength(2);
    const names = (await trial.rows<{ name: string }>('select name from kysely_migration')).map(
      ({ name }) => name,
    );
    expect(names.length).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(names.length);
  });
});

onPostgres.describe('a change of the files', () => {
  it('that a worker sees later than an intake holds nothing up for good', async () => {
    write('BullMQ', { folder: 'intake' });
    write('BullMQ', { folder: 'worker' });
    const intake = await startRole(trial, 'intake', 'intake');
    await startRole(trial, 'worker', 'worker');
    load = startLoad(() => [intake]);
    await sink.waitFor(5);

    write('BullMQ', { folder: 'intake', destinations: ['sink', 'second'] });
    const call = await until(async () => {
      const one = freshCall();
      const { body } = await post(hookAt(intake), one);
      return (body.fired as string[]).includes('second') && one;
    });
    // The worker has met this event, and gone by what it does not know of.
    await until(() => idsAt('/sink').includes(String(call.id)));
    const ids = await load.end();
    expect(arrivedAt('/second')).toEqual([]);

    write('BullMQ', { folder: 'worker', destinations: ['sink', 'second'] });
    await until(() => idsAt('/second').includes(String(call.id)));
    await untilNothingIsOpen();
    expect(await trial.rows("select reason from deliveries where state <> 'delivered'")).toEqual([]);
    expect(idsAt('/sink').sort()).toEqual([...new Set(idsAt('/sink'))].sort());
    expect(idsAt('/sink')).toEqual(expect.arrayContaining(ids));
  });

  it('never mixes two rule sets in one event', async () => {
    write('BullMQ');
    const intakes = await Promise.all([startRole(trial, 'intake'), startRole(trial, 'intake')]);
    await startRole(trial, 'worker');
    load = startLoad(() => intakes, 20);
    for (const destinations of [['sink', 'second'], ['second', 'third'], ['fourth']]) {
      write('BullMQ', { destinations });
      const last = destinations.at(-1) ?? '';
      const before = arrivedAt(`/${last}`).length;
      await until(() => arrivedAt(`/${last}`).length > before);
    }
    await load.end();
    // What the last files do not know is kept for a person, all else has arrived.
    await until(async () => {
      const open = "select destination from deliveries where state in ('pending', 'sending')";
      return (await trial.rows(open)).length === 0;
    }, GONE_WITHIN_MS);
    const mixed = `select d.id from deliveries d join events e on d.event_id = e.id where d.rule_set <> e.rule_set`;
    expect(await trial.rows(mixed)).toEqual([]);
    const rules = await trial.rows<{ rule_set: string; rules: string }>(
      `select distinct rule_set, (select string_agg(c.rule, ' ' order by c.position) from decisions c
       where c.event_id = e.id) as rules from events e`,
    );
    expect(new Set(rules.map((each) => each.rule_set)).size).toBe(rules.length);
  }, 180_000);
});

onPostgres.describe.each(WAKINGS)('with %s', (waking) => {
  it('a rolling restart loses nothing and sends nothing twice', async () => {
    write(waking);
    sink.respondWith({ delayMs: 100 });
    let servers = [await startRole(trial, 'all'), await startRole(trial, 'all')];
    load = startLoad(() => servers);
    await sink.waitFor(20);
    for (const old of [...servers]) {
      const others = servers.filter((each) => each !== old);
      servers = others;
      expect(await old.end('SIGTERM')).toBe(0);
      servers = [...others, await startRole(trial, 'all')];
      await sink.waitFor(sink.requests.length + 40, 30_000);
    }
    const ids = await load.end();
    await untilNothingIsOpen(TAKEN_UP_WITHIN_MS);
    expect(ids.length).toBeGreaterThan(100);
    expect(idsAt('/sink').sort()).toEqual(ids.sort());
  }, 180_000);

  it('a worker takes up what another was sending when it was killed', async () => {
    write(waking);
    sink.respondAt('/sink', (_, nth) => (nth === 1 ? { hang: 'before' } : undefined));
    const intake = await startRole(trial, 'intake');
    const first = await startRole(trial, 'worker');
    await post(hookAt(intake), freshCall());
    await sink.waitFor(1);
    await startRole(trial, 'worker');
    await first.end('SIGKILL');
    const [sent, again] = await sink.waitFor(2, TAKEN_UP_WITHIN_MS);
    expect(again?.headers['idempotency-key']).toBe(sent?.headers['idempotency-key']);
    expect(again?.body).toBe(sent?.body);
    await untilNothingIsOpen();
    expect(await trial.rows('select state from deliveries')).toEqual([{ state: 'delivered' }]);
    expect(sink.requests).toHaveLength(2);
  }, 120_000);
});
