import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { apiClient } from '../support/api-client.js';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { freshCall, post } from './hook-client.js';
import { describe } from './pair.js';
import { createTrial, type Trial, until } from './trial.js';

const TOKEN = 'desk-hook-token-0123';
const ADMIN_TOKEN = 'desk-admin-token-012345';
const ANN = '+4366411111111';
const BOB = '+4366422222222';

interface FollowUps {
  items: { id: string; contact: string; action: string; due_at: string; reason: string }[];
}

let trial: Trial;
let sink: HttpSink;
const api = apiClient(() => `${trial.server.url}/api/v1`, ADMIN_TOKEN);

beforeEach(async () => {
  sink = await startHttpSink();
  trial = await createTrial();
  writeMain();
  writeRules();
});
afterEach(async () => {
  await trial.remove();
  await sink.close();
});

/** @param folder beside `config/`, with a slash behind it */
function writeMain(folder = ''): void {
  trial.write(`${folder}aftercall.yaml`, {
    timezone: 'Europe/Vienna',
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    admin: { token: ADMIN_TOKEN },
    destinations: {
      crm: { kind: 'http', url: `${sink.url}/crm` },
      dialer: { kind: 'autocalls', api_key: 'no-real-key', base_url: sink.url },
    },
    egress: { allow: ['127.0.0.1/32'] },
  });
}

/** A reminder for colleagues and a call to the contact, both later. */
function writeRules(folder = '', after = '2 days', condition: object = { status: 'completed' }): void {
  const ring = { id: 'ring', to: 'dialer', do: 'call', after: '3 days' };
  const call = { ...ring, with: { assistant_id: 17, phone: '{{ contact.phone }}' } };
  const remind = { id: 'remind', to: 'crm', after, with: { body: { id: '{{ id }}' } } };
  trial.write(`${folder}rules/rules.yaml`, { rules: { nudge: { match: condition, then: [remind, call] } } });
}

const send = (phone: string, more: object = {}) =>
  post(trial.hook('autocalls', TOKEN), freshCall({ customer_phone: phone, ...more }));

/** Runs a command that must succeed; answers what it printed. */
function aftercall(...args: string[]): string {
  const { status, stdout, stderr } = trial.run(args);
  expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' });
  return stdout;
}

/** Leads a command to the running server. */
const there = () => ['--url', trial.server.url, '--token', ADMIN_TOKEN];
const listed = (...args: string[]) =>
  (JSON.parse(aftercall('followups', 'list', ...args, '-o', 'json')) as FollowUps).items;

function idOf(action: string, contact = ANN, ...where: string[]): string {
  const found = listed('--contact', contact, ...where).find((one) => one.action === action);
  expect(found).toBeDefined();
  return found?.id ?? '';
}

const states = () =>
  trial.rows<{ action: string; contact: string; state: string; reason: string | null }>(
    'select action, contact, state, reason from deliveries order by contact, action',
  );

describe('follow-ups', () => {
  it('are listed, put off, taken back and sent in the store of a stopped server', async () => {
    await trial.start();
    await send(ANN);
    await send(BOB);
    await trial.server.end();

    expect(aftercall('followups', 'list')).toMatch(
      / \(in (47 h|2 d)\) .*nudge\.remind -> crm .*2 days after the call/,
    );
    expect(listed('--rule', 'nudge', '--destination', 'crm')).toHaveLength(2);
    const before = Date.parse(listed('--contact', BOB, '--destination', 'crm')[0]?.due_at ?? '');
    aftercall('followups', 'snooze', '--contact', BOB, '--destination', 'crm', '--by', '2h', '--yes');
    expect(listed('--contact', BOB, '--destination', 'crm')).toMatchObject([
      { due_at: new Date(before + 7_200_000).toISOString(), reason: 'snoozed' },
    ]);
    const year = new Date().getFullYear() + 1;
    aftercall('followups', 'snooze', idOf('remind', BOB), '--until', `${year}-07-01T10:00`);
    expect(listed('--contact', BOB, '--destination', 'crm')).toMatchObject([
      { due_at: `${year}-07-01T08:00:00.000Z` },
    ]);
    expect(aftercall('followups', 'cancel', '--contact', BOB, '--yes')).toBe('canceled 2 follow-ups\n');
    expect(aftercall('followups', 'run-now', idOf('remind'))).toMatch(
      /^brought forward .* pending\nwhat is due goes out once the server runs/,
    );
    await trial.start();
    await until(async () => (await states()).some(({ state }) => state === 'delivered'));
    expect(sink.requests).toHaveLength(1);
  });

  it('are the same over HTTP', async () => {
    await trial.start();
    await send(ANN);
    const { items } = (await api.get(`/followups?contact=${encodeURIComponent(ANN)}`)).body;
    expect(items).toMatchObject([
      { contact: ANN, state: 'pending' },
      { contact: ANN, scope: '' },
    ]);
    const id = idOf('remind', ANN, ...there());
    expect((await api.post(`/followups/${id}/snooze`, { until: '2099-01-01T10:00' })).body).toMatchObject({
      ...{ id, due_at: '2099-01-01T09:00:00.000Z', reason: 'snoozed' },
    });
    expect(await api.post(`/followups/${id}/snooze`)).toMatchObject({
      ...{ status: 400, body: { message: 'until, by: expected one of the two' } },
    });
    expect((await api.post('/followups/snooze', { by: '1 day', dry_run: true })).body).toEqual({ count: 2 });
    expect((await api.post('/followups/snooze', { rule: 'nudge', by: '1 day' })).body).toEqual({ count: 2 });
    expect((await api.post(`/followups/${id}/run-now`)).status).toBe(200);
    await sink.waitFor(1);
    expect((await api.post('/followups/cancel', {})).body).toEqual({ count: 1 });
    await until(async () => (await api.get(`/deliveries/${id}`)).body.state === 'delivered');
    expect(await api.post(`/followups/${id}/cancel`)).toMatchObject({
      ...{ status: 409, body: { message: expect.stringMatching(/is delivered; a follow-up is one/) } },
    });
  });
});

describe('a contact', () => {
  it('is stopped by hand, which takes back what waits to reach it, and allowed again', async () => {
    await trial.start();
    await send(ANN);
    expect(aftercall('contact', 'show', ANN, ...there())).toMatch(
      /may be reached\n {2}calls {2}1, none of them missed\n/,
    );
    expect(aftercall('contact', 'stop', '+43 664 11111111', ...there())).toMatch(
      /^\+4366411111111 is not to be reached any more\n {2}canceled \S+ {2}nudge\.ring -> dialer\n$/,
    );
    expect(await states()).toMatchObject([
      { action: 'remind', state: 'pending' },
      { action: 'ring', state: 'canceled', reason: 'stopped: by_person' },
    ]);
    expect(aftercall('contact', 'list-stopped', ...there())).toContain(ANN);
    const named = encodeURIComponent(ANN);
    expect((await api.get(`/contacts/${named}`)).body).toMatchObject({
      ...{ contact: ANN, stopped: { reason: 'by_person' }, calls: 1, open_follow_ups: 1 },
    });
    expect((await api.get('/stops')).body.items).toMatchObject([{ contact: ANN }]);
    expect((await api.post(`/contacts/${named}/allow`)).body).toMatchObject({
      stopped: false,
      changed: true,
    });
    expect((await api.post(`/contacts/${named}/stop`)).body).toMatchObject({ stopped: true, canceled: [] });
    expect((await api.get(`/contacts/${named}/timeline`)).body.items.map(({ is }) => is)).toEqual([
      ...['delivery', 'delivery', 'event'],
    ]);
    expect((await api.get('/contacts/nobody')).body).toMatchObject({ status: 'bad_request' });
  });

  it('is known beside a running server, and after it', async () => {
    await trial.start();
    await send(ANN);
    expect(aftercall('contact', 'timeline', ANN)).toMatch(/ call .* accepted\n$/);
    await trial.server.end();
    aftercall('contact', 'stop', ANN);
    expect(aftercall('contact', 'show', ANN)).toContain('not to be reached since ');
    expect(aftercall('contact', 'allow', ANN)).toBe(`${ANN} may be reached again\n`);
  });
});

describe('changed rules', () => {
  const changed = (folder?: string) => writeRules(folder, '1 day', { duration: { '>': 60 } });

  it('are planned and applied to what waits in the store', async () => {
    await trial.start();
    await send(ANN, { duration: 90 });
    await send(BOB, { duration: 10 });
    await trial.server.end();
    expect(aftercall('plan')).toMatch(/^Rules\n {2}no changes\n/);
    changed();
    const plan = aftercall('plan');
    expect(plan).toContain('  nudge  changed: condition\n    remind  changed: time\n');
    expect(plan).toContain('  nudge.remind  2 wait: 1 changed, 1 gone\n');
    expect(plan).toContain('  nudge.ring  2 wait: 1 unchanged, 1 gone\n');
    expect(aftercall('apply', '--pending', 'migrate', '--dry-run')).toMatch(
      /^1 follow-up will go on by the rules/,
    );
    expect(aftercall('apply', '--pending', 'migrate', '--yes')).toBe(
      'migrated 1 follow-up, canceled 2, left 1 as planned\n',
    );
    expect(await states()).toMatchObject([
      { contact: ANN, action: 'remind', state: 'pending', reason: 'rules_changed' },
      { contact: ANN, action: 'ring', state: 'pending' },
      {
        contact: BOB,
        state: 'canceled',
        reason: expect.stringMatching(/^rules_changed: its call would not/),
      },
      { contact: BOB, state: 'canceled' },
    ]);
    expect(aftercall('plan')).not.toContain('changed,');
  });

  it('are looked at before the server has them, and refused to be applied until it has', async () => {
    await trial.start();
    await send(ANN, { duration: 10 });
    writeMain('../next/');
    changed('../next/');
    const next = (args: string[]) => trial.run([...args, '--config', 'next', ...there()]);
    const refused = next(['apply', '--pending', 'cancel', '--yes']);
    expect(refused).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^aftercall: the server runs other rules than these; put them into the/),
    });
    const planned = next(['plan']);
    expect(planned).toMatchObject({ status: 0, stderr: '' });
    expect(planned.stdout).toContain('nudge.remind  1 waits: 1 gone');

    changed();
    await until(() => next(['apply', '--pending', 'cancel', '--yes']).status === 0);
    expect((await states()).map(({ state }) => state)).toEqual(['canceled', 'canceled']);
    expect((await api.post('/rules/plan')).body).toMatchObject({ waiting: 0, follow_ups: [] });
    expect((await api.post('/rules/apply', { pending: 'keep' })).body).toMatchObject({ count: 0, kept: 0 });
  });
});
