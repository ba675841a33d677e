import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { freePort } from '../support/server-process.js';
import { answerAccepted, freshCall, post } from './hook-client.js';
import { describe, onSqlite } from './pair.js';
import { hookFor, writeServeConfig } from './serve-config.js';
import { type Trial, createTrial, until } from './trial.js';

let trial: Trial;
let sink: HttpSink;

beforeEach(async () => {
  sink = await startHttpSink();
  trial = await createTrial();
  writeServeConfig(trial, { sinkUrl: sink.url, smtpUrl: 'smtp://127.0.0.1:1' });
});
afterEach(async () => {
  await trial.remove();
  await sink.close();
});

/** Leaves a delivery hanging at the sink; the sink answers the next one. */
async function hang(): Promise<unknown> {
  sink.respondAt('/slow', (_, nth) => (nth === 1 ? { hang: 'before' } : undefined));
  const call = freshCall();
  expect(await post(hookFor(trial, 'slow'), call)).toMatchObject(answerAccepted(['slow']));
  await sink.waitFor(1);
  return call.id;
}

async function expectTakenUp(callId: unknown): Promise<void> {
  await trial.start();
  await sink.waitFor(2);
  const sql = 'select d.id, d.state from deliveries d join events e on d.event_id = e.id where e.call_id = ?';
  const delivery = () => trial.rows<{ id: string; state: string }>(sql, callId);
  await until(async () => (await delivery())[0]?.state === 'delivered');
  const [first, second] = sink.requests;
  expect(sink.requests).toHaveLength(2);
  expect(second?.headers['idempotency-key']).toBe(`aftercall-${(await delivery())[0]?.id}`);
  expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  expect(second?.body).toBe(first?.body);
}

describe('stopping', () => {
  it('ends with 0 within 20 s though a delivery hangs, which is taken up after the restart', async () => {
    await trial.start();
    const callId = await hang();
    const code = await within(20_000, trial.server.end('SIGTERM'));
    expect(code).toBe(0);
    await expectTakenUp(callId);
  });

  it('ends at once on a second signal, and what hung is taken up after the restart', async () => {
    await trial.start();
    const callId = await hang();
    process.kill(trial.server.pid, 'SIGTERM');
    await until(() => trial.server.log().includes('"msg":"stopping"'));
    const code = await within(5_000, trial.server.end('SIGTERM'));
    expect(code).toBe(143);
    await expectTakenUp(callId);
  });
});

describe('starting', () => {
  it('lists every problem of every file and ends with 1', () => {
    trial.write('rules/cases.yaml', { rules: {} });
    trial.write('aftercall.yaml', 'schema: 1\nfirst: 1\nserver: { port: many }\n');
    trial.write(
      'rules/a.yaml',
      'schema: 1\nrules: { a: { match: everything, then: [{ id: b, to: nowhere }] } }\n',
    );
    trial.write('rules/b.yaml', 'schema: 1\nrules: [\n');
    const { status, stdout, stderr } = trial.run(['serve']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    const [head, ...problems] = stderr.trimEnd().split('\n');
    expect(head).toBe('aftercall: the configuration cannot be used:');
    expect(problems).toEqual([
      expect.stringMatching(/^config\/aftercall\.yaml:2:1 {2}first {2}unknown key "first"; expected .+/),
      expect.stringMatching(/^config\/aftercall\.yaml:3:17 {2}server\.port {2}expected a number, got text/),
      expect.stringMatching(
        /^config\/rules\/a\.yaml:2:\d+ {2}rules\.a\.then\[0\]\.to {2}no destination is called "nowhere"/,
      ),
      expect.stringMatching(/^config\/rules\/b\.yaml:\d+:\d+ {2}/),
    ]);
  });

  const title =
    'refuses a file that another server has, in one line and with 1, and leaves that server alone';
  onSqlite.it(title, async () => {
    await trial.start();
    const { status, stdout, stderr } = trial.run(['serve'], { PORT: String(await freePort()) });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^aftercall: \S+aftercall\.db: a server is running on this database; [^\n]+\n$/);
    expect(await post(hookFor(trial, 'none'), freshCall())).toMatchObject(answerAccepted([]));
  });

  it('says in one line that the port is in use and ends with 1', () => {
    const { status, stdout, stderr } = trial.run(['serve'], { PORT: String(sink.port) });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    const said = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
    const words = `aftercall: port ${sink.port} on 127.0.0.1 is in use; `;
    expect(said).toEqual([expect.stringContaining(words)]);
  });
});

/** Fails where it takes longer. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work;
  expect(performance.now() - started).toBeLessThan(ms);
  return result;
}
