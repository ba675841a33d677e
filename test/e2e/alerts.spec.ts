import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { type SmtpSink, startSmtpSink } from '../support/smtp-sink.js';
import { type AlertBody, hookOf, writeAlertsConfig } from './alerts-config.js';
import { freshCall, post } from './hook-client.js';
import { describe, onSqlite } from './pair.js';
import { type Trial, createTrial, until } from './trial.js';

/** A look is made every 5 s, at what is 5 s old, and a burst gathers for 2 s. */
const TOLD_WITHIN_MS = 30_000;

let trial: Trial;
let sink: HttpSink;
let smtp: SmtpSink;

beforeEach(async () => {
  sink = await startHttpSink();
  smtp = await startSmtpSink();
  trial = await createTrial();
});
afterEach(async () => {
  await trial.remove();
  await Promise.all([sink.close(), smtp.close()]);
});

function configure(...alerts: object[]): void {
  writeAlertsConfig(trial, { sinkUrl: sink.url, smtpUrl: smtp.url, alerts });
}

/** Posts so many calls of one case and waits until their deliveries are in this state. */
async function callsEnd(name: string, count: number, state: string): Promise<void> {
  const sql = 'select count(*) as count from deliveries where rule = ? and state = ?';
  const ended = async () => (await trial.rows<{ count: number }>(sql, name, state))[0]?.count ?? 0;
  const before = await ended();
  for (let i = 0; i < count; i += 1) await post(hookOf(trial, name), freshCall());
  await until(async () => (await ended()) >= before + count);
}

/** Bodies that arrived at a path so far, without those of calls. */
function toldAt(path: string): AlertBody[] {
  const bodies = sink.requests
    .filter((request) => request.path === path)
    .map(({ json }) => json as AlertBody);
  return bodies.filter((body) => 'alerts' in body);
}

async function tellsAt(path: string, cause: string): Promise<AlertBody> {
  const those = () => toldAt(path).find(({ alerts }) => alerts.some((alert) => alert.cause === cause));
  return until(() => those() ?? null, TOLD_WITHIN_MS);
}

async function causes(): Promise<string[]> {
  const rows = await trial.rows<{ cause: string }>('select cause from alerts');
  return rows.map(({ cause }) => cause);
}

async function counted(reason: string, result: string): Promise<number> {
  const line = new RegExp(`^aftercall_alerts_total\\{reason="${reason}",result="${result}"\\} (\\d+)$`, 'm');
  return Number(line.exec(await trial.metrics())?.[1] ?? 0);
}

/** Each look is waited for; what asks nothing of the store is tried on one pair. */
describe('alerts', () => {
  it('tell many deaths once', async () => {
    configure({ to: 'ops' });
    sink.respondAt('/crm', { status: 400, body: 'phone +4366412345678 is wrong' });
    await trial.start();
    await callsEnd('crm', 10, 'dead');
    const { text } = await tellsAt('/ops', 'dead crm crm client_error');
    expect(text).toMatch(
      /^Aftercall, \S+ \S+ UTC: \d+ deliver(y|ies) to crm died \(client_error; rule crm\)\. \D+ aftercall deliveries show [0-9a-f-]{36}$/,
    );
    await callsEnd('crm', 1, 'dead');
    // All are counted, whichever look finds them; only the first look tells.
    const sql = "select count, passed_over as passed from alerts where reason = 'dead'";
    const lines = () => trial.rows<{ count: number; passed: number }>(sql);
    const all = async () => (await lines()).reduce((sum, { count, passed }) => sum + count + passed, 0);
    await until(async () => (await all()) === 11, TOLD_WITHIN_MS);
    expect(await lines()).toHaveLength(1);
    await until(async () => (await counted('dead', 'passed_over')) > 0);
    await until(async () => (await counted('dead', 'sent')) === 1);
    expect(toldAt('/ops')).toHaveLength(1);
    expect(JSON.stringify(toldAt('/ops'))).not.toContain('664');
  });

  onSqlite.it('tell a rejected configuration by its place and quote nothing of it', async () => {
    configure({ to: 'ops' });
    await trial.start();
    const broken = 'schema: 1\nrules:\n  secret-name:\n    match: everything\n    than: []\n';
    trial.write('rules/cases.yaml', broken);
    const { text } = await tellsAt('/ops', 'rejected_configuration');
    expect(text).toContain('2 problems, the first at config/rules/cases.yaml:3:3.');
    expect(text).not.toContain('secret-name');
    expect(toldAt('/ops')).toHaveLength(1);
  });

  it('tell what is held and quarantined by mail, and each entry only what it wants', async () => {
    configure(
      { to: 'mail', with: { to: 'ops@example.com', subject: '[acme] {{ subject }}' } },
      { to: 'pager', on: ['quarantined'], with: { body: { severity: 'error' } } },
    );
    await trial.start();
    await post(hookOf(trial, 'gap'), 'no call at all');
    await callsEnd('gap', 1, 'held');
    const { alerts, ...rest } = await tellsAt('/pager', 'quarantined autocalls');
    expect(alerts).toHaveLength(1);
    expect(rest).toMatchObject({ severity: 'error' });
    const mails = () => smtp.messages.map(({ raw }) => raw.replaceAll('=\r\n', '').replaceAll('=3D', '='));
    await until(() => mails().join().includes('is held') || null, TOLD_WITHIN_MS);
    expect(mails().join()).toMatch(
      /1 delivery to crm is held \(missing: lead\.variables\.nowhere; rule gap\)\. Look: aftercall deliveries show/,
    );
    expect(mails().join()).toMatch(/1 webhook of source autocalls could not be read/);
    expect(smtp.messages[0]).toMatchObject({
      to: ['ops@example.com'],
      headers: { subject: expect.stringMatching(/^\[acme\] Aftercall: /) },
    });
    expect(toldAt('/pager')).toHaveLength(1);
  });

  onSqlite.it('tell refused credentials and a destination that keeps failing', async () => {
    configure({ to: 'ops', on: ['unauthorized', 'destination_open'] });
    sink.respondAt('/locked', { status: 401 });
    sink.respondAt('/flaky', { status: 503 });
    await trial.start();
    await callsEnd('locked', 1, 'pending');
    await callsEnd('flaky', 10, 'dead');
    expect((await tellsAt('/ops', 'unauthorized locked')).text).toContain('locked refuses the credentials');
    expect((await tellsAt('/ops', 'destination_open flaky')).text).toContain(
      'flaky keeps failing (server_error)',
    );
    expect((await causes()).sort()).toEqual(['destination_open flaky', 'unauthorized locked']);
  });

  onSqlite.it('raise nothing about themselves', async () => {
    configure({ to: 'ops' }, { to: 'pager' });
    sink.respondAt('/crm', { status: 400 });
    sink.respondAt('/ops', { status: 500 });
    sink.respondAt('/pager', { status: 401 });
    await trial.start();
    await callsEnd('crm', 1, 'dead');
    await until(async () => (await counted('dead', 'gave_up')) === 1, TOLD_WITHIN_MS);
    await until(() => sink.requests.some(({ path }) => path === '/pager'), TOLD_WITHIN_MS);
    expect(trial.server.log()).toContain('alert given up');
    // Whatever these failures could bring about would be there with the next trouble that is told.
    await post(hookOf(trial, 'crm'), 'no call at all');
    await until(async () => (await causes()).includes('quarantined autocalls'), TOLD_WITHIN_MS);
    expect([...new Set(await causes())].sort()).toEqual([
      'dead crm crm client_error',
      'quarantined autocalls',
    ]);
    const keys = sink.requests.filter(({ path }) => path === '/ops').slice(0, 2);
    expect(new Set(keys.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(new Set(keys.map(({ body }) => body)).size).toBe(1);
  });

  onSqlite.it('wait for a destination that is the trouble itself', async () => {
    configure({ to: 'ops' });
    sink.respondAt('/ops', { status: 401 });
    await trial.start();
    await callsEnd('ops', 1, 'pending');
    await until(async () => (await causes()).includes('unauthorized ops'), TOLD_WITHIN_MS);
    expect(toldAt('/ops')).toEqual([]);
    sink.respondAt('/ops', { status: 200 });
    const { text } = await tellsAt('/ops', 'unauthorized ops');
    expect(text).toContain('ops refuses the credentials');
  });

  it('survive a kill between the death and the alert', async () => {
    configure({ to: 'ops' });
    sink.respondAt('/crm', { status: 400 });
    await trial.start();
    await callsEnd('crm', 1, 'dead');
    await trial.server.end('SIGKILL');
    expect(toldAt('/ops')).toEqual([]);
    await trial.start();
    await tellsAt('/ops', 'dead crm crm client_error');
    expect(toldAt('/ops')).toHaveLength(1);
  });
});
