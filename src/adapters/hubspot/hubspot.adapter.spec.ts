import { describe, expect, it } from '@jest/globals';
import { answersInTurn, jsonAnswer } from '../../../test/support/answers-in-turn.js';
import { sendRequest } from '../../../test/support/send-request.js';
import { type HttpResponse } from '../../egress/http-client.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { type InspectedUse, type SendRequest } from '../adapter.js';
import { adapter } from './hubspot.adapter.js';

const PHONE = '+4366412345678';
const NOW = Date.parse('2026-11-23T12:00:00Z');
const CALL = 'call autocalls 12345 hot-lead.tell';
const OBJECTS = '/crm/v3/objects';

const recorded = (name: string) => new URL(`fixtures/${name}.json`, import.meta.url);
const found = jsonAnswer(200, recorded('contact'));
const notFound = jsonAnswer(404, recorded('not-found'));
const nothing = jsonAnswer(200, recorded('nothing-found'));
const upserted = jsonAnswer(200, recorded('contact-upserted'));
const made = jsonAnswer(201, { id: '900', properties: {} });

interface Given {
  options?: JsonObject;
  links?: Record<string, Json>;
  more?: Partial<SendRequest>;
}

async function send(
  operation: string,
  input: JsonObject,
  answers: HttpResponse[],
  { options = {}, links = {}, more = {} }: Given = {},
) {
  const http = answersInTurn(...answers);
  const outcome = await adapter.send(
    sendRequest({
      ...{ operation, input, http, ...more },
      options: adapter.options.parse({ access_token: 'pat-secret', ...options }),
      links: { find: (key) => Promise.resolve(links[key] ?? null) },
    }),
  );
  return { outcome, sent: http.sent(), requests: http.requests };
}

const propertiesOf = ({ json }: { json: unknown }) => (json as { properties: unknown }).properties;

describe('a contact', () => {
  it('is looked up by e-mail and made by an upsert where there is none', async () => {
    const input = { email: ' Jane@Example.com ', properties: { city: 'Vienna' } };
    const { outcome, sent, requests } = await send('upsert_contact', input, [notFound, upserted]);
    expect(requests[0]?.headers).toMatchObject({ Authorization: 'Bearer pat-secret' });
    expect(sent).toEqual([
      {
        ...{ method: 'GET', json: null },
        path: `${OBJECTS}/contacts/jane%40example.com?properties=email%2Cphone&idProperty=email`,
      },
      {
        ...{ method: 'POST', path: `${OBJECTS}/contacts/batch/upsert` },
        json: {
          inputs: [
            {
              ...{ idProperty: 'email', id: 'jane@example.com' },
              properties: { email: 'jane@example.com', city: 'Vienna' },
            },
          ],
        },
      },
    ]);
    expect(outcome).toEqual({ outcome: 'delivered', httpStatus: 200, receipt: { id: '777' } });
  });

  it('that is there keeps its phone number and gets the mapped properties', async () => {
    const properties = {
      lead_notes: { value: 'Wants a demo.', mode: 'append' },
      phone_type: { value: 'mobile', mode: 'fill_if_empty' },
    };
    const input = { email: 'jane@example.com', phone: PHONE, properties };
    const { outcome, sent } = await send('upsert_contact', input, [found, found]);
    expect(sent[1]).toEqual({
      ...{ method: 'PATCH', path: `${OBJECTS}/contacts/512` },
      json: { properties: { lead_notes: 'Asked for a price.\nWants a demo.', phone_type: 'mobile' } },
    });
    expect(outcome).toMatchObject({
      outcome: 'delivered',
      links: [{ key: `contact ${PHONE}`, value: '512' }],
    });
  });

  it('is left alone where nothing would change', async () => {
    const { outcome, sent } = await send('upsert_contact', { email: 'jane@example.com' }, [found]);
    expect(sent).toHaveLength(1);
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: '512' } });
  });

  it('is searched for by phone as entered and as HubSpot reads it', async () => {
    const { sent } = await send('upsert_contact', { phone: PHONE }, [nothing, made]);
    expect(sent[0]).toMatchObject({ method: 'POST', path: `${OBJECTS}/contacts/search` });
    const names = ['phone', 'mobilephone', 'hs_calculated_phone_number', 'hs_calculated_mobile_number'];
    const filterGroups = names.map((propertyName) => ({
      filters: [{ propertyName, operator: 'EQ', value: PHONE }],
    }));
    expect(sent[0]?.json).toMatchObject({ filterGroups, sorts: ['createdate'], after: '0' });
    expect(sent[1]).toEqual({
      ...{ method: 'POST', path: `${OBJECTS}/contacts` },
      json: { properties: { phone: PHONE }, associations: [] },
    });
  });

  it('made by an earlier delivery is known before the search shows it', async () => {
    const links = { [`contact ${PHONE}`]: '512' };
    const input = { phone: PHONE, properties: { city: 'Graz' } };
    const { sent } = await send('upsert_contact', input, [found, found], { links });
    expect(sent.map(({ method, path }) => `${method} ${path.split('?')[0]}`)).toEqual([
      `GET ${OBJECTS}/contacts/512`,
      `PATCH ${OBJECTS}/contacts/512`,
    ]);
  });

  it('that HubSpot no longer knows is made anew', async () => {
    const links = { [`contact ${PHONE}`]: '512' };
    const { outcome } = await send('upsert_contact', { phone: PHONE }, [notFound, nothing, made], { links });
    expect(outcome).toMatchObject({ receipt: { id: '900' }, links: [{ value: '900' }] });
  });

  it('with another address is another person, though they share a phone', async () => {
    const search = jsonAnswer(200, { results: [{ id: '512', properties: { email: 'joan@example.com' } }] });
    const input = { email: 'jane@example.com', phone: PHONE };
    const { outcome } = await send('upsert_contact', input, [notFound, search, upserted]);
    expect(outcome).toMatchObject({ receipt: { id: '777' } });
  });

  it('found by phone without an address gets the address', async () => {
    const search = jsonAnswer(200, { results: [{ id: '512', properties: { phone: PHONE } }] });
    const input = { email: 'jane@example.com', phone: PHONE };
    const { sent } = await send('upsert_contact', input, [notFound, search, found]);
    expect(sent[2]).toMatchObject({ method: 'PATCH', json: { properties: { email: 'jane@example.com' } } });
  });

  it('is kept by the unique property where one is configured', async () => {
    const options = { contact_property: 'call_phone' };
    const { sent } = await send('upsert_contact', { phone: PHONE }, [notFound, nothing, upserted], {
      options,
    });
    expect(sent[0]?.path).toContain('idProperty=call_phone');
    expect(sent[2]?.json).toEqual({
      inputs: [{ idProperty: 'call_phone', id: PHONE, properties: { phone: PHONE, call_phone: PHONE } }],
    });
  });

  it('that somebody made at the same moment is updated by the id that the refusal names', async () => {
    const exists = jsonAnswer(409, recorded('contact-exists'));
    const { outcome, sent } = await send('upsert_contact', { phone: PHONE }, [nothing, exists, found]);
    expect(sent[2]).toMatchObject({ method: 'PATCH', path: `${OBJECTS}/contacts/512` });
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: '512' } });
  });

  it('is rejected where the batch failed in part', async () => {
    const failed = jsonAnswer(207, recorded('partly-failed'));
    const { outcome } = await send('upsert_contact', { email: 'jane@example.com' }, [notFound, failed]);
    expect(outcome).toEqual({
      ...{ outcome: 'rejected', reason: 'client_error', httpStatus: 207 },
      message: 'HTTP 207: VALIDATION_ERROR Property values were not valid: Property "colour" does not exist',
    });
  });

  it('gets every value as a text', async () => {
    const properties = {
      ...{ score: 7, opted_in: true, topics: ['a', 'b'], nickname: null },
      ...{ called_at: '2026-11-23T11:00:00.123456Z', born: '1990-05-17', long: 'x'.repeat(70_000) },
    };
    const { sent } = await send('upsert_contact', { phone: PHONE, properties }, [nothing, made]);
    expect(sent[1] && propertiesOf(sent[1])).toEqual({
      ...{ phone: PHONE, score: '7', opted_in: 'true', topics: 'a;b', nickname: '' },
      ...{ called_at: '2026-11-23T11:00:00.123Z', born: '1990-05-17' },
      long: expect.stringMatching(/^x{65529}… \[cut\]$/),
    });
  });

  it.each(['jane at example dot com', 'none', 'a@b', 'x@y.z\u0000', '\ud800@example.com'])(
    'is refused with the address %j',
    async (email) => {
      const { outcome, sent } = await send('upsert_contact', { email }, []);
      expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'invalid_input' });
      expect(sent).toHaveLength(0);
    },
  );
});

describe('a call', () => {
  const input = {
    ...{ contact: '512', deal: '301', title: 'Call', direction: 'outbound', body: 'Wants a demo.\nSoon.' },
    ...{ duration: 127.4, status: 'completed', time: '2026-11-23T11:00:00.000000Z' },
    ...{ from: '+1987654321', to: PHONE },
  };

  it('is searched for, then logged with its associations', async () => {
    const { outcome, sent } = await send('log_call', input, [nothing, made]);
    expect(sent.map(({ path }) => path)).toEqual([`${OBJECTS}/calls/search`, `${OBJECTS}/calls`]);
    expect(sent[1]?.json).toEqual({
      properties: {
        ...{ hs_timestamp: String(Date.parse('2026-11-23T11:00:00Z')), hs_call_title: 'Call' },
        ...{
          hs_call_body: 'Wants a demo.<br>Soon.',
          hs_call_duration: '127400',
          hs_call_status: 'COMPLETED',
        },
        ...{ hs_call_direction: 'OUTBOUND', hs_call_from_number: '+1987654321', hs_call_to_number: PHONE },
      },
      associations: [
        { to: { id: '512' }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 194 }] },
        { to: { id: '301' }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 206 }] },
      ],
    });
    expect(outcome).toMatchObject({
      receipt: { id: '900' },
      links: [{}, { key: `${CALL} call`, value: '900' }],
    });
  });

  it.each([
    ['ended_by_customer', 'COMPLETED'],
    ['no-answer', 'NO_ANSWER'],
    ['unanswered', 'NO_ANSWER'],
    ['busy', 'BUSY'],
    ['failed', 'FAILED'],
    ['in-progress', 'IN_PROGRESS'],
    ['something new', undefined],
    ['constructor', undefined],
  ])('with status %s has the status %s', async (status, expected) => {
    const { sent } = await send('log_call', { status }, [made]);
    expect(sent[0] && propertiesOf(sent[0])).toEqual({
      ...{ hs_timestamp: String(NOW), hs_call_title: 'Call', hs_call_direction: 'OUTBOUND' },
      ...(expected !== undefined && { hs_call_status: expected }),
    });
  });

  it('shows the recording only where the input gives it', async () => {
    const recording_url = 'https://recordings.example.com/1.mp3';
    const { sent } = await send('log_call', { ...input, recording_url }, [nothing, made]);
    expect(sent[1] && propertiesOf(sent[1])).toMatchObject({ hs_call_recording_url: recording_url });
  });

  it('is upserted by the unique property, then associated', async () => {
    const options = { call_property: 'call_id' };
    const { sent } = await send('log_call', input, [upserted], { options });
    expect(sent[0]).toMatchObject({
      path: `${OBJECTS}/calls/batch/upsert`,
      json: { inputs: [{ idProperty: 'call_id', id: 'autocalls:12345' }] },
    });
    expect(sent.slice(1).map(({ method, path }) => `${method} ${path}`)).toEqual([
      'PUT /crm/v4/objects/calls/777/associations/default/contacts/512',
      'PUT /crm/v4/objects/calls/777/associations/default/0-3/301',
    ]);
  });

  it('goes to the paths of a dated version', async () => {
    const options = { call_property: 'call_id', api_version: '2026-03' };
    const { sent } = await send('log_call', { contact: '512' }, [upserted], { options });
    expect(sent.map(({ path }) => path)).toEqual([
      '/crm/objects/2026-03/calls/batch/upsert',
      '/crm/objects/2026-03/calls/777/associations/default/contacts/512',
    ]);
  });

  it('without a readable start is refused', async () => {
    const { outcome } = await send('log_call', { time: 'tomorrow at five' }, []);
    expect(outcome).toMatchObject({
      outcome: 'rejected',
      message: expect.stringContaining('time is no time'),
    });
  });
});

describe('what was made for the call before', () => {
  it.each([
    ['log_call', 'call', 'calls', { body: 'New.' }],
    ['create_note', 'note', 'notes', { contact: '512', body: 'New.' }],
  ])('%s: is written over', async (operation, what, path, input) => {
    const links = { [`${CALL} ${what}`]: '900', [`${CALL} ${what} begun`]: { at: 5 } };
    const { outcome, sent } = await send(operation, input, [made], { links });
    expect(sent).toMatchObject([
      { method: 'PATCH', path: `${OBJECTS}/${path}/900`, json: { properties: { hs_timestamp: '5' } } },
    ]);
    expect(outcome).toMatchObject({ receipt: { id: '900' } });
  });

  it.each([
    ['create_task', 'task', { subject: 'Call back' }],
    ['create_deal', 'deal', { name: 'Demo', stage: 'new' }],
  ])('%s: stays as people made it', async (operation, what, input) => {
    const links = { [`${CALL} ${what}`]: '900' };
    const { outcome, sent } = await send(operation, input, [made], { links });
    expect(sent).toMatchObject([{ method: 'GET' }]);
    expect(outcome).toMatchObject({ receipt: { id: '900' } });
  });

  it('and deleted since then is made anew', async () => {
    const links = { [`${CALL} note`]: '800', [`${CALL} note begun`]: { at: 5 } };
    const input = { contact: '512', body: 'New.' };
    const { outcome, sent } = await send('create_note', input, [notFound, made], { links });
    expect(sent.map(({ method }) => method)).toEqual(['PATCH', 'POST']);
    expect(sent[1] && propertiesOf(sent[1])).toMatchObject({ hs_timestamp: String(NOW) });
    expect(outcome).toMatchObject({ receipt: { id: '900' } });
  });
});

describe('after an attempt that ended badly', () => {
  const input = { contact: '512', body: 'Wants a <b>demo</b>.' };
  const same = jsonAnswer(200, {
    results: [
      { id: '1', properties: { hs_note_body: 'Another note' } },
      { id: '2', properties: { hs_note_body: '<div><p>Wants a demo.</p></div>' } },
    ],
  });

  it('is found what it made, by time, association and words', async () => {
    const failed = await send('create_note', input, [jsonAnswer(502, {})]);
    expect(failed.outcome).toMatchObject({ outcome: 'retry', links: [{ key: `${CALL} note begun` }] });
    const links = { [`${CALL} note begun`]: { at: NOW - 9_000 } };
    const { outcome, sent } = await send('create_note', input, [same], { links });
    expect(sent[0]?.json).toMatchObject({
      filterGroups: [
        {
          filters: [
            { propertyName: 'hs_timestamp', operator: 'EQ', value: String(NOW - 9_000) },
            { propertyName: 'associations.contact', operator: 'EQ', value: '512' },
          ],
        },
      ],
    });
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: '2' } });
  });

  it('and left no word of itself is found what was made within a day', async () => {
    const { outcome, sent } = await send('create_note', input, [same], { more: { mayHaveArrived: true } });
    expect(sent[0]?.json).toMatchObject({
      filterGroups: [
        {
          filters: [
            { propertyName: 'associations.contact', operator: 'EQ', value: '512' },
            { propertyName: 'hs_createdate', operator: 'GTE', value: String(NOW - 86_400_000) },
          ],
        },
      ],
    });
    expect(outcome).toMatchObject({ receipt: { id: '2' } });
  });
});

it('makes a task due when told, with its association', async () => {
  const input = {
    ...{ contact: '512', subject: 'Call back', due: '2026-12-01', priority: 'high' },
    owner: '44',
  };
  const { sent } = await send('create_task', input, [made]);
  expect(sent[0]?.json).toMatchObject({
    properties: {
      ...{ hs_timestamp: String(Date.parse('2026-12-01T12:00:00Z')), hs_task_subject: 'Call back' },
      ...{
        hs_task_status: 'NOT_STARTED',
        hs_task_priority: 'HIGH',
        hs_task_type: 'TODO',
        hubspot_owner_id: '44',
      },
    },
    associations: [{ to: { id: '512' }, types: [{ associationTypeId: 204 }] }],
  });
});

it('makes a deal in a stage, with its associations', async () => {
  const input = { ...{ contact: '512', company: '201', name: 'x'.repeat(300), stage: 'won', amount: 99.5 } };
  const { sent } = await send('create_deal', input, [made]);
  expect(sent[0]).toMatchObject({
    path: `${OBJECTS}/0-3`,
    json: {
      properties: {
        ...{ dealname: expect.stringMatching(/^x{248}… \[cut\]$/), pipeline: 'default', dealstage: 'won' },
        amount: '99.5',
      },
      associations: [{ types: [{ associationTypeId: 3 }] }, { types: [{ associationTypeId: 5 }] }],
    },
  });
});

describe('an answer', () => {
  const create = (answer: HttpResponse, options: JsonObject = {}) =>
    send('create_task', { subject: 'x' }, [answer], { options });

  it.each([
    [400, 'VALIDATION_ERROR', 'rejected', 'client_error'],
    [401, 'INVALID_AUTHENTICATION', 'unauthorized', 'unauthorized'],
    [403, 'BANNED', 'rejected', 'client_error'],
    [404, 'OBJECT_NOT_FOUND', 'rejected', 'client_error'],
    [414, 'URI_TOO_LONG', 'rejected', 'client_error'],
    [423, 'LOCKED', 'retry', 'server_error'],
    [477, 'MIGRATION_IN_PROGRESS', 'retry', 'server_error'],
    ...[500, 502, 503, 504, 521, 522, 523, 524].map(
      (status) => [status, 'INTERNAL_ERROR', 'retry', 'server_error'] as const,
    ),
  ])('%i %s comes to: %s', async (status, category, outcome, reason) => {
    const answer = jsonAnswer(status, { status: 'error', category, message: 'call +43 664 1234567' });
    expect((await create(answer)).outcome).toMatchObject({
      ...{ outcome, reason, httpStatus: status },
      message: `HTTP ${status}: ${category} call +…67`,
    });
  });

  it('that names missing scopes is about the token', async () => {
    const { outcome } = await create(jsonAnswer(403, recorded('missing-scopes')));
    expect(outcome).toMatchObject({
      outcome: 'unauthorized',
      message: expect.stringContaining('MISSING_SCOPES'),
    });
  });

  it.each([
    ['SECONDLY', 1_000],
    ['TEN_SECONDLY_ROLLING', 10_000],
    ['A_NEW_ONE', 10_000],
  ])('429 by policy %s is obeyed for %i ms', async (policyName, afterMs) => {
    const { outcome } = await create(jsonAnswer(429, { policyName }));
    expect(outcome).toMatchObject({ outcome: 'retry', reason: 'rate_limited', afterMs });
  });

  it.each([
    ['UTC', 12],
    ['America/New_York', 17],
  ])('429 for the day is obeyed until midnight in %s', async (timezone, hours) => {
    const { outcome } = await create(jsonAnswer(429, recorded('daily-limit')), { timezone });
    expect(outcome).toMatchObject({
      ...{ outcome: 'retry', reason: 'rate_limited', afterMs: hours * 3_600_000 },
      message: `HTTP 429: the daily limit of the HubSpot account is used up, until midnight in ${timezone}`,
    });
  });

  it('that says how long it is locked is obeyed', async () => {
    const { outcome } = await create(jsonAnswer(477, {}, { 'retry-after': '600' }));
    expect(outcome).toMatchObject({ outcome: 'retry', afterMs: 600_000 });
  });

  it('without an id is not from HubSpot: nobody knows what happened', async () => {
    const { outcome } = await create({ status: 200, headers: {}, body: '<html>Welcome to the hotel</html>' });
    expect(outcome).toMatchObject({ outcome: 'unknown', reason: 'server_error' });
  });
});

describe('an inspection', () => {
  const inspect = (answers: HttpResponse[], given: JsonObject, uses: InspectedUse[]) => {
    const { mail, timeoutMs, signal } = sendRequest({ options: {} });
    const options = adapter.options.parse({ access_token: 'pat-secret', ...given });
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
  const account = jsonAnswer(200, recorded('account'));

  it('names unknown properties, pipelines and stages', async () => {
    const answers = [nothing, account, jsonAnswer(200, recorded('contact-properties')), nothing];
    const deals = jsonAnswer(200, recorded('deal-pipelines'));
    const uses: InspectedUse[] = [
      { operation: 'upsert_contact', with: { properties: { city: 'x', colour: 'y' } } },
      { operation: 'create_deal', with: { pipeline: 'partners', stage: 'new' } },
      { operation: 'create_deal', with: { stage: 'new' } },
      { operation: 'create_deal', with: { stage: '{{ x }}' } },
    ];
    const options = { contact_property: 'city', timezone: 'America/New_York' };
    expect(await inspect([...answers.slice(0, 3), deals], options, uses)).toEqual({
      account: 'HubSpot account 1234567',
      problems: [
        { use: null, path: 'contact_property', problem: 'the property city does not require unique values' },
        { use: 0, path: 'properties.colour', problem: 'HubSpot knows no property colour of a contact' },
        { use: 1, path: 'pipeline', problem: expect.stringContaining('no pipeline partners') },
        { use: 2, path: 'stage', problem: expect.stringContaining('no stage new') },
      ],
    });
  });

  it('says that the account keeps another clock', async () => {
    const result = await inspect([nothing, account], {}, []);
    expect(result?.problems).toMatchObject([
      { path: 'timezone', problem: expect.stringContaining('US/Eastern') },
    ]);
  });

  it('says that the token is refused', async () => {
    const refused = jsonAnswer(401, { category: 'INVALID_AUTHENTICATION', message: 'no' });
    expect(await inspect([refused], {}, [])).toMatchObject({ problems: [{ use: null, path: '' }] });
  });
});

it('refuses options that cannot be meant', () => {
  const parse = (more: JsonObject) => adapter.options.safeParse({ access_token: 'x', ...more }).success;
  expect(parse({ api_version: '2026-09' })).toBe(true);
  const wrong: JsonObject[] = [{ api_version: 'v1' }, { timezone: 'Mars' }, { call_property: 'Call ID' }];
  expect(wrong.map(parse)).toEqual([false, false, false]);
});

it('wants something to go by', () => {
  const accepts = (operation: string, input: JsonObject) =>
    adapter.operations[operation]?.input.safeParse(input).success;
  expect(accepts('upsert_contact', {})).toBe(false);
  expect(accepts('upsert_contact', { phone: PHONE })).toBe(true);
  expect(accepts('create_note', { body: 'x' })).toBe(false);
  expect(accepts('create_note', { body: 'x', deal: '1' })).toBe(true);
  expect(accepts('create_note', { body: 'x', contact: '../1' })).toBe(false);
});

it('names the host it would dial', () => {
  expect(adapter.addresses?.(adapter.options.parse({ access_token: 'x' }))).toEqual(['api.hubapi.com']);
});
