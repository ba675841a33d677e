import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type ApiClient, apiClient } from '../support/api-client.js';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { type ServerProcess } from '../support/server-process.js';
import { ADMIN_TOKEN, hookAt, startLoad, startRole, WAKINGS, writeFleetConfig } from './fleet.js';
import { answerAccepted, freshCall, post } from './hook-client.js';
import { onPostgres } from './pair.js';
import { type Trial, createTrial, until } from './trial.js';

/** What a person did in one process is seen by another within it: each looks every second. */
const SEEN_WITHIN_MS = 2_000;

type Role = 'intake' | 'worker' | 'worker2' | 'api';

onPostgres.describe.each(WAKINGS)('processes of different roles, with %s', (waking) => {
  let trial: Trial;
  let sink: HttpSink;
  let fleet: Record<Role, ServerProcess>;
  let api: ApiClient;

  beforeAll(async () => {
    sink = await startHttpSink();
    trial = await createTrial();
    writeFleetConfig(trial, { sinkUrl: sink.url, waking });
    fleet = {
      intake: await startRole(trial, 'intake'),
      worker: await startRole(trial, 'worker'),
      worker2: await startRole(trial, 'worker'),
      api: await startRole(trial, 'api'),
    };
    api = apiClient(() => `${fleet.api.url}/api/v1`, ADMIN_TOKEN);
  }, 120_000);
  afterAll(async () => {
    await trial.remove();
    await sink.close();
  });

  /** Posts a call to the intake; answers the id of its delivery. */
  async function send(): Promise<string> {
    const { body } = await post(hookAt(fleet.intake), freshCall());
    const sql = 'select id from deliveries where event_id = ?';
    const [delivery] = await trial.rows<{ id: string }>(sql, body.event_id);
    return delivery?.id ?? '';
  }

  const becomes = (id: string, state: string) =>
    until(async () => (await api.get(`/deliveries/${id}`)).body.state === state);

  it('deliver by a worker what an intake took', async () => {
    sink.reset();
    const call = freshCall();
    expect(await post(hookAt(fleet.intake), call)).toMatchObject(answerAccepted(['sink']));
    const [request] = await sink.waitFor(1);
    expect(request?.json).toEqual({ id: call.id });
    const delivered = /"outcome":"delivered"/;
    const logs = () => [fleet.worker, fleet.worker2].map((each) => each.log()).join('');
    await until(() => delivered.test(logs()));
    expect(fleet.intake.log() + fleet.api.log()).not.toMatch(delivered);
  });

  it.each([
    ['worker', 'hooks'],
    ['api', 'hooks'],
    ['intake', 'the admin API'],
    ['worker', 'the admin API'],
  ] as const)('%s has nothing at the address of %s', async (role, what) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const path = `${fleet[role].url}/api/v1/deliveries`;
    const answer = what === 'hooks' ? post(hookAt(fleet[role]), freshCall()) : fetch(path, { headers });
    expect((await answer).status).toBe(404);
  });

  it.each(['intake', 'worker', 'api'] as const)('%s shows health, numbers, role and rules', async (role) => {
    const { url } = fleet[role];
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('process_cpu_seconds_total');
    const ready = await fetch(`${url}/health/ready`);
    expect(ready.status).toBe(200);
    const shown = await ready.text();
    expect(shown).toContain(`"role":"${role}"`);
    const [ruleSet] = await trial.rows<{ fingerprint: string }>('select fingerprint from rule_sets');
    expect(shown).toContain(ruleSet?.fingerprint);
  });

  it('stop sending soon after a pause elsewhere, and go on after the end of it', async () => {
    const load = startLoad(() => [fleet.intake]);
    await sink.waitFor(sink.requests.length + 5);
    expect((await api.post('/destinations/sink/pause')).body.state).toBe('paused');
    const pausedAt = Date.now();
    await until(() => Date.now() > pausedAt + 2 * SEEN_WITHIN_MS);
    const ids = await load.end();
    const late = sink.requests.filter(({ time }) => time > pausedAt + SEEN_WITHIN_MS);
    expect(late).toEqual([]);
    const waiting = (await api.get('/deliveries?state=pending&limit=1')).body.items;
    expect(waiting).toMatchObject([{ reason: 'destination_paused' }]);
    await api.post('/destinations/sink/resume');
    const resumedAt = Date.now();
    const arrived = () => new Set(sink.requests.map(({ json }) => (json as { id: string }).id));
    await until(() => ids.every((id) => arrived().has(id)));
    const [first] = sink.requests.filter(({ time }) => time > resumedAt);
    expect((first?.time ?? Infinity) - resumedAt).toBeLessThan(SEEN_WITHIN_MS);
  });

  it('send what a person retries elsewhere at once', async () => {
    sink.reset();
    sink.respondWith({ status: 400 });
    const id = await send();
    await becomes(id, 'dead');
    sink.reset();
    const retriedAt = Date.now();
    expect((await api.post(`/deliveries/${id}/retry`)).status).toBe(200);
    const [request] = await sink.waitFor(1);
    expect((request?.time ?? Infinity) - retriedAt).toBeLessThan(SEEN_WITHIN_MS);
    await becomes(id, 'delivered');
  });
});

onPostgres.describe('a role', () => {
  let trial: Trial;

  beforeAll(async () => {
    trial = await createTrial();
    writeFleetConfig(trial, { sinkUrl: 'http://127.0.0.1:1', waking: 'PostgreSQL alone' });
  });
  afterAll(() => trial.remove());

  it.each(['intake', 'worker', 'api'])('%s is refused on a file, in one line', (role) => {
    trial.write('../file/aftercall.yaml', { storage: 'sqlite:./data/file.db', queue: undefined });
    const { status, stdout, stderr } = trial.run(['serve', '--config', 'file'], { AFTERCALL_ROLE: role });
    expect({ status, stdout }).toEqual({ status: expect.any(Number), stdout: '' });
    expect([1, 2]).toContain(status);
    expect(stderr).toMatch(/^aftercall: [^\n]*role[^\n]*postgres[^\n]*\n$/);
  });

  it('that there is none of is refused', () => {
    const { status, stderr } = trial.run(['serve', '--role', 'manager']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/manager.*all.*intake.*worker.*api/s);
  });
});
