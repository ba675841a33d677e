import { describe, expect, it } from '@jest/globals';
import { answersInTurn, jsonAnswer } from '../../../test/support/answers-in-turn.js';
import { sendRequest } from '../../../test/support/send-request.js';
import { type HttpResponse } from '../../egress/http-client.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { type InspectedUse, type SendRequest } from '../adapter.js';
import { adapter } from './pipedrive.adapter.js';

const PHONE = '+4366412345678';
const NOW = Date.parse('2026-11-23T12:00:00Z');
const CALL = 'call autocalls 12345 hot-lead.tell';
const CUSTOM = '0123456789abcdef0123456789abcdef01234567';

const recorded = (name: string) => new URL(`fixtures/${name}.json`, import.meta.url);
const person = jsonAnswer(200, recorded('person'));
const found = jsonAnswer(200, recorded('person-found'));
const nothing = jsonAnswer(200, recorded('nothing-found'));
const notFound = jsonAnswer(404, recorded('not-found'));
const callLog = jsonAnswer(200, recorded('call-log'));
const made = jsonAnswer(200, { success: true, data: { id: 900 } });
const listed = (...data: JsonObject[]) => jsonAnswer(200, { success: true, data });

interface Given {
  links?: Record<string, Json>;
  more?: Partial<SendRequest>;
}

async function send(
  operation: string,
  input: JsonObject,
  answers: HttpResponse[],
  { links = {}, more = {} }: Given = {},
) {
  const http = answersInTurn(...answers);
  const outcome = await adapter.send(
    sendRequest({
      ...{ operation, input, http, ...more, options: adapter.options.parse({ api_token: 'secret' }) },
      links: { find: (key) => Promise.resolve(links[key] ?? null) },
    }),
  );
  return { outcome, sent: http.sent(), requests: http.requests };
}

const waysOf = (sent: { method: string; path: string }[]) =>
  sent.map(({ method, path }) => `${method} ${path.split('?')[0]}`);

describe('a person', () => {
  it('is searched for by e-mail and phone, and made where there is none', async () => {
    const input = { name: 'Jane Doe', email: ' Jane@Example.com', phone: PHONE, fields: { owner_id: '12' } };
    const { outcome, sent, requests } = await send('upsert_person', input, [nothing, nothing, nothing, made]);
    expect(requests[0]?.headers).toMatchObject({ 'x-api-token': 'secret' });
    expect(sent.map(({ path }) => path)).toEqual([
      '/api/v2/persons/search?term=jane%40example.com&fields=email&exact_match=true&limit=10',
      '/api/v2/persons/search?term=%2B4366412345678&fields=phone&exact_match=true&limit=10',
      '/api/v2/persons/search?term=2345678&fields=phone&exact_match=false&limit=10',
      '/api/v2/persons',
    ]);
    expect(sent[3]?.json).toEqual({
      ...{ name: 'Jane Doe', owner_id: 12 },
      emails: [{ value: 'jane@example.com', primary: true, label: 'work' }],
      phones: [{ value: PHONE, primary: true, label: 'work' }],
    });
    expect(outcome).toEqual({
      ...{ outcome: 'delivered', httpStatus: 200, receipt: { id: '900' } },
      links: [{ key: `person ${PHONE}`, value: '900' }],
    });
  });

  it('that is there gets another number beside its own, and the mapped fields', async () => {
    const fields = { [CUSTOM]: { value: 'Wants a demo.', mode: 'append' }, visible_to: '3' };
    const input = { name: 'Somebody', email: 'jane@example.com', phone: PHONE, fields };
    const { sent } = await send('upsert_person', input, [found, person, person]);
    expect(sent[2]).toEqual({
      ...{ method: 'PATCH', path: '/api/v2/persons/42' },
      json: {
        phones: [
          { value: '+43 1 234567', primary: true, label: 'work' },
          { value: PHONE, primary: false, label: 'work' },
        ],
        visible_to: 3,
        custom_fields: { [CUSTOM]: 'Asked for a price.\nWants a demo.' },
      },
    });
  });

  it('is left alone where nothing would change', async () => {
    const { outcome, sent } = await send('upsert_person', { phone: '+431234567' }, [found, person]);
    expect(waysOf(sent)).toEqual(['GET /api/v2/persons/search', 'GET /api/v2/persons/42']);
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: '42' } });
  });

  it('is known by a number that was written otherwise', async () => {
    const item = { id: 42, phones: ['0664 1234 5678'], emails: [] };
    const other = { id: 43, phones: ['0660 2345678'], emails: [] };
    const similar = jsonAnswer(200, { success: true, data: { items: [{ item: other }, { item }] } });
    const { sent } = await send('upsert_person', { phone: PHONE }, [nothing, similar, person, person]);
    expect(waysOf(sent)[2]).toBe('GET /api/v2/persons/42');
  });

  it('made by an earlier delivery is known before the search shows it', async () => {
    const links = { [`person ${PHONE}`]: '42' };
    const { sent } = await send('upsert_person', { phone: PHONE }, [person, person], { links });
    expect(waysOf(sent)).toEqual(['GET /api/v2/persons/42', 'PATCH /api/v2/persons/42']);
  });

  it.each([
    ['unknown', notFound],
    ['deleted', jsonAnswer(200, { success: true, data: { id: 42, is_deleted: true } })],
  ])('that is %s by now is made anew', async (_how, gone) => {
    const links = { [`person ${PHONE}`]: '42' };
    const { outcome } = await send('upsert_person', { phone: PHONE }, [gone, nothing, nothing, made], {
      links,
    });
    expect(outcome).toMatchObject({ receipt: { id: '900' }, links: [{ value: '900' }] });
  });

  it('with another address is another person, though they share a phone', async () => {
    const input = { email: 'joan@example.com', phone: '+431234567' };
    const { outcome } = await send('upsert_person', input, [nothing, found, made]);
    expect(outcome).toMatchObject({ receipt: { id: '900' } });
  });

  it('that had no name but its number gets one', async () => {
    const nameless = jsonAnswer(200, {
      success: true,
      data: { id: 42, name: PHONE, phones: [{ value: PHONE }] },
    });
    const input = { name: 'Jane Doe', phone: PHONE };
    const { sent } = await send('upsert_person', input, [nameless], { links: { [`person ${PHONE}`]: '42' } });
    expect(sent[1]?.json).toEqual({ name: 'Jane Doe' });
  });

  it('gets lists of options as numbers, and an empty one as nothing', async () => {
    const other = 'f'.repeat(40);
    const fields = { [CUSTOM]: ['3', '4'], [other]: [], label_ids: ['5'] };
    const { sent } = await send('upsert_person', { phone: PHONE, fields }, [nothing, nothing, made]);
    expect(sent[2]?.json).toMatchObject({
      label_ids: [5],
      custom_fields: { [CUSTOM]: [3, 4], [other]: null },
    });
  });

  it('is refused with what is no address', async () => {
    const { outcome, sent } = await send('upsert_person', { email: 'jane at example' }, []);
    expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'invalid_input' });
    expect(sent).toHaveLength(0);
  });
});

describe('a call', () => {
  const input = {
    ...{ person: '42', to: PHONE, from: '+1987654321', subject: 'Call', note: 'Wants a demo.\nSoon.' },
    ...{ status: 'completed', time: '2026-11-23T11:00:00.000000Z', duration: 127.4 },
  };

  it('is logged with start, end and outcome', async () => {
    const { outcome, sent } = await send('log_call', input, [callLog]);
    expect(sent).toEqual([
      {
        ...{ method: 'POST', path: '/v1/callLogs' },
        json: {
          ...{
            person_id: 42,
            to_phone_number: PHONE,
            from_phone_number: '+1987654321',
            outcome: 'connected',
          },
          ...{
            start_time: '2026-11-23T11:00:00.000Z',
            end_time: '2026-11-23T11:02:07.000Z',
            duration: '127',
          },
          ...{ subject: 'Call', note: 'Wants a demo.<br>Soon.' },
        },
      },
    ]);
    expect(outcome).toMatchObject({ receipt: { id: 'CAd92b224eb4a39b5ad8fea92ff0e' } });
  });

  it.each<[JsonObject, string]>([
    [{ status: 'ended_by_assistant' }, 'connected'],
    [{ status: 'no-answer' }, 'no_answer'],
    [{ status: 'unanswered' }, 'no_answer'],
    [{ status: 'busy' }, 'busy'],
    [{ status: 'failed' }, 'no_answer'],
    [{ status: 'constructor' }, 'no_answer'],
    [{ duration: 5 }, 'connected'],
    [{}, 'no_answer'],
    [{ status: 'completed', outcome: 'left_voicemail' }, 'left_voicemail'],
  ])('of %j has the outcome %s', async (more, outcome) => {
    const { sent } = await send('log_call', { to: PHONE, ...more }, [callLog]);
    expect(sent[0]?.json).toMatchObject({ outcome, subject: 'Call' });
  });

  it('that was logged gets the note of a later revision', async () => {
    const links = { [`${CALL} call`]: 'CA1' };
    const { outcome, sent } = await send('log_call', input, [callLog, made], { links });
    expect(sent).toMatchObject([
      { method: 'GET', path: '/v1/callLogs/CA1' },
      { method: 'PATCH', path: '/api/v2/activities/7007', json: { note: 'Wants a demo.<br>Soon.' } },
    ]);
    expect(outcome).toMatchObject({ receipt: { id: 'CA1' } });
  });

  it('is found in the list after an attempt that ended badly', async () => {
    const links = { [`${CALL} call begun`]: { at: NOW - 9_000 } };
    const same = { id: 'CA2', to_phone_number: PHONE, subject: 'Call', note: 'Wants a demo. Soon.' };
    const answer = listed(
      { ...same, id: 'CA0', start_time: '2026-11-22T11:00:00.000Z' },
      { ...same, id: 'CA1', to_phone_number: '+431', start_time: '2026-11-23T11:00:00.000Z' },
      { ...same, start_time: '2026-11-23 11:00:00Z' },
    );
    const { outcome, sent } = await send('log_call', input, [answer], { links });
    expect(sent.map(({ path }) => path)).toEqual(['/v1/callLogs?start=0&limit=50']);
    expect(outcome).toMatchObject({ receipt: { id: 'CA2' } });
  });

  it('is looked for on further pages of the list', async () => {
    const full = listed(...Array.from({ length: 50 }, (_, id) => ({ id: String(id) })));
    const more = { mayHaveArrived: true };
    const { sent } = await send('log_call', input, [full, listed(), callLog], { more });
    expect(sent.map(({ path }) => path)).toEqual([
      '/v1/callLogs?start=0&limit=50',
      '/v1/callLogs?start=50&limit=50',
      '/v1/callLogs',
    ]);
  });
});

describe('an activity', () => {
  it('has its person as participant, and is due when told', async () => {
    const input = {
      ...{ person: '42', deal: '301', subject: 'Call back', type: 'call', due: '2 hours' },
      done: false,
    };
    const { sent } = await send('create_activity', input, [made]);
    expect(sent[0]).toEqual({
      ...{ method: 'POST', path: '/api/v2/activities' },
      json: {
        ...{ subject: 'Call back', type: 'call', due_date: '2026-11-23', due_time: '14:00:00', done: false },
        ...{ participants: [{ person_id: 42, primary: true }], deal_id: 301 },
      },
    });
  });

  it('that is due on a day is due at no particular time', async () => {
    const { sent } = await send('create_activity', { subject: 'x', due: '2026-12-01' }, [made]);
    expect(sent[0]?.json).toEqual({ subject: 'x', type: 'task', due_date: '2026-12-01' });
  });
});

it('makes a deal with numbers where Pipedrive wants numbers', async () => {
  const input = {
    ...{ person: '42', title: 'x'.repeat(300), pipeline: '1', stage: '7', value: 99.5, currency: 'EUR' },
    ...{ close_date: '2026-12-01', owner: '3' },
  };
  const { sent } = await send('create_deal', input, [made]);
  expect(sent[0]?.json).toEqual({
    ...{ title: expect.stringMatching(/^x{248}… \[cut\]$/), pipeline_id: 1, stage_id: 7, owner_id: 3 },
    ...{ value: 99.5, currency: 'EUR', expected_close_date: '2026-12-01', person_id: 42 },
  });
});

describe('what was made for the call before', () => {
  it('is written over, if it is a note', async () => {
    const links = { [`${CALL} note`]: '900' };
    const { outcome, sent } = await send('add_note', { person: '42', body: 'New.' }, [made], { links });
    expect(sent).toEqual([{ method: 'PUT', path: '/v1/notes/900', json: { content: 'New.' } }]);
    expect(outcome).toMatchObject({ receipt: { id: '900' } });
  });

  it.each([
    ['create_activity', 'activity', { subject: 'Call back' }],
    ['create_deal', 'deal', { title: 'Demo' }],
  ])('stays as people made it: %s', async (operation, what, input) => {
    const links = { [`${CALL} ${what}`]: '900' };
    const { outcome, sent } = await send(operation, input, [made], { links });
    expect(sent).toMatchObject([{ method: 'GET' }]);
    expect(outcome).toMatchObject({ receipt: { id: '900' } });
  });

  it.each([
    ['add_note', 'note', { person: '42', body: 'New.' }],
    ['create_activity', 'activity', { subject: 'Call back' }],
    ['create_deal', 'deal', { title: 'Demo' }],
    ['log_call', 'call', { to: PHONE }],
  ])('is made anew where it is gone: %s', async (operation, what, input) => {
    const links = { [`${CALL} ${what}`]: '800' };
    const { outcome } = await send(operation, input, [notFound, made], { links });
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: '900' } });
  });
});

describe('after an attempt that ended badly', () => {
  it('a note is found by its words, among those of the same person', async () => {
    const input = { person: '42', deal: '301', body: 'Wants a <b>demo</b>.' };
    const failed = await send('add_note', input, [jsonAnswer(502, {})]);
    expect(failed.outcome).toMatchObject({ outcome: 'retry', links: [{ key: `${CALL} note begun` }] });
    const links = { [`${CALL} note begun`]: { at: NOW } };
    const answer = listed({ id: 1, content: 'Another' }, { id: 2, content: '<p>Wants a demo.</p>' });
    const { outcome, sent } = await send('add_note', input, [answer], { links });
    expect(sent[0]?.path).toBe(
      '/v1/notes?person_id=42&updated_since=2026-11-23T11%3A55%3A00Z&sort=add_time+DESC&limit=100',
    );
    expect(outcome).toMatchObject({ receipt: { id: '2' } });
  });

  it('that left no word of itself, what was made within a day is found', async () => {
    const old = { id: 1, title: 'Demo', add_time: '2026-11-20T11:00:00Z' };
    const answer = listed(old, { ...old, id: 2, add_time: '2026-11-23T11:00:00Z' });
    const more = { mayHaveArrived: true };
    const { outcome, sent } = await send('create_deal', { person: '42', title: 'Demo' }, [answer], { more });
    expect(sent[0]?.path).toContain('updated_since=2026-11-22T12%3A00%3A00Z');
    expect(outcome).toMatchObject({ receipt: { id: '2' } });
  });
});

describe('an answer', () => {
  const create = (answer: HttpResponse) => send('create_activity', { subject: 'x' }, [answer]);
  const failure = (status: number, error: string, more: JsonObject = {}) =>
    jsonAnswer(status, { success: false, error, ...more });

  it.each([
    [200, 'Something is wrong', 'rejected', 'client_error'],
    [400, 'Bad Request', 'rejected', 'client_error'],
    [402, 'Company account is not open', 'unauthorized', 'unauthorized'],
    [403, 'Scope and URL mismatch', 'unauthorized', 'unauthorized'],
    [403, 'No permission', 'rejected', 'client_error'],
    [404, 'Person not found', 'rejected', 'client_error'],
    [410, 'Deleted', 'rejected', 'client_error'],
    [500, 'Something broke', 'retry', 'server_error'],
    [503, 'Maintenance', 'retry', 'server_error'],
  ])('%i %s comes to: %s', async (status, error, outcome, reason) => {
    expect((await create(failure(status, error))).outcome).toMatchObject({
      ...{ outcome, reason, httpStatus: status, message: `HTTP ${status}: ${error}` },
    });
  });

  it('that refuses the token is about the credentials', async () => {
    const { outcome } = await create(jsonAnswer(401, recorded('unauthorized')));
    expect(outcome).toMatchObject({ outcome: 'unauthorized', reason: 'unauthorized' });
  });

  it('that names a limit of the plan is final', async () => {
    const { outcome } = await create(jsonAnswer(403, recorded('plan-limit')));
    expect(outcome).toMatchObject({
      ...{ outcome: 'rejected', reason: 'client_error' },
      message: expect.stringContaining('feature_capping_deals_limit'),
    });
  });

  it.each<[Record<string, string>, number]>([
    [{}, 2_000],
    [{ 'x-ratelimit-reset': '5' }, 5_000],
    [{ 'x-ratelimit-reset': '1795435200' }, 2_000],
    [{ 'retry-after': '30', 'x-ratelimit-reset': '5' }, 30_000],
    [{ 'x-daily-ratelimit-token-remaining': '0', 'x-ratelimit-reset': '2' }, 12 * 3_600_000],
  ])('429 with %j is obeyed for %i ms', async (headers, afterMs) => {
    const { outcome } = await create({ ...failure(429, 'Rate limit exceeded'), headers });
    expect(outcome).toMatchObject({ outcome: 'retry', reason: 'rate_limited', afterMs });
  });

  it('of the network in front of Pipedrive means to leave it alone', async () => {
    const { outcome } = await create({
      status: 403,
      headers: {},
      body: '<html>Sorry, you have been blocked</html>',
    });
    expect(outcome).toMatchObject({ outcome: 'retry', reason: 'rate_limited', afterMs: 900_000 });
  });

  it.each(['<html>Welcome to the hotel</html>', '{"success":true,"data":{}}'])(
    'without an id leaves unknown what happened: %s',
    async (body) => {
      const { outcome } = await create({ status: 200, headers: {}, body });
      expect(outcome).toMatchObject({ outcome: 'unknown', reason: 'server_error' });
    },
  );
});

describe('an inspection', () => {
  const inspect = (answers: HttpResponse[], uses: InspectedUse[]) => {
    const { mail, timeoutMs, signal } = sendRequest({ options: {} });
    const options = adapter.options.parse({ api_token: 'secret' });
    return adapter.inspect?.({
      options,
      uses,
      http: answersInTurn(...answers),
      mail,
      timeoutMs,
      signal,
      now: NOW,
    });
  };
  const me = jsonAnswer(200, recorded('me'));

  it('names unknown stages and fields', async () => {
    const uses: InspectedUse[] = [
      { operation: 'create_deal', with: { stage: '7' } },
      { operation: 'create_deal', with: { stage: '8' } },
      { operation: 'create_deal', with: { stage: '{{ x }}' } },
      {
        operation: 'upsert_person',
        with: { fields: { name: 'x', [`${CUSTOM}_currency`]: 'EUR', colour: 'y' } },
      },
    ];
    const answers = [me, jsonAnswer(200, recorded('stages')), jsonAnswer(200, recorded('person-fields'))];
    expect(await inspect(answers, uses)).toEqual({
      account: 'Olive Ops, Acme',
      problems: [
        { use: 1, path: 'stage', problem: 'Pipedrive knows no stage 8' },
        { use: 3, path: 'fields.colour', problem: 'Pipedrive knows no field of a person colour' },
      ],
    });
  });

  it('says that the token is refused', async () => {
    const refused = jsonAnswer(401, recorded('unauthorized'));
    expect(await inspect([refused], [])).toMatchObject({ problems: [{ use: null, path: '' }] });
  });
});

it('wants something to go by', () => {
  const accepts = (operation: string, input: JsonObject) =>
    adapter.operations[operation]?.input.safeParse(input).success;
  expect(accepts('upsert_person', {})).toBe(false);
  expect(accepts('add_note', { body: 'x' })).toBe(false);
  expect(accepts('add_note', { body: 'x', lead: '0192a7c8-7e1f-7b3a-9d51-2c7b8f0e4a11' })).toBe(true);
  expect(accepts('log_call', { to: PHONE, person: '../1' })).toBe(false);
  const both = { deal: '1', lead: '0192a7c8-7e1f-7b3a-9d51-2c7b8f0e4a11' };
  expect(accepts('log_call', { to: PHONE, ...both })).toBe(false);
});

it('names the host it would dial', () => {
  expect(adapter.addresses?.(adapter.options.parse({ api_token: 'x' }))).toEqual(['api.pipedrive.com']);
});
