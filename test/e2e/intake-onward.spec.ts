import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ANY_ID, answerAccepted, fixtureBytes, freshCall, post } from './hook-client.js';
import { type Intake, startIntake } from './intake-config.js';
import { describe } from './pair.js';
import { type Trial, until } from './trial.js';

let intake: Intake;
let trial: Trial;

beforeAll(async () => {
  intake = await startIntake();
  trial = intake.trial;
});

afterAll(() => intake.remove());

describe('what goes on from it', () => {
  it('keeps every digit of an id of thirty: in the store, in a template and in what is forwarded', async () => {
    const id = '123456789012345678901234567891';
    const text = `{"id": ${id}, "status": "completed"}`;
    await post(trial.hook('flow', 'flow-token-0123456789'), text);
    await until(() => intake.settled(id));
    expect(intake.requestsFor(id, '/raw').map(({ body }) => body)).toEqual([text]);
    expect(intake.requestsFor(id, '/rendered').map(({ json }) => json)).toEqual([
      { id, assistant: 'none', text: `#${id} for acme` },
    ]);
  });

  it.each(['application/vnd.autocalls+json; charset=utf-8', 'text/plain'])(
    'forwards the bytes as they came, as %s',
    async (contentType) => {
      const id = randomUUID();
      const text = `\n{ "id" : "${id}",\t"status":"completed", "odd":[1.50, 1e2, "\\u00fc\\ud800", "ü"] , "id2":{} }\n`;
      await post(trial.hook('flow', 'flow-token-0123456789'), text, { 'content-type': contentType });
      await until(() => intake.settled(id));
      const [forwarded] = intake.requestsFor(id, '/raw');
      expect(forwarded?.raw.equals(Buffer.from(text))).toBe(true);
      expect(forwarded?.headers['content-type']).toBe(contentType);
    },
  );

  it('hands labels of the address to rules and templates, over those of the source', async () => {
    const call = freshCall();
    const answer = await post(`${trial.hook('flow', 'flow-token-0123456789')}?assistant=17`, call);
    expect(answer).toMatchObject(answerAccepted(['forward', 'rendered', 'assistant-17']));
    await until(() => intake.settled(call.id));
    const [rendered] = intake.requestsFor(call.id, '/rendered');
    expect(rendered?.json).toEqual({ id: call.id, assistant: '17', text: `#${String(call.id)} for acme` });
  });

  it('marks what a test of the vendor tells colleagues, and only renders the rest', async () => {
    intake.sink.reset();
    const answer = await post(
      trial.hook('desk', 'desk-token-0123456789'),
      fixtureBytes('vendor-test-button-no-id'),
    );
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 202,
      body: { status: 'test', event_id: ANY_ID, fired: ['hot-for-desk'] },
    });
    const id = answer.body.event_id;
    const states = () =>
      trial.rows('select action, state, reason, input from deliveries where event_id = ? order by seq', id);
    const summary = 'Customer interested in product demo';
    const told = { action: 'tell', state: 'delivered', reason: null, input: expect.any(String) as unknown };
    const rendered = {
      action: 'store',
      state: 'shadow',
      reason: 'test',
      input: JSON.stringify({ body: { summary } }),
    };
    await until(async () => !JSON.stringify(await states()).match(/pending|sending/));
    expect(await states()).toEqual([told, rendered]);
    expect(intake.sink.requests.map(({ path, json }) => ({ path, json }))).toEqual([
      { path: '/slack', json: { text: `[TEST] Hot: ${summary}` } },
    ]);
  });
});
