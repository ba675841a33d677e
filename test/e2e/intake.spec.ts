import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ANY_ID, answerAccepted, fixtureBytes, freshCall, post, type SampleCall } from './hook-client.js';
import { type Intake, LONG_TOKEN, startIntake } from './intake-config.js';
import { describe } from './pair.js';
import { type Trial, createTrial, until } from './trial.js';

const UNAUTHORIZED = {
  status: 'unauthorized',
  message: 'wrong or missing token; give it in the path or as Authorization: Bearer',
};
const FORBIDDEN = { status: 'forbidden', message: 'this address is not among the allow_ips of the source' };

let intake: Intake;
let trial: Trial;

beforeAll(async () => {
  intake = await startIntake();
  trial = intake.trial;
});

afterAll(() => intake.remove());

describe('who may post', () => {
  it('refuses a wrong token and a missing one with 401', async () => {
    const wrong = await post(trial.hook('calls', 'wrong-token-0123456789'), freshCall());
    expect(wrong).toMatchObject({ status: 401, body: UNAUTHORIZED });
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer');
    const missing = await post(trial.hook('calls'), freshCall());
    expect(missing).toMatchObject({ status: 401, body: UNAUTHORIZED });
    const other = await post(trial.hook('calls', 'desk-token-0123456789'), freshCall());
    expect(other).toMatchObject({ status: 401, body: UNAUTHORIZED });
  });

  it('answers 404 for a source that the configuration does not have', async () => {
    const { status, body } = await post(trial.hook('nobody', 'calls-token-0123456789'), freshCall());
    const message = 'no source has this name; `aftercall urls` prints the addresses that exist';
    expect({ status, body }).toEqual({ status: 404, body: { status: 'unknown_source', message } });
  });

  it('takes the token as bearer where the path ends at the source', async () => {
    const right = await post(trial.hook('calls'), freshCall(), {
      authorization: 'Bearer calls-token-0123456789',
    });
    expect(right).toMatchObject(answerAccepted([]));
    const wrong = await post(trial.hook('calls'), freshCall(), {
      authorization: 'Bearer wrong-token-0123456789',
    });
    expect(wrong).toMatchObject({ status: 401, body: UNAUTHORIZED });
  });

  it('takes a token of several hundred characters', async () => {
    expect(await post(trial.hook('long', LONG_TOKEN), freshCall())).toMatchObject(answerAccepted([]));
    expect(await post(trial.hook('long', `${LONG_TOKEN}x`), freshCall())).toMatchObject({ status: 401 });
  });

  it('answers 404 where the address goes on behind the token', async () => {
    const { status } = await post(`${trial.hook('calls', 'calls-token-0123456789')}/more`, freshCall());
    expect(status).toBe(404);
  });

  it('takes both tokens of a source while they rotate', async () => {
    expect(await post(trial.hook('rotating', 'old-token-0123456789'), freshCall())).toMatchObject(
      answerAccepted([]),
    );
    expect(await post(trial.hook('rotating', 'new-token-0123456789'), freshCall())).toMatchObject(
      answerAccepted([]),
    );
    expect((await post(trial.hook('rotating', 'older-token-0123456789'), freshCall())).status).toBe(401);
  });

  it('refuses an address outside allow_ips with 403, whatever the sender says about itself', async () => {
    const url = trial.hook('fenced', 'fenced-token-0123456789');
    expect(await post(url, freshCall())).toMatchObject({ status: 403, body: FORBIDDEN });
    const claimed = await post(url, freshCall(), { 'x-forwarded-for': '203.0.113.7' });
    expect(claimed).toMatchObject({ status: 403, body: FORBIDDEN });
    const local = await post(trial.hook('local', 'local-token-0123456789'), freshCall(), {
      'x-forwarded-for': '8.8.8.8',
    });
    expect(local).toMatchObject(answerAccepted([]));
  });

  it('keeps nothing of what it refuses', async () => {
    const call = freshCall();
    await post(trial.hook('calls', 'wrong-token-0123456789'), call);
    await post(trial.hook('fenced', 'fenced-token-0123456789'), call);
    expect(await trial.rows('select id from events where call_id = ?', call.id)).toEqual([]);
  });
});

describe('behind a trusted proxy', () => {
  let behind: Trial;

  beforeAll(async () => {
    behind = await createTrial();
    const fenced = { kind: 'autocalls', token: 'fenced-token-0123456789', allow_ips: ['203.0.113.0/24'] };
    behind.write('aftercall.yaml', {
      server: { trusted_proxies: ['127.0.0.1/32', '10.0.0.0/8'] },
      sources: { fenced },
    });
    await behind.start();
  });
  afterAll(() => behind.remove());

  it.each([
    ['203.0.113.7', 202],
    ['198.51.100.1', 403],
    ['203.0.113.7, 10.1.2.3', 202],
    ['203.0.113.7, 198.51.100.1', 403],
    ['198.51.100.1, 203.0.113.7', 202],
    ['nonsense', 403],
  ])('judges X-Forwarded-For "%s" from the right, with %i', async (forwarded, status) => {
    const url = behind.hook('fenced', 'fenced-token-0123456789');
    const answer = await post(url, freshCall(), { 'x-forwarded-for': forwarded });
    expect(answer).toMatchObject(status === 202 ? answerAccepted([]) : { status, body: FORBIDDEN });
  });
});

describe('the samples of the vendor', () => {
  it.each([
    ['completed-campaign', 'accepted', ['hot-lead', 'demo-campaign']],
    ['completed-campaign-revised', 'revision', ['cold-lead', 'demo-campaign']],
    ['completed-inbound-string-transcript', 'accepted', ['call-back']],
    ['no-answer-campaign', 'accepted', ['not-reached', 'demo-campaign']],
    ['web-call-null-phones', 'accepted', ['hot-lead', 'no-number']],
    ['busy-nulls', 'accepted', ['not-reached']],
    ['campaign-top-level', 'accepted', ['hot-lead', 'demo-campaign']],
    ['hostile-text', 'accepted', ['hot-lead', 'demo-campaign']],
    ['vendor-test-button-no-id', 'test', ['hot-lead']],
  ])('%s is answered with %s and the rules that fired', async (name, status, fired) => {
    const answer = await post(trial.hook('fixtures', 'fixtures-token-0123456789'), fixtureBytes(name));
    expect(answer).toMatchObject({ status: 202 });
    expect(answer.body).toEqual({ status, event_id: ANY_ID, fired });
  });

  it('are taken with any content type', async () => {
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'no type', ''];
    for (const type of types) {
      const answer = await post(trial.hook('calls', 'calls-token-0123456789'), freshCall(), {
        'content-type': type,
      });
      expect(answer).toMatchObject(answerAccepted([]));
    }
  });
});

describe('the same call again', () => {
  const moved: [string, (call: SampleCall) => object][] = [
    ['unchanged', (call) => call],
    ['with another finished_at', (call) => ({ ...call, finished_at: '2030-01-01T00:00:00Z' })],
    ['with another lead.status', (call) => ({ ...call, lead: { ...call.lead, status: 'closed' } })],
    [
      'with more lead.call_tries',
      (call) => ({ ...call, lead: { ...call.lead, call_tries: 9, updated_at: '' } }),
    ],
    ['with another campaign', (call) => ({ ...call, lead: { ...call.lead, campaign: { id: 1 } } })],
    ['in another order of keys', (call) => Object.fromEntries(Object.entries(call).reverse())],
  ];

  it.each(moved)('is a duplicate %s', async (_, change) => {
    const call = freshCall();
    const url = trial.hook('desk', 'desk-token-0123456789');
    const first = await post(url, call);
    expect(first).toMatchObject(answerAccepted(['hot-for-desk']));
    const again = await post(url, JSON.stringify(change(call), null, 2));
    expect(again.status).toBe(200);
    expect(again.body).toEqual({
      status: 'duplicate',
      event_id: first.body.event_id,
      fired: ['hot-for-desk'],
    });
  });

  it('is a revision with other content, and a duplicate of either afterwards', async () => {
    const url = trial.hook('calls', 'calls-token-0123456789');
    const call = freshCall();
    const changed = { ...call, duration: 999 };
    const first = await post(url, call);
    const revised = await post(url, changed);
    expect({ status: revised.status, body: revised.body }).toEqual({
      status: 202,
      body: { status: 'revision', event_id: ANY_ID, fired: [] },
    });
    expect(revised.body.event_id).not.toBe(first.body.event_id);
    for (const [content, known] of [
      [call, first],
      [changed, revised],
    ] as const) {
      const again = await post(url, content);
      expect(again).toMatchObject({
        status: 200,
        body: { status: 'duplicate', event_id: known.body.event_id },
      });
    }
    const revisions = await trial.rows(
      'select revision, status from events where call_id = ? order by seq',
      call.id,
    );
    expect(revisions).toEqual([
      { revision: 1, status: 'accepted' },
      { revision: 2, status: 'revision' },
    ]);
  });

  it('is accepted once of fifty copies at the same time, and sent once', async () => {
    const call = freshCall();
    const copies = Array.from({ length: 50 }, () => post(trial.hook('flow', 'flow-token-0123456789'), call));
    const answers = await Promise.all(copies);
    const firsts = answers.filter(({ status }) => status === 202);
    expect(firsts).toMatchObject([answerAccepted(['forward', 'rendered'])]);
    const duplicate = {
      status: 'duplicate',
      event_id: firsts[0]?.body.event_id,
      fired: ['forward', 'rendered'],
    };
    const others = answers.filter(({ status }) => status === 200);
    expect(others.map(({ body }) => body)).toEqual(Array(49).fill(duplicate));
    await until(() => intake.settled(call.id));
    expect(intake.requestsFor(call.id, '/raw')).toHaveLength(1);
    expect(intake.requestsFor(call.id, '/rendered')).toHaveLength(1);
  });
});
