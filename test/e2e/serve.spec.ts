import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { type SmtpSink, startSmtpSink } from '../support/smtp-sink.js';
import { answerAccepted, freshCall, post } from './hook-client.js';
import { describe } from './pair.js';
import { hookFor, writeServeConfig } from './serve-config.js';
import { type Trial, createTrial, until } from './trial.js';

let trial: Trial;
let sink: HttpSink;
let smtp: SmtpSink;

beforeAll(async () => {
  sink = await startHttpSink();
  smtp = await startSmtpSink();
  trial = await createTrial();
  writeServeConfig(trial, { sinkUrl: sink.url, smtpUrl: smtp.url });
  await trial.start();
});
afterEach(() => {
  sink.reset();
  smtp.reset();
});
afterAll(async () => {
  await trial.remove();
  await sink.close();
  await smtp.close();
});

interface DeliveryRow {
  id: string;
  state: string;
  reason: string | null;
  attempts: number;
  charged: number;
  input: string | null;
}

async function deliveryOf(callId: unknown): Promise<DeliveryRow> {
  const columns = 'd.id, d.state, d.reason, d.attempt_count as attempts, d.charged_count as charged, d.input';
  const sql = `select ${columns} from deliveries d join events e on d.event_id = e.id where e.call_id = ?`;
  const rows = await trial.rows<DeliveryRow>(sql, callId);
  expect(rows).toHaveLength(1);
  return rows[0] as DeliveryRow;
}

/** Posts a call of a case and waits until its delivery is in this state. */
async function deliver(name: string, state: string): Promise<DeliveryRow> {
  const call = freshCall();
  expect(await post(hookFor(trial, name), call)).toMatchObject(answerAccepted([name]));
  return until(async () => {
    const delivery = await deliveryOf(call.id);
    return delivery.state === state ? delivery : null;
  });
}

describe('what a running server shows', () => {
  it('prints its addresses with masked tokens', () => {
    const { url } = trial.server;
    expect(trial.server.output()).toContain(`${url}/hooks/autocalls/serv…\n`);
    expect(trial.server.output()).toContain(`${url}/health/ready\n`);
    expect(trial.server.output()).toContain(`${url}/metrics\n`);
    expect(trial.server.output() + trial.server.log()).not.toContain('serve-token-');
  });

  it('answers that it lives and is ready', async () => {
    const live = await fetch(`${trial.server.url}/health/live`);
    expect({ status: live.status, body: await live.json() }).toEqual({ status: 200, body: { status: 'ok' } });
    const ready = await fetch(`${trial.server.url}/health/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ status: 'ok', details: { store: { status: 'up' } } });
  });

  it('counts answers, decisions, attempts and deliveries', async () => {
    sink.respondAt('/flaky', (_, nth) => (nth === 1 ? { status: 500 } : { status: 204 }));
    const before = await trial.metrics();
    await deliver('flaky', 'delivered');
    await post(trial.hook('autocalls', 'wrong-token'), freshCall());
    await post(hookFor(trial, 'none'), 'garbage');
    const after = await trial.metrics();
    const grown = (name: string) => valueOf(after, name) - valueOf(before, name);
    expect(grown('aftercall_events_total{source="autocalls",status="accepted"}')).toBe(1);
    expect(grown('aftercall_events_total{source="autocalls",status="unauthorized"}')).toBe(1);
    expect(grown('aftercall_events_total{source="autocalls",status="quarantined"}')).toBe(1);
    expect(grown('aftercall_decisions_total{rule="flaky",verdict="fired"}')).toBe(1);
    const attempts = 'aftercall_attempts_total{destination="flaky",kind="http"';
    expect(grown(`${attempts},outcome="retry",reason="server_error"}`)).toBe(1);
    expect(grown(`${attempts},outcome="delivered",reason=""}`)).toBe(1);
    expect(grown('aftercall_attempt_duration_seconds_count{kind="http"}')).toBe(2);
    expect(grown('aftercall_deliveries{state="delivered"}')).toBe(1);
    expect(valueOf(after, 'aftercall_config_last_reload_successful')).toBe(1);
    expect(after).toContain('process_cpu_seconds_total');
  });
});

describe('deliveries', () => {
  it('arrive after failures, with the same key and the same bytes each time', async () => {
    sink.respondAt('/flaky', (_, nth) => (nth <= 3 ? { status: 500 } : undefined));
    const delivery = await deliver('flaky', 'delivered');
    expect(delivery).toMatchObject({ attempts: 4, charged: 4, reason: null });
    expect(sink.requests).toHaveLength(4);
    const [first] = sink.requests;
    expect(first?.json).toEqual({ id: expect.any(String), at: expect.any(String) });
    for (const { headers, raw } of sink.requests) {
      expect(headers['idempotency-key']).toBe(`aftercall-${delivery.id}`);
      expect(raw.equals(first?.raw ?? Buffer.alloc(0))).toBe(true);
    }
    const other = await deliver('flaky', 'delivered');
    expect(sink.requests.at(-1)?.headers['idempotency-key']).toBe(`aftercall-${other.id}`);
  });

  it.each([429, 503])(
    'wait as long as a Retry-After beside %i asks, and are not charged for it',
    async (status) => {
      sink.respondAt('/busy', (_, nth) =>
        nth === 1 ? { status, headers: { 'retry-after': '1' } } : undefined,
      );
      const delivery = await deliver('busy', 'delivered');
      expect(delivery).toMatchObject({ attempts: 2, charged: 1 });
      const [first, second] = sink.requests;
      expect((second?.time ?? 0) - (first?.time ?? 0)).toBeGreaterThanOrEqual(1000);
    },
  );

  it.each([400, 404, 410, 422])('are dead at once where the destination answers %i', async (status) => {
    sink.respondAt('/gone', { status });
    expect(await deliver('gone', 'dead')).toMatchObject({ attempts: 1, reason: 'client_error' });
    expect(sink.requests).toHaveLength(1);
  });

  it('are dead after the last wait', async () => {
    sink.respondAt('/down', { status: 500 });
    expect(await deliver('down', 'dead')).toMatchObject({ attempts: 3, reason: 'server_error' });
    expect(sink.requests).toHaveLength(3);
  });

  it('reach a mail server that first says "later", with the same Message-ID', async () => {
    smtp.respondWith({ message: () => (smtp.messages.length === 1 ? { code: 451 } : undefined) });
    const delivery = await deliver('mail', 'delivered');
    expect(delivery.attempts).toBe(2);
    expect(smtp.messages).toHaveLength(2);
    const [first, second] = smtp.messages;
    expect(first?.headers['message-id']).toMatch(new RegExp(`^<.*${delivery.id}.*@.+>$`));
    expect(second?.headers['message-id']).toBe(first?.headers['message-id']);
    expect(second).toMatchObject({ from: 'calls@example.com', to: ['sales@example.com'] });
    expect(second?.raw).toContain('Customer interested in product demo');
  });

  it('of a shadow rule are rendered and never sent', async () => {
    const call = freshCall();
    expect(await post(hookFor(trial, 'shadow'), call)).toMatchObject(answerAccepted([]));
    const input = JSON.stringify({ body: { id: call.id } });
    expect(await deliveryOf(call.id)).toMatchObject({ state: 'shadow', attempts: 0, input });
    await deliver('slow', 'delivered');
    expect(sink.requests.map(({ body }) => body)).toEqual([expect.not.stringContaining(String(call.id))]);
    const decided = await trial.rows('select rule, verdict, shadow from decisions where rule = ?', 'shadow');
    expect(decided).toEqual([{ rule: 'shadow', verdict: 'fired', shadow: 1 }]);
  });
});

function valueOf(page: string, name: string): number {
  const line = page.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length));
}
