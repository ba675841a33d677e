import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type ApiAnswer, apiClient } from '../support/api-client.js';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { ADMIN_TOKEN, hookOf, writeMain, writeRules } from './api-config.js';
import { ANY_ID, freshCall, post } from './hook-client.js';
import { describe } from './pair.js';
import { createTrial, type Trial, until } from './trial.js';

let trial: Trial;
let sink: HttpSink;
const api = apiClient(() => `${trial.server.url}/api/v1`, ADMIN_TOKEN);

beforeAll(async () => {
  sink = await startHttpSink();
  trial = await createTrial();
  writeMain(trial, sink);
  writeRules(trial);
  await trial.start();
});
afterEach(() => sink.reset());
afterAll(async () => {
  await trial.remove();
  await sink.close();
});

interface Sent {
  call: string;
  event: string;
  delivery: string;
}

/** Posts a call of a case; answers the ids of what came of it. */
async function send(name: string, changes: Record<string, unknown> = {}): Promise<Sent> {
  const call = freshCall(changes);
  const { body } = await post(hookOf(trial, name), call);
  const event = String(body.event_id);
  const { deliveries } = (await api.get(`/events/${event}`)).body as unknown as {
    deliveries: { id: string }[];
  };
  return { call: String(call.id), event, delivery: deliveries[0]?.id ?? '' };
}

function becomes(delivery: string, state: string): Promise<ApiAnswer['body']> {
  return until(async () => {
    const { body } = await api.get(`/deliveries/${delivery}`);
    return body.state === state ? body : null;
  });
}

/** Posts a call whose delivery the sink refuses for good. */
async function die(name = 'sink'): Promise<Sent> {
  sink.respondAt(`/${name}`, { status: 400 });
  const sent = await send(name);
  await becomes(sent.delivery, 'dead');
  sink.reset();
  return sent;
}

/** Swaps the rules and waits until calls are decided by them. */
async function swapRules(text: string): Promise<void> {
  writeRules(trial, text);
  const decidedBy =
    'select r.content from events e join rule_sets r on r.fingerprint = e.rule_set where e.id = ?';
  await until(async () => {
    const { event } = await send('screen');
    const [row] = await trial.rows<{ content: string }>(decidedBy, event);
    return row?.content.includes(`"text":"${text}"`) ?? false;
  });
}

describe('the life of a delivery', () => {
  it('dies, is retried by a person and arrives under the same key', async () => {
    const { delivery, event, call } = await die();
    expect((await api.get(`/deliveries/${delivery}`)).body).toMatchObject({
      ...{ id: delivery, event_id: event, rule: 'sink', action: 'send', destination: 'sink', kind: 'http' },
      ...{
        state: 'dead',
        reason: 'client_error',
        attempt_count: 1,
        input: { body: { id: call, text: 'first' } },
      },
      attempts: [{ number: 1, outcome: 'rejected', reason: 'client_error', http_status: 400 }],
    });
    const retried = await api.post(`/deliveries/${delivery}/retry`);
    expect(retried).toMatchObject({ status: 200, body: { id: delivery } });
    expect(await becomes(delivery, 'delivered')).toMatchObject({ attempt_count: 2, reason: null });
    expect(sink.requests.map(({ headers }) => headers['idempotency-key'])).toEqual([`aftercall-${delivery}`]);
    expect(await api.post(`/deliveries/${delivery}/retry`, {})).toMatchObject({
      ...{ status: 409, body: { status: 'conflict', message: expect.stringMatching(/is delivered/) } },
    });
  });

  it('is held for what is missing, and arrives with what a person gave it', async () => {
    const { delivery } = await send('held');
    expect(await becomes(delivery, 'held')).toMatchObject({ reason: 'missing: lead.nickname', input: null });
    expect(await api.post(`/deliveries/${delivery}/release`, { with: { paht: 'x' } })).toMatchObject({
      ...{
        status: 400,
        body: { status: 'bad_request', message: expect.stringMatching(/did you mean path/) },
      },
    });
    await api.post(`/deliveries/${delivery}/release`, { with: { path: 'people/ada' } });
    await becomes(delivery, 'delivered');
    expect(sink.requests.map(({ path }) => path)).toEqual(['/held/people/ada']);
  });

  it('is held, released without the missing part, and arrives', async () => {
    const { delivery } = await send('held');
    await becomes(delivery, 'held');
    expect((await api.post('/deliveries/release', { destination: 'held', dry_run: true })).body).toEqual({
      count: 1,
    });
    expect(
      (await api.post('/deliveries/release', { destination: 'held', if_missing: 'empty' })).body,
    ).toEqual({
      count: 1,
    });
    await becomes(delivery, 'delivered');
    expect(sink.requests.map(({ path }) => path)).toEqual(['/held/people/']);
  });

  it('is canceled and never sent', async () => {
    const { delivery } = await send('held');
    await becomes(delivery, 'held');
    expect((await api.post(`/deliveries/${delivery}/cancel`)).body).toMatchObject({
      ...{ state: 'canceled', reason: 'by_person' },
    });
    expect((await api.post(`/deliveries/${delivery}/release`)).status).toBe(409);
    expect(sink.requests).toEqual([]);
  });

  it('waits while its destination is paused, and says so', async () => {
    expect((await api.post('/destinations/sink/pause')).body).toMatchObject({
      name: 'sink',
      state: 'paused',
    });
    const { delivery } = await send('sink');
    expect((await api.get(`/deliveries/${delivery}`)).body).toMatchObject({
      ...{ state: 'pending', reason: 'destination_paused', attempt_count: 0 },
    });
    const { items } = (await api.get('/destinations')).body;
    expect(items.map(({ name, state }) => [name, state])).toContainEqual(['sink', 'paused']);
    expect((await api.post('/destinations/sink/resume', {})).body).toMatchObject({ state: 'ready' });
    await becomes(delivery, 'delivered');
    expect((await api.post('/destinations/nowhere/pause')).status).toBe(404);
  });
});

describe('bulk', () => {
  it('retries some hundred dead, each of which arrives once', async () => {
    sink.respondAt('/bulk', { status: 400 });
    const calls = Array.from({ length: 300 }, (_, i) => `bulk-${i}`);
    await Promise.all(calls.map((id) => post(hookOf(trial, 'bulk'), freshCall({ id }))));
    const filter = { destination: 'bulk', state: 'dead' };
    await until(
      async () => (await api.post('/deliveries/retry', { ...filter, dry_run: true })).body.count === 300,
    );
    sink.reset();
    expect((await api.post('/deliveries/retry', filter)).body).toEqual({ count: 300 });
    await until(
      async () =>
        (await api.get('/deliveries?destination=bulk&state=pending,sending&limit=1')).body.items.length === 0,
    );
    const keys = sink.requests.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(300);
    expect(keys).toHaveLength(300);
    expect(sink.requests.map(({ json }) => (json as { id: string }).id).sort()).toEqual(calls.toSorted());
  });
});

describe('events', () => {
  it('show the call, the decisions, the deliveries, and why', async () => {
    const { event, call, delivery } = await send('sink');
    expect((await api.get(`/events/${event}`)).body).toMatchObject({
      ...{ id: event, source: 'autocalls', call_id: call, revision: 1, status: 'accepted' },
      ...{ labels: { case: 'sink' }, problems: [], call: { id: call, event_id: event } },
      decisions: [{ rule: 'sink', verdict: 'fired' }],
      deliveries: [{ id: delivery }],
    });
    const explained = (await api.get(`/events/${event}/explain?rule=held`)).body;
    expect(explained.rules).toMatchObject([
      { rule: 'held', verdict: 'not_matched', condition: { result: 'false' } },
    ]);
    expect((await api.get(`/events/${event}/explain?rule=nowhere`)).status).toBe(404);
    const all = (await api.get(`/events/${event}/explain`)).body.rules as unknown[];
    expect(all).toHaveLength(4);
  });

  it('are listed page by page while others come in, each once', async () => {
    const label = { contact: '+15550123', customer_phone: '+15550123' };
    const before = [];
    for (let i = 0; i < 7; i += 1) before.push((await send('screen', label)).event);
    const seen: unknown[] = [];
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({
        contact: '+15550123',
        limit: '3',
        ...(cursor !== null && { cursor }),
      });
      const { body } = await api.get(`/events?${query.toString()}`);
      seen.push(...body.items.map(({ id }) => id));
      cursor = body.next ?? null;
      await send('screen', label);
    } while (cursor !== null);
    expect(seen).toEqual(before.toReversed());
  });

  it('are found by what became of them', async () => {
    const { event } = await die();
    const { items } = (await api.get('/events?state=dead&destination=sink&rule=sink&status=accepted')).body;
    expect(items.map(({ id }) => id)).toContain(event);
    expect(
      (await api.get(`/events?state=dead&destination=sink&until=2020-01-01T00:00:00Z`)).body.items,
    ).toEqual([]);
  });
});

describe('replay', () => {
  it('retries by the rules of then what died, and plans it anew by other rules', async () => {
    const { event, delivery, call } = await die();
    await swapRules('second');
    expect((await api.post(`/events/${event}/replay`)).body).toEqual({
      ...{ event_id: event, fired: ['sink'], planned: [], retried: [delivery], canceled: [], left: [] },
    });
    await becomes(delivery, 'delivered');
    expect(sink.requests.map(({ json }) => json)).toEqual([{ id: call, text: 'first' }]);
    sink.reset();
    const again = (await api.post(`/events/${event}/replay`, { rules: 'now', send: 'all' })).body;
    expect(again).toMatchObject({ fired: ['sink'], planned: [ANY_ID], retried: [], canceled: [], left: [] });
    const [planned] = again.planned as string[];
    await becomes(planned ?? '', 'delivered');
    expect(sink.requests.map(({ json, headers }) => [json, headers['idempotency-key']])).toEqual([
      [{ id: call, text: 'second' }, `aftercall-${planned}`],
    ]);
  });

  it('sends nothing of what arrived unless all is asked for', async () => {
    const { event, delivery } = await send('sink');
    await becomes(delivery, 'delivered');
    for (const send of ['undelivered', 'none'])
      expect((await api.post(`/events/${event}/replay`, { send })).body).toMatchObject({
        fired: ['sink'],
        planned: [],
      });
    expect(sink.requests).toHaveLength(1);
  });

  it('of many events counts first', async () => {
    const one = await die();
    const filter = {
      state: 'dead',
      destination: 'sink',
      since: new Date(Date.now() - 3_600_000).toISOString(),
    };
    const counted = (await api.post('/events/replay', { ...filter, dry_run: true })).body.count;
    expect((await api.post('/events/replay', filter)).body).toEqual({
      count: counted,
      refused: 0,
      refusals: [],
    });
    await becomes(one.delivery, 'delivered');
    expect((await api.post('/events/replay', { ...filter, dry_run: true })).body.count).toBe(0);
  });

  it('says what is still wrong with a quarantined event', async () => {
    const { body } = await post(hookOf(trial, 'sink'), '{"status":5}');
    expect(body.status).toBe('quarantined');
    const refused = await api.post(`/events/${String(body.event_id)}/replay`, { rules: 'now' });
    expect(refused).toMatchObject({ status: 422, body: { status: 'unreadable', problems: body.problems } });
    expect((await api.get(`/events/${String(body.event_id)}`)).body).toMatchObject({
      status: 'quarantined',
      call: null,
    });
  });
});

describe('refusals', () => {
  it.each([
    ['GET', '/events/nowhere', 404],
    ['GET', '/events/nowhere/explain', 404],
    ['POST', '/events/nowhere/replay', 404],
    ['GET', '/deliveries/nowhere', 404],
    ['POST', '/deliveries/nowhere/retry', 404],
    ['POST', '/deliveries/nowhere/release', 404],
    ['POST', '/deliveries/nowhere/cancel', 404],
    ['GET', '/events?limit=0', 400],
    ['GET', '/events?staet=dead', 400],
    ['GET', '/deliveries?state=broken', 400],
    ['GET', '/deliveries?since=yesterday', 400],
    ['GET', '/deliveries?cursor=x', 400],
  ] as const)('%s %s answers %i', async (method, path, status) => {
    const answer = await (method === 'GET' ? api.get(path) : api.post(path));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('name the field', async () => {
    expect((await api.post('/deliveries/cancel', { stat: 'dead' })).body).toEqual({
      ...{ status: 'bad_request', message: 'stat: there is no such field here' },
    });
    expect((await api.post('/events/replay', { until: '2025-01-15' })).body).toMatchObject({
      ...{ status: 'bad_request', message: expect.stringMatching(/^until: expected a time with its zone/) },
    });
  });

  it.each([
    ['nothing, announced as JSON', '', 200],
    ['nothing, announced as text', '', 200],
    ['an object', '{}', 200],
    ['a list', '[]', 400],
    ['half an object', '{"dry_run":', 400],
    ['a prototype', '{"__proto__":{"dry_run":false}}', 400],
    ['more than 1 MiB', `{"rule":"${'x'.repeat(2 ** 20)}"}`, 413],
  ])('of bodies: %s', async (what, body, status) => {
    const type = what.endsWith('text') ? 'text/plain' : 'application/json';
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': type };
    const target = `${trial.server.url}/api/v1/destinations/screen/resume`;
    const answer = await fetch(target, {
      ...{ method: 'POST', headers },
      body: body === '{}' || body === '' ? body : Buffer.from(body),
    });
    expect(answer.status).toBe(status);
  });
});

describe('the admin token', () => {
  it('changes with the configuration', async () => {
    const ask = (token: string) =>
      fetch(`${trial.server.url}/api/v1/destinations`, { headers: { authorization: `Bearer ${token}` } });
    writeMain(trial, sink, 'another-admin-token-0123456789');
    await until(async () => (await ask('another-admin-token-0123456789')).ok);
    expect((await ask(ADMIN_TOKEN)).status).toBe(401);
    writeMain(trial, sink);
    await until(async () => (await ask(ADMIN_TOKEN)).ok);
  });
});
