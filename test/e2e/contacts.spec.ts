import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { isJsonObject, type JsonObject } from '../../src/lib/json.js';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { standIn as autocalls } from '../support/stand-ins/autocalls.stand-in.js';
import { serveStandIn, type ServedStandIn } from '../support/stand-ins/serve.js';
import { type Clocked, startClocked } from './clocked.js';
import { freshCall, post, type SampleCall } from './hook-client.js';
import { describe, onSqlite } from './pair.js';
import { createTrial, type Trial, until } from './trial.js';

const TOKEN = 'follow-up-token-0123456';
const ANN = '+436641111111';
const BOB = '+436642222222';
const TUESDAY = '2026-03-10T10:00:00+01:00';
const DAY_MS = 86_400_000;

const text = { to: 'dialer', do: 'send_sms', with: { from: 3, to: '{{ contact.phone }}', text: 'Hello!' } };
const call = { to: 'dialer', do: 'call', with: { assistant_id: 17, phone: '{{ contact.phone }}' } };
const on = (next: string) => ({ match: { 'extracted_variables.next_action': next } });

let trial: Trial;
let dialer: ServedStandIn;
let sink: HttpSink;
let server: Clocked;

beforeEach(async () => {
  [dialer, sink, trial] = await Promise.all([
    serveStandIn(autocalls.create()),
    startHttpSink(),
    createTrial(),
  ]);
});
afterEach(async () => {
  await server.kill();
  await trial.remove();
  await Promise.all([dialer.close(), sink.close()]);
});

async function startWith(rules: object, settings: object = {}, at = TUESDAY): Promise<void> {
  trial.write('aftercall.yaml', {
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    destinations: {
      dialer: { kind: 'autocalls', ...autocalls.options(dialer.url) },
      crm: { kind: 'http', url: `${sink.url}/crm` },
    },
    egress: { allow: ['127.0.0.1/32'] },
    ...settings,
  });
  trial.write('rules/rules.yaml', { rules });
  server = await startClocked(trial, at);
}

const send = (one: SampleCall) => post(server.hook('autocalls', TOKEN), one);

function said(phone: string, next: string, more: object = {}): SampleCall {
  const none = { lead: null, campaign: null, created_at: null, input_variables: {} };
  return freshCall({
    ...none,
    ...{ customer_phone: phone, extracted_variables: { next_action: next }, ...more },
  });
}

const deliveries = () =>
  trial.rows<{
    rule: string;
    action: string;
    contact: string;
    state: string;
    reason: string;
    due_at: number;
  }>('select rule, action, contact, state, reason, due_at from deliveries order by seq');
const states = async () =>
  (await deliveries()).map(({ rule, action, state }) => `${rule}.${action} ${state}`);
const reasonOf = async (rule: string) => (await deliveries()).findLast((one) => one.rule === rule)?.reason;
const ended = (rule: string, state: string) =>
  until(async () => (await deliveries()).findLast((one) => one.rule === rule)?.state === state);
const texts = () => dialer.standIn.records('send_sms');
const calls = () => dialer.standIn.records('call') as JsonObject[];

describe('a contact that is stopped', () => {
  const RULES = {
    promise: {
      ...on('promise'),
      then: [
        { id: 'text', ...text, after: '2 days' },
        { id: 'note', to: 'crm', after: '2 days' },
      ],
    },
    first: { ...on('stop'), stop: true, order: -1, then: [{ id: 'text', ...text }] },
    opt_out: { ...on('stop'), then: [{ id: 'stop', do: 'contact.stop' }] },
    welcome: { ...on('welcome'), then: [{ id: 'text', ...text }] },
    allow: { ...on('allow'), then: [{ id: 'allow', do: 'contact.allow' }] },
  };

  it('is not reached by what waits, by what the same call plans, nor by anything later, until it is allowed', async () => {
    await startWith(RULES);
    await send(said(ANN, 'promise'));
    await send(said(BOB, 'promise'));
    await send(said(ANN, 'stop'));
    expect(await states()).toEqual([
      ...['promise.text canceled', 'promise.note pending', 'promise.text pending', 'promise.note pending'],
      ...['first.text canceled', 'opt_out.stop delivered'],
    ]);
    expect(await reasonOf('first')).toBe('stopped: opt_out.stop');

    await send(said(ANN, 'welcome'));
    await ended('welcome', 'skipped');
    expect(await reasonOf('welcome')).toBe('stopped');
    await server.pass(2 * DAY_MS + 60_000);
    await sink.waitFor(2);
    await until(() => texts().length === 1);
    expect(texts()).toMatchObject([{ to: BOB }]);

    await send(said(ANN, 'allow'));
    await send(said(ANN, 'welcome'));
    await ended('welcome', 'delivered');
    expect(texts()).toMatchObject([{ to: BOB }, { to: ANN }]);
  });
});

/** What asks nothing of the store is tried on one pair. */
describe('the contact gate', () => {
  const WELCOME = { welcome: { ...on('welcome'), then: [{ id: 'text', ...text }] } };

  it('waits through the night of the contact, and not of the server', async () => {
    await startWith(WELCOME);
    await send(said('+12125550123', 'welcome'));
    await until(async () => (await reasonOf('welcome'))?.startsWith('quiet_hours') === true);
    expect(await reasonOf('welcome')).toBe(
      'quiet_hours: 2026-03-10 05:00 in America/New_York, told by the phone number',
    );
    expect(texts()).toEqual([]);
    await server.passUntil('2026-03-10T08:00:05-04:00');
    await until(() => texts().length === 1);
  });

  onSqlite.it('holds what nothing tells the time for', async () => {
    await startWith(WELCOME);
    await send(said('+88210012345', 'welcome'));
    await ended('welcome', 'held');
    expect(await reasonOf('welcome')).toBe('zone_unknown');
  });

  it('lets through as often as contact_limits says, over all rules', async () => {
    const rules = { ...WELCOME, again: { ...on('again'), then: [{ id: 'text', ...text }] } };
    await startWith(rules, { contact_limits: { sms: '2/day' } });
    for (const next of ['welcome', 'again', 'welcome']) await send(said(ANN, next));
    await until(async () => (await reasonOf('welcome'))?.startsWith('contact_limit') === true);
    await until(() => texts().length === 2);
    expect(await reasonOf('welcome')).toBe('contact_limit: 2 (sms) is used up');
    await server.pass(DAY_MS);
    await until(() => texts().length === 3);
  });

  onSqlite.it('asks for consent where that is configured', async () => {
    await startWith(WELCOME, { contacts: { consent: 'lead.variables.agreed' } });
    const lead = (agreed: unknown) => ({ lead: { id: 1, variables: { agreed } } });
    await send(said(ANN, 'welcome', lead('Yes')));
    await ended('welcome', 'delivered');
    await send(said(ANN, 'welcome', lead(false)));
    await ended('welcome', 'skipped');
    expect(await reasonOf('welcome')).toBe('no_consent');
    await send(said(ANN, 'welcome'));
    await ended('welcome', 'held');
    expect(await reasonOf('welcome')).toBe('consent_missing');
  });

  onSqlite.it('reaches nobody because of a call that is told a day late', async () => {
    await startWith(WELCOME);
    await send(said(ANN, 'welcome', { created_at: '2026-03-08T08:00:00Z' }));
    await ended('welcome', 'skipped');
    expect(await reasonOf('welcome')).toMatch(/^too_old/);
    expect(texts()).toEqual([]);
  });

  onSqlite.it('is not for staff', async () => {
    const staff = { ...text, audience: 'staff', with: { ...text.with, to: '+436649999999' } };
    await startWith(
      { alarm: { ...on('alarm'), then: [{ id: 'text', ...staff }] } },
      {},
      '2026-03-10T03:00:00+01:00',
    );
    await send(said(ANN, 'alarm'));
    await until(() => texts().length === 1);
  });
});

describe('calls that rules cause', () => {
  /** The webhook of the last call that was made. */
  function endOfCall(): SampleCall {
    const { id = null, variables } = calls().at(-1) ?? {};
    return said(ANN, 'again', { id, input_variables: isJsonObject(variables) ? variables : {} });
  }

  onSqlite.it('do not fire their rule again', async () => {
    await startWith({ again: { ...on('again'), then: [{ id: 'call', ...call }] } });
    await send(said(ANN, 'again'));
    await until(() => calls().length === 1);
    expect((await send(endOfCall())).body).toMatchObject({ status: 'accepted', fired: [] });
  });

  it('stop at max_chain, held for a person, where a rule counts its own', async () => {
    const rule = { ...on('again'), on_own_calls: 'count', then: [{ id: 'call', ...call }] };
    await startWith({ again: rule }, { max_chain: 2, contact_limits: { call: 'none', any: 'none' } });
    await send(said(ANN, 'again'));
    for (const made of [1, 2]) {
      await until(() => calls().length === made);
      expect((await send(endOfCall())).body.fired).toEqual(['again']);
    }
    await ended('again', 'held');
    expect(await reasonOf('again')).toBe('max_chain: the original call caused 2 calls already');
    expect(calls()).toHaveLength(2);
  });
});

describe('a rule about the contact', () => {
  it('knows how often it called and was missed, at the call and when a delivery is due', async () => {
    await startWith({
      third: {
        match: { 'contact.missed_24h': { '>=': 2 } },
        then: [
          {
            id: 'note',
            to: 'crm',
            with: { body: { calls: '{{ contact.calls }}', last: '{{ contact.last_status }}' } },
          },
        ],
      },
      quiet: {
        ...on('quiet'),
        then: [
          { id: 'late', to: 'crm', after: '1h', only_if: { match: { 'contact.calls_24h': { '<': 5 } } } },
        ],
      },
    });
    const miss = () => send(said(ANN, 'none', { status: 'no-answer' }));
    expect((await miss()).body.fired).toEqual([]);
    expect((await send(said(BOB, 'none', { status: 'busy' }))).body.fired).toEqual([]);
    expect((await miss()).body.fired).toEqual(['third']);
    await sink.waitFor(1);
    expect(sink.requests[0]?.json).toEqual({ calls: 2, last: 'no-answer' });
    await send(said(ANN, 'quiet'));
    await send(said(ANN, 'none'));
    await send(said(ANN, 'none'));
    await server.pass(3_660_000);
    await ended('quiet', 'skipped');
    expect(await reasonOf('quiet')).toBe('only_if');
  });
});
