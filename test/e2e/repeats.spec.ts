import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { type Clocked, startClocked } from './clocked.js';
import { freshCall, post } from './hook-client.js';
import { describe } from './pair.js';
import { createTrial, type Trial, until } from './trial.js';

const TOKEN = 'follow-up-token-0123456';
const ANN = '+436641111111';
const BOB = '+436642222222';
const HOUR_MS = 3_600_000;

let trial: Trial;
let sink: HttpSink;
let server: Clocked;

beforeEach(async () => {
  [sink, trial] = await Promise.all([startHttpSink(), createTrial()]);
});
afterEach(async () => {
  await server.kill();
  await trial.remove();
  await sink.close();
});

async function startWith(rules: object): Promise<void> {
  trial.write('aftercall.yaml', {
    timezone: 'Europe/Vienna',
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    destinations: { crm: { kind: 'http', url: `${sink.url}/crm` } },
    egress: { allow: ['127.0.0.1/32'] },
  });
  trial.write('rules/rules.yaml', { rules });
  server = await startClocked(trial, '2026-03-10T10:01:00+01:00');
}

const send = (phone: string, next: string, more: object = {}) => {
  const call = freshCall({
    ...{ customer_phone: phone, created_at: null, extracted_variables: { next_action: next }, ...more },
  });
  return post(server.hook('autocalls', TOKEN), call);
};
const deliveries = () =>
  trial.rows<{ action: string; state: string; reason: string | null }>(
    'select action, state, reason from deliveries order by seq',
  );
const states = async () => (await deliveries()).map(({ state }) => state);
const bodies = () => sink.requests.map(({ json }) => json);

describe('a digest', () => {
  const RULES = {
    missed: {
      match: { status: 'no-answer' },
      then: [
        {
          ...{ id: 'tell', to: 'crm', digest: { every: '15 minutes', by: 'campaign.id' } },
          only_if: { match: { campaign: { exists: true } } },
          with: {
            body: {
              count: '{{ digest.count }}',
              who: '{% for call in digest.items %}{{ call.customer_phone }} {% endfor %}',
            },
          },
        },
      ],
    },
  };
  const miss = (phone: string, campaign: number) =>
    send(phone, 'none', { status: 'no-answer', lead: null, campaign: { id: campaign } });

  it('tells together what belongs together, at its time, after a kill as well', async () => {
    await startWith(RULES);
    await miss(ANN, 7);
    await miss(BOB, 7);
    await miss(BOB, 8);
    await server.kill();
    server = await startClocked(trial, '2026-03-10T10:13:00+01:00');
    expect(bodies()).toEqual([]);
    await server.passUntil('2026-03-10T10:15:01+01:00');
    await sink.waitFor(2);
    await until(async () => (await states()).every((state) => state === 'delivered'));
    expect(bodies()).toEqual(
      expect.arrayContaining([
        { count: 2, who: `${ANN} ${BOB} ` },
        { count: 1, who: `${BOB} ` },
      ]),
    );
    // What comes later waits for the next time.
    await miss(ANN, 7);
    await server.passUntil('2026-03-10T10:30:01+01:00');
    await sink.waitFor(3);
    expect(bodies()[2]).toEqual({ count: 1, who: `${ANN} ` });
    expect(sink.requests).toHaveLength(3);
  });
});

describe('an action that meets the same contact again', () => {
  const rule = (action: object) => ({
    nudge: {
      match: { 'extracted_variables.next_action': 'offer' },
      then: [{ id: 'nudge', to: 'crm', with: { body: { id: '{{ id }}' } }, ...action }],
    },
  });

  it('waits once where it counts from the call', async () => {
    await startWith(rule({ after: '1h' }));
    await send(ANN, 'offer', { id: 'one' });
    await send(ANN, 'offer', { id: 'two' });
    await send(BOB, 'offer', { id: 'three' });
    expect(await states()).toEqual(['pending', 'skipped', 'pending']);
    await server.pass(HOUR_MS + 60_000);
    await sink.waitFor(2);
    expect(bodies()).toEqual(expect.arrayContaining([{ id: 'one' }, { id: 'three' }]));
    await until(async () => (await states())[0] === 'delivered');
    await send(ANN, 'offer', { id: 'four' });
    expect((await states())[3]).toBe('pending');
  });

  it('takes the time that was asked for last', async () => {
    await startWith(rule({ at: { time: '{{ extracted_variables.callback_at }}', zone: 'Europe/Vienna' } }));
    const asks = (id: string, at: string) =>
      send(ANN, 'offer', { id, extracted_variables: { next_action: 'offer', callback_at: at } });
    await asks('one', '2026-03-10T15:00:00+01:00');
    await asks('two', '2026-03-10T12:00:00+01:00');
    expect(await deliveries()).toMatchObject([
      { state: 'canceled', reason: expect.stringMatching(/^replaced: /) },
      { state: 'pending' },
    ]);
    await server.passUntil('2026-03-10T12:01:00+01:00');
    await sink.waitFor(1);
    expect(bodies()).toEqual([{ id: 'two' }]);
  });

  it('happens once in the time that once_per names', async () => {
    await startWith(rule({ once_per: { contact: '14 days' } }));
    await send(ANN, 'offer', { id: 'one' });
    await sink.waitFor(1);
    await send(ANN, 'offer', { id: 'two' });
    await send(BOB, 'offer', { id: 'three' });
    await sink.waitFor(2);
    expect(await deliveries()).toMatchObject([
      {},
      { state: 'skipped', reason: expect.stringMatching(/^once_per: /) },
      {},
    ]);
    await server.pass(14 * 24 * HOUR_MS);
    await send(ANN, 'offer', { id: 'four' });
    await sink.waitFor(3);
    expect(bodies()).toEqual([{ id: 'one' }, { id: 'three' }, { id: 'four' }]);
  });
});

describe('a promise that is watched', () => {
  const RULES = {
    promise: {
      match: { 'extracted_variables.next_action': 'promise' },
      expect: {
        within: '2 business hours',
        call: { match: { 'extracted_variables.next_action': 'kept' } },
        else: [{ id: 'tell', to: 'crm', with: { body: { broken: '{{ customer_phone }}' } } }],
      },
    },
  };

  it('leads to nothing when it is kept in time, and to its else when it is not', async () => {
    await startWith(RULES);
    await send(ANN, 'promise');
    await send(BOB, 'promise');
    await send(ANN, 'kept');
    await until(async () => (await states())[0] === 'canceled', 1_000);
    await server.pass(119 * 60_000);
    expect(bodies()).toEqual([]);
    await server.pass(2 * 60_000);
    await sink.waitFor(1);
    expect(bodies()).toEqual([{ broken: BOB }]);
  });
});
