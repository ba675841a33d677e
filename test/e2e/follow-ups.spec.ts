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

const call = (phone: string, action: string) => {
  const one = freshCall({ customer_phone: phone, extracted_variables: { next_action: action } });
  return post(trial.hook('autocalls', TOKEN), one);
};

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
});
