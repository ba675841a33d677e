import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { adapter } from '../../src/adapters/pipedrive/pipedrive.adapter.js';
import { type InspectedUse } from '../../src/adapters/adapter.js';
import { type AttemptOutcome } from '../../src/domain/attempt.js';
import { type Json, type JsonObject } from '../../src/lib/json.js';
import { createSpecClient, missingSpec, type Prism, type SpecClient, startPrism } from '../support/prism.js';
import { sendRequest } from '../support/send-request.js';

const FILES = ['pipedrive/pipedrive-v1-openapi.yml', 'pipedrive/pipedrive-v2-openapi.yml'];
const PHONE = '+4366412345678';
const CALL = 'call autocalls 12345 hot-lead.tell';
const CUSTOM = 'a'.repeat(40);
const NOTHING = '{"success":true,"data":{"items":[]}}';

const missing = missingSpec(FILES);
const suite = missing === null ? describe : describe.skip;
const title = `Pipedrive's own specification${missing === null ? '' : ` (no ${missing})`}`;

suite(title, () => {
  let prisms: Prism[] = [];
  let http: SpecClient;
  beforeAll(async () => {
    prisms = await Promise.all(FILES.map((file) => startPrism(file)));
  });
  afterAll(() => Promise.all(prisms.map((prism) => prism.stop())));
  beforeEach(() => {
    // The specifications leave out what stands before the paths.
    const paths = ['/v1', '/api/v2'];
    http = createSpecClient(() => prisms.map((prism, i) => ({ path: paths[i] ?? '', specPath: '', prism })));
  });
  afterEach(() => http.close());

  const send = (
    operation: string,
    input: JsonObject,
    links: Record<string, Json> = {},
  ): Promise<AttemptOutcome> =>
    adapter.send(
      sendRequest({
        ...{ operation, input, http, timeoutMs: 10_000 },
        options: adapter.options.parse({ api_token: 'a-token' }),
        links: { find: (key) => Promise.resolve(links[key] ?? null) },
      }),
    );
  const expectUsed = (outcome: AttemptOutcome, ...used: string[]) => {
    expect(http.violations).toEqual([]);
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: expect.any(String) } });
    expect(http.used).toEqual(used);
  };
  const lookFor = (what: string) => ({ [`${CALL} ${what} begun`]: { at: 5 } });
  const madeBefore = (what: string, id = '900') => ({ [`${CALL} ${what}`]: id });

  it('is enforced', async () => {
    const headers = { 'x-api-token': 'x', 'Content-Type': 'application/json' };
    const body = JSON.stringify({ content: 'x', person_id: '42' });
    await http.send({ method: 'POST', url: 'http://127.0.0.1/v1/notes', headers, body, timeoutMs: 10_000 });
    expect(http.violations).toEqual(['body.person_id Request body property person_id must be integer']);
  });

  const fields = {
    ...{ owner_id: '12', label_ids: ['5'], visible_to: 3 },
    [CUSTOM]: { value: 'Wants a demo.', mode: 'append' },
  };
  const person = { name: 'Jane Doe', email: 'jane@example.com', phone: PHONE, fields };

  it('fits a person who is made', async () => {
    http.answerWith(({ url }) => (url.includes('/search') ? { body: NOTHING } : null));
    const searches = Array.from({ length: 3 }, () => 'GET /persons/search');
    expectUsed(await send('upsert_person', person), ...searches, 'POST /persons');
  });

  it('fits a person who is there', async () => {
    const outcome = await send('upsert_person', person);
    expectUsed(outcome, 'GET /persons/search', 'GET /persons/{id}', 'PATCH /persons/{id}');
  });

  const call = {
    ...{ to: PHONE, from: '+1987654321', subject: 'Call', note: 'Wants a demo.', status: 'completed' },
    ...{
      person: '42',
      organization: '7',
      deal: '301',
      time: '2026-11-23T11:00:00Z',
      duration: 127,
      owner: '3',
    },
  };

  it('fits a call that is logged', async () => {
    expectUsed(await send('log_call', call), 'POST /callLogs');
  });

  it('fits a call of a lead that is looked for, then logged', async () => {
    const { deal: _deal, ...others } = call;
    const ofLead = { ...others, lead: '0192a7c8-7e1f-4b3a-9d51-2c7b8f0e4a11' };
    expectUsed(await send('log_call', ofLead, lookFor('call')), 'GET /callLogs', 'POST /callLogs');
  });

  it('fits a call whose note is revised', async () => {
    const outcome = await send('log_call', call, madeBefore('call', 'CAd92b224eb4a39b5ad8fea92ff0e'));
    expectUsed(outcome, 'GET /callLogs/{id}', 'PATCH /activities/{id}');
  });

  const activity = {
    ...{ subject: 'Call back', type: 'call', due: '1 day', note: 'Asked for it.', done: false },
    ...{ person: '42', organization: '7', deal: '301', owner: '3' },
  };

  it('fits an activity that is made, looked for, or there', async () => {
    expectUsed(await send('create_activity', activity), 'POST /activities');
    await send('create_activity', activity, lookFor('activity'));
    const outcome = await send('create_activity', activity, madeBefore('activity'));
    const [first, ...others] = [
      'POST /activities',
      'GET /activities',
      'POST /activities',
      'GET /activities/{id}',
    ];
    expectUsed(outcome, first ?? '', ...others);
  });

  const deal = {
    ...{ title: 'Demo', pipeline: '1', stage: '7', value: 99.5, currency: 'EUR', close_date: '30 days' },
    ...{ person: '42', organization: '7', owner: '3', fields: { label_ids: ['5'], [CUSTOM]: 'x' } },
  };

  it('fits a deal that is made, looked for, or there', async () => {
    await send('create_deal', deal);
    await send('create_deal', deal, lookFor('deal'));
    const outcome = await send('create_deal', deal, madeBefore('deal'));
    expectUsed(outcome, 'POST /deals', 'GET /deals', 'POST /deals', 'GET /deals/{id}');
  });

  it('fits a note that is made, looked for, or revised', async () => {
    const note = { person: '42', deal: '301', body: 'Wants a <b>demo</b>.' };
    await send('add_note', note);
    await send('add_note', note, lookFor('note'));
    const outcome = await send('add_note', note, madeBefore('note'));
    expectUsed(outcome, 'POST /notes', 'GET /notes', 'POST /notes', 'PUT /notes/{id}');
  });

  it('fits an inspection', async () => {
    // The example of a list always names a further page.
    http.answerWith(({ url }) => (url.includes('/v2/') ? { body: '{"success":true,"data":[]}' } : null));
    const { mail, signal, now } = sendRequest({ options: {} });
    const options = adapter.options.parse({ api_token: 'a-token' });
    const uses: InspectedUse[] = [
      { operation: 'create_deal', with: { pipeline: '1', stage: '7', fields: { [CUSTOM]: 'x' } } },
      { operation: 'create_activity', with: { type: 'call' } },
      { operation: 'upsert_person', with: { fields: { [CUSTOM]: 'x' } } },
    ];
    const inspected = await adapter.inspect?.({ options, uses, http, mail, timeoutMs: 10_000, signal, now });
    expect(inspected).toMatchObject({ account: expect.stringMatching(/^Me/) });
    const lists = ['/pipelines', '/stages', '/activityTypes', '/personFields', '/dealFields'];
    expect([http.used, http.violations]).toEqual([['/users/me', ...lists].map((path) => `GET ${path}`), []]);
  });
});
