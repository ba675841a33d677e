import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type HttpSink, type SinkRequest, startHttpSink } from '../support/http-sink.js';
import { answerAccepted, freshCall, post } from './hook-client.js';
import { describe } from './pair.js';
import { type Trial, createTrial, until } from './trial.js';

const TOKEN = 'lanes-token-0123456789';
const ANN = '+4366411111111';
const BOB = '+4366422222222';

let trial: Trial;
let sink: HttpSink;

beforeAll(async () => {
  sink = await startHttpSink();
  trial = await createTrial();
  writeConfig();
  await trial.start();
});
afterEach(() => sink.reset());
afterAll(async () => {
  await trial.remove();
  await sink.close();
});

/** One rule for each case, `?case=<name>`, that sends to a path of the sink of that name. */
function writeConfig(changes: { crmToken?: string; fenced?: object } = {}): void {
  const http = (name: string, others: object = {}) => ({
    kind: 'http',
    url: `${sink.url}/${name}`,
    ...others,
  });
  const { crmToken = 'old', fenced = { enabled: false } } = changes;
  trial.write('aftercall.yaml', {
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    destinations: {
      slack: { kind: 'slack', webhook_url: `${sink.url}/slack` },
      other: http('other'),
      crm: http('crm', { auth: { bearer: crmToken } }),
      down: http('down', { concurrency: 1, retry: { waits: Array(30).fill('10ms') } }),
      hold: http('hold'),
      again: http('again', { retry: { waits: ['50ms'] } }),
      ordered: http('ordered', { retry: { waits: ['300ms'] } }),
      fenced: http('fenced', fenced),
    },
    egress: { allow: ['127.0.0.1/32'] },
  });
  const rules = {
    slack: action('slack', { with: { text: 'call {{ id }}' } }),
    hold: action('hold', { if_unknown: 'hold', timeout: '300ms' }),
    again: action('again', { if_unknown: 'retry', timeout: '300ms' }),
    ordered: action('ordered', { ordered: true }),
    ...Object.fromEntries(['other', 'crm', 'down', 'fenced'].map((name) => [name, action(name)])),
  };
  trial.write('rules/cases.yaml', { rules });
}

function action(name: string, others: object = {}): object {
  const then = [{ id: 'send', to: name, with: { body: { id: '{{ id }}' } }, ...others }];
  return { match: { 'labels.case': name }, then };
}

interface DeliveryRow {
  state: string;
  reason: string | null;
  charged: number;
}

/** Posts a call of a case and answers its id. */
async function plan(name: string, phone = ANN): Promise<string> {
  const call = freshCall({ customer_phone: phone });
  const hook = `${trial.hook('autocalls', TOKEN)}?case=${name}`;
  expect(await post(hook, call)).toMatchObject(answerAccepted([name]));
  return String(call.id);
}

async function deliveryOf(callId: string): Promise<DeliveryRow | undefined> {
  const sql = `select d.state, d.reason, d.charged_count as charged
    from deliveries d join events e on d.event_id = e.id where e.call_id = ?`;
  return (await trial.rows<DeliveryRow>(sql, callId))[0];
}

async function inState(callId: string, state: string): Promise<DeliveryRow> {
  return until(async () => {
    const delivery = await deliveryOf(callId);
    return delivery?.state === state ? delivery : null;
  }, 30_000);
}

const at = (path: string): SinkRequest[] => sink.requests.filter((request) => request.path === `/${path}`);
const idsAt = (path: string): string[] => at(path).map(({ json }) => (json as { id: string }).id);

async function openLanes(): Promise<string[]> {
  const lines = (await trial.metrics()).matchAll(/^aftercall_destination_open\{destination="(\w+)"\} 1$/gm);
  return [...lines].map(([, name]) => name ?? '');
}

/** Lines of the log that say that a destination opened or closed. */
function laneLines(destination: string): { level: string; why: string }[] {
  const lines = trial.server
    .log()
    .split('\n')
    .filter((line) => line.includes('"destination '));
  return lines
    .map((line) => JSON.parse(line) as { level: string; why: string; destination: string })
    .filter((line) => line.destination === destination)
    .map(({ level, why }) => ({ level, why }));
}

describe('a destination that asks to wait', () => {
  it('gets no request before its Retry-After has passed, and others go on', async () => {
    sink.respondAt('/slack', (_, nth) =>
      nth === 1 ? { status: 429, headers: { 'retry-after': '7' } } : undefined,
    );
    const first = await plan('slack');
    await until(async () => (await deliveryOf(first))?.reason === 'rate_limited');
    const ids = [first, await plan('slack'), await plan('slack')];
    await inState(await plan('other'), 'delivered');
    expect(at('slack')).toHaveLength(1);
    for (const id of ids) await inState(id, 'delivered');
    const [asked, ...later] = at('slack').map(({ time }) => time);
    expect(later).toHaveLength(3);
    for (const time of later) expect(time - (asked ?? 0)).toBeGreaterThanOrEqual(7_000);
    expect(await openLanes()).toEqual([]);
  });
});

describe('a destination that refuses the credentials', () => {
  it('is opened at once and takes everything once the configuration is mended', async () => {
    sink.respondAt('/crm', ({ headers }) => (headers.authorization === 'Bearer new' ? {} : { status: 401 }));
    const first = await plan('crm');
    await until(async () => (await deliveryOf(first))?.reason === 'unauthorized');
    expect(await openLanes()).toEqual(['crm']);
    const ids = [first, await plan('crm'), await plan('crm')];
    await inState(await plan('other'), 'delivered');
    expect(new Set(idsAt('crm'))).toEqual(new Set([first]));
    writeConfig({ crmToken: 'new' });
    for (const id of ids) await inState(id, 'delivered');
    expect(at('crm').filter(({ headers }) => headers.authorization === 'Bearer new')).toHaveLength(3);
    expect(await openLanes()).toEqual([]);
    expect(laneLines('crm')).toEqual([
      { level: 'warn', why: 'unauthorized' },
      { level: 'info', why: 'delivered' },
    ]);
  });
});

describe('a destination that keeps failing', () => {
  it('is opened after ten failures, probed with one delivery, and taken up again', async () => {
    sink.respondAt('/down', (_, nth) => {
      if (nth <= 10) return { status: 503 };
      return nth === 11 ? { delayMs: 400 } : undefined;
    });
    const ids: string[] = [];
    for (let nth = 0; nth < 6; nth += 1) ids.push(await plan('down'));
    await until(async () => (await openLanes()).includes('down'));
    await inState(await plan('other'), 'delivered');
    expect(at('down')).toHaveLength(10);
    for (const id of ids) await inState(id, 'delivered');
    const times = at('down').map(({ time }) => time);
    const gap = (nth: number) => (times[nth] ?? 0) - (times[nth - 1] ?? 0);
    expect(gap(10)).toBeGreaterThanOrEqual(5_000);
    expect(gap(11)).toBeGreaterThanOrEqual(400);
    expect(times).toHaveLength(16);
    const rows = await Promise.all(ids.map(deliveryOf));
    const charged = rows.reduce((sum, row) => sum + (row?.charged ?? 0), 0);
    expect(charged).toBe(16);
    expect(await openLanes()).toEqual([]);
  });
});

describe('an attempt without an answer', () => {
  it('is kept for a person with if_unknown: hold', async () => {
    sink.respondAt('/hold', { hang: 'before' });
    const id = await plan('hold');
    expect(await inState(id, 'held')).toMatchObject({ reason: 'unknown: timeout' });
    expect(at('hold')).toHaveLength(1);
  });

  it('is repeated with the same key with if_unknown: retry', async () => {
    sink.respondAt('/again', (_, nth) => (nth === 1 ? { hang: 'before' } : undefined));
    await inState(await plan('again'), 'delivered');
    const keys = at('again').map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([keys[0], keys[0]]);
    expect(keys[0]).toMatch(/^aftercall-/);
  });
});

describe('an ordered action', () => {
  it("keeps one contact's order across retries, and does not hold up another contact", async () => {
    sink.respondAt('/ordered', (_, nth) => (nth === 1 ? { status: 500 } : undefined));
    const [first, second, third] = [await plan('ordered'), await plan('ordered'), await plan('ordered')];
    const other = await plan('ordered', BOB);
    for (const id of [other, first, second, third]) await inState(id, 'delivered');
    const arrived = idsAt('ordered');
    expect(arrived.filter((id) => id !== other)).toEqual([first, first, second, third]);
    expect(arrived.indexOf(other)).toBeLessThan(arrived.lastIndexOf(first));
  });
});

describe('a fence', () => {
  it('stops what was planned before it was set', async () => {
    const id = await plan('fenced');
    expect(await deliveryOf(id)).toMatchObject({ state: 'pending', reason: 'destination_disabled' });
    writeConfig({ fenced: { only: { client: 'acme' } } });
    expect(await inState(id, 'skipped')).toMatchObject({ reason: 'fenced' });
    expect(at('fenced')).toEqual([]);
  });
});
