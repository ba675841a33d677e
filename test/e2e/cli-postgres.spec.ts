import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { createDatabase } from '../support/services.js';
import { ADMIN_TOKEN, hookAt, startRole, writeFleetConfig } from './fleet.js';
import { freshCall, post } from './hook-client.js';
import { onPostgres } from './pair.js';
import { type RunResult, type Trial, createTrial, until } from './trial.js';

/** Workers look each second; what they find may be claimed in the next. */
const SENT_WITHIN_MS = 3_000;

onPostgres.describe('commands on a store that a server works on', () => {
  let trial: Trial;
  let sink: HttpSink;

  beforeAll(async () => {
    sink = await startHttpSink();
    trial = await createTrial();
    writeFleetConfig(trial, { sinkUrl: sink.url, waking: 'BullMQ' });
    await startRole(trial, 'all');
  }, 60_000);
  beforeEach(() => sink.reset());
  afterAll(async () => {
    await trial.remove();
    await sink.close();
  });

  const json = <T = Record<string, unknown>>({ status, stdout, stderr }: RunResult): T => {
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout) as T;
  };

  /** A call that the sink refuses; answers its event and its delivery, which is dead. */
  async function refused(): Promise<{ event: string; delivery: string }> {
    sink.respondWith({ status: 400 });
    const { body } = await post(hookAt(trial.server), freshCall());
    const event = String(body.event_id);
    const sql = "select id from deliveries where event_id = ? and state = 'dead'";
    const delivery = await until(async () => (await trial.rows<{ id: string }>(sql, event))[0]?.id ?? null);
    sink.reset();
    return { event, delivery };
  }

  it('look at events and deliveries, explain and simulate', async () => {
    const { event, delivery } = await refused();
    expect(json(trial.run(['events', 'list', '-o', 'json']))).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ id: event })]),
    });
    expect(json(trial.run(['events', 'show', event, '-o', 'json']))).toMatchObject({
      deliveries: [{ id: delivery }],
    });
    expect(json(trial.run(['deliveries', 'list', '--event', event, '-o', 'json']))).toMatchObject({
      items: [{ id: delivery, state: 'dead' }],
    });
    expect(json(trial.run(['deliveries', 'show', delivery, '-o', 'json']))).toMatchObject({
      attempts: [{ http_status: 400 }],
    });
    expect(trial.run(['explain', event])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('sink'),
    });
    expect(json(trial.run(['simulate', event, '-o', 'json']))).toMatchObject({ actions: [{ to: 'sink' }] });
    const nobody = '01890a5d-ac96-774b-bcce-b302099a8057';
    const unknown = trial.run(['simulate', nobody]);
    expect(unknown).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`there is no event ${nobody}`),
    });
    expect(unknown.stderr).not.toContain('postgres:postgres');
  });

  it('retry beside the server, which sends it at once', async () => {
    const { delivery } = await refused();
    const { status, stdout, stderr } = trial.run(['deliveries', 'retry', delivery]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^retried /);
    expect(stdout).not.toContain('once the server runs');
    await sink.waitFor(1, SENT_WITHIN_MS);
    const sql = 'select state from deliveries where id = ?';
    await until(async () => (await trial.rows<{ state: string }>(sql, delivery))[0]?.state === 'delivered');
  });

  it('retry many, replay and cancel', async () => {
    const { event, delivery } = await refused();
    expect(json(trial.run(['deliveries', 'retry', '--event', event, '--yes', '-o', 'json']))).toEqual({
      count: 1,
    });
    await sink.waitFor(1, SENT_WITHIN_MS);
    const again = trial.run(['events', 'replay', event, '--send', 'all', '--yes', '-o', 'json']);
    expect(json<{ planned: string[] }>(again).planned).toHaveLength(1);
    await sink.waitFor(2, SENT_WITHIN_MS);
    expect(trial.run(['deliveries', 'cancel', delivery])).toMatchObject({ status: 1 });
  });

  it('print the tokens that the store keeps', () => {
    const { stdout, status } = trial.run(['urls']);
    expect(status).toBe(0);
    expect(stdout).toContain(ADMIN_TOKEN);
  });

  it('tell the processes, from the store and from the server', () => {
    const fromStore = json<{ items: object[] }>(trial.run(['processes', '-o', 'json']));
    expect(fromStore.items).toMatchObject([{ role: 'all', leads: true, rule_set_current: true }]);
    const env = { AFTERCALL_ADMIN_TOKEN: ADMIN_TOKEN };
    const fromServer = json<{ items: object[] }>(
      trial.run(['processes', '--url', trial.server.url, '-o', 'json'], env),
    );
    expect(fromServer.items).toMatchObject([{ role: 'all', leads: true, rule_set_current: true }]);
    const { stdout } = trial.run(['processes']);
    expect(stdout).toMatch(/^PROCESS +ROLE +HOST +VERSION +RULES +STARTED +SEEN +LEADS\n.* all .* yes\n$/);
  });

  it('find nothing to migrate, and copy no store that is in use', () => {
    expect(trial.run(['migrate', 'plan'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('missing  none'),
    });
    const storage = trial.settings.storage ?? '';
    const copied = trial.run(['store', 'copy', '--from', storage, '--to', 'sqlite:./copy.db']);
    expect(copied).toMatchObject({ status: 1, stderr: expect.stringContaining('a server is running') });
  });
});

onPostgres.describe('commands on a store that no server works on', () => {
  let trial: Trial;

  beforeAll(async () => {
    trial = await createTrial();
    writeFleetConfig(trial, { sinkUrl: 'http://127.0.0.1:1', waking: 'PostgreSQL alone' });
  });
  afterAll(() => trial.remove());

  it('plan the tables of an empty database, make them, and have nothing more to do', () => {
    const plan = trial.run(['migrate', 'plan']);
    expect(plan).toMatchObject({ status: 1, stderr: '' });
    expect(plan.stdout).toMatch(/missing {2}0001-start, .*\n0001-start\n {2}create table "rule_sets"/s);
    expect(trial.run(['migrate', 'apply']).stdout).toMatch(/: applied 0001-start, /);
    expect(trial.run(['migrate', 'plan'])).toMatchObject({ status: 0 });
    expect(trial.run(['migrate', 'apply']).stdout).toMatch(/: nothing was missing\n$/);
  });

  it('say what becomes of a retry, and that nobody works on the store', async () => {
    const server = await startRole(trial, 'intake');
    const { body } = await post(hookAt(server), freshCall());
    await server.end();
    const [{ id }] = (await trial.rows('select id from deliveries where event_id = ?', body.event_id)) as [
      { id: string },
    ];
    expect(trial.run(['deliveries', 'retry', id]).stdout).toContain('once the server runs');
    expect(trial.run(['processes']).stdout).toBe('no process works on this store\n');
  });

  it('copy the store into an empty database, on which a server then starts', async () => {
    const database = await createDatabase();
    try {
      const storage = trial.settings.storage ?? '';
      const copied = trial.run(['store', 'copy', '--from', storage, '--to', database.url]);
      expect(copied).toMatchObject({ status: 0, stderr: '' });
      expect(copied.stdout).toMatch(
        /^TABLE +ROWS .*\nevents +1 +1 .* yes, sha256 .*put the database of --to/s,
      );
      trial.write('../moved/aftercall.yaml', { storage: database.url, queue: undefined });
      const listed = trial.run(['events', 'list', '--config', 'moved', '-o', 'json']);
      expect(json(listed).items).toHaveLength(1);
      expect(trial.run(['store', 'copy', '--from', storage, '--to', database.url])).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('was finished in it'),
      });
    } finally {
      await database.drop();
    }
  });

  const json = ({ stdout }: RunResult) => JSON.parse(stdout) as { items: object[] };
});
