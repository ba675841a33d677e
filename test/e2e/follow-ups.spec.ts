import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { freshCall, post } from './hook-client.js';
import { describe } from './pair.js';
import { type Trial, createTrial, until } from './trial.js';

const TOKEN = 'follow-up-token-0123456';
const ANN = '+4366411111111';
const BOB = '+4366422222222';

const RULES = {
  rules: {
    nudge: {
      match: { 'extracted_variables.next_action': 'offer' },
      then: [
        { id: 'soon', to: 'crm', after: '500ms', with: { body: { id: '{{ id }}' } } },
        { id: 'later', to: 'crm', after: '2 days', cancel_when: { rule_fired: 'booked' } },
      ],
    },
    booked: { match: { 'extracted_variables.next_action': 'booked' }, then: [{ id: 'tell', to: 'crm' }] },
  },
};

/** A revision leaves what was planned before it alone. */
const KEPT = {
  rules: {
    nudge: {
      match: { 'extracted_variables.next_action': ['offer', 'booked'] },
      then: [
        {
          ...{ id: 'later', to: 'crm', after: '2 days', on_revision: 'ignore' },
          cancel_when: { later_call: { match: { 'extracted_variables.next_action': 'booked' } } },
        },
      ],
    },
  },
};

let trial: Trial;
let sink: HttpSink;

beforeEach(async () => {
  sink = await startHttpSink();
  trial = await createTrial();
  trial.write('aftercall.yaml', {
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    destinations: { crm: { kind: 'http', url: `${sink.url}/crm` } },
    egress: { allow: ['127.0.0.1/32'] },
  });
  trial.write('rules/rules.yaml', RULES);
});
afterEach(async () => {
  await trial.remove();
  await sink.close();
});

const callOf = (phone: string, action: string, more: object = {}) =>
  freshCall({ customer_phone: phone, extracted_variables: { next_action: action }, ...more });
const send = (one: object) => post(trial.hook('autocalls', TOKEN), one);
const call = (phone: string, action: string) => send(callOf(phone, action));

const waiting = () =>
  trial.rows<{ contact: string; state: string; reason: string }>(
    "select contact, state, reason from deliveries where action = 'later' order by seq",
  );

describe('follow-ups', () => {
  it('wait through a restart, go out at their time, and are taken back within a second', async () => {
    await trial.start();
    await call(ANN, 'offer');
    await call(BOB, 'offer');
    await sink.waitFor(2);
    await trial.server.end('SIGTERM');
    await trial.start();
    expect((await waiting()).map(({ state }) => state)).toEqual(['pending', 'pending']);

    const { body } = await call(ANN, 'booked');
    await until(async () => (await waiting())[0]?.state === 'canceled', 1_000);
    expect(await waiting()).toMatchObject([
      { contact: ANN, reason: `rule_fired: booked on ${String(body.event_id)}` },
      { contact: BOB, state: 'pending', reason: expect.stringMatching(/^follow_up: 2 days after the call/) },
    ]);
  });

  it('are not taken back by another content of their own call', async () => {
    trial.write('rules/rules.yaml', KEPT);
    await trial.start();
    const own = callOf(ANN, 'offer');
    await send(own);
    await send({ ...own, extracted_variables: { next_action: 'booked' } });
    // Of somebody else, and taken back: what was looked at before it has been settled by then.
    await call(BOB, 'offer');
    await call(BOB, 'booked');
    await until(async () => (await waiting())[1]?.state === 'canceled');
    expect((await waiting())[0]).toMatchObject({ contact: ANN, state: 'pending' });
  });
});
