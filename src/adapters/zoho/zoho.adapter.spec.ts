import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { sendRequest } from '../../../test/support/send-request.js';
import { type HttpClient, type HttpRequest, type HttpResponse } from '../../egress/http-client.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { type InspectedUse, type SendRequest } from '../adapter.js';
import { type ZohoOptions } from './zoho-options.js';
import { adapter } from './zoho.adapter.js';

const answers = JSON.parse(readFileSync(new URL('fixtures/answers.json', import.meta.url), 'utf8')) as Record<
  string,
  Json
>;
const NOW = Date.parse('2026-11-23T12:00:00Z');
const CRM = 'https://www.zohoapis.eu/crm/v8';
const NOTE_LINK = 'call autocalls 12345 hot-lead.tell note';

type Answer = Partial<Omit<HttpResponse, 'body'>> & { body?: Json };

let accounts = 0;

/** Each with tokens of its own. */
function optionsWith(more: JsonObject = {}): ZohoOptions {
  const refresh_token = `1000.refresh-${(accounts += 1)}`;
  const login = { client_id: '1000.X', client_secret: 'shh', refresh_token, data_center: 'eu' };
  return adapter.options.parse({ ...login, ...more });
}

/** Gives a token whenever asked to; the other answers come one after the other, and the last one stays. */
function answering(given: Answer[], token: Answer = { body: answers.token! }) {
  const [requests, logins]: [HttpRequest[], HttpRequest[]] = [[], []];
  const send: HttpClient['send'] = (request) => {
    const isLogin = request.url.endsWith('/oauth/v2/token');
    (isLogin ? logins : requests).push(request);
    const next = given[Math.min(requests.length, given.length) - 1];
    const { body = null, ...rest } = (isLogin ? token : next) ?? {};
    const text = body === null ? '' : JSON.stringify(body);
    return Promise.resolve({ status: 200, headers: {}, ...rest, body: text });
  };
  return { send, requests, logins };
}

async function send(
  operation: string,
  input: JsonObject,
  given: Answer[],
  more: Partial<SendRequest<ZohoOptions>> & { token?: Answer } = {},
) {
  const { token, ...request } = more;
  const http = answering(given, token);
  const outcome = await adapter.send(
    sendRequest({ operation, input, http, options: optionsWith(), ...request }),
  );
  const sent = http.requests.map(({ method, url, body }) => ({
    ...{ method, url: url.replace(CRM, '') },
    json: body === undefined ? null : (JSON.parse(String(body)) as Json),
  }));
  return { outcome, sent, ...http };
}

const LEAD = { module: 'Leads', duplicate_check_fields: ['Email', 'Phone'] };
const upserted = { body: answers.upserted! };
const upsertLead = (given: Answer[], more = {}) =>
  send('upsert_record', { ...LEAD, fields: { Email: 'jane@example.com' } }, given, more);

describe('the login', () => {
  it('changes the refresh token at the accounts server of the data centre', async () => {
    const { logins, requests } = await upsertLead([upserted]);
    expect(logins[0]).toMatchObject({ method: 'POST', url: 'https://accounts.zoho.eu/oauth/v2/token' });
    expect(String(logins[0]?.body)).toMatch(
      /^grant_type=refresh_token&client_id=1000.X&client_secret=shh&refresh_token=1000.refresh-\d+$/,
    );
    expect(requests[0]?.headers).toMatchObject({ Authorization: 'Zoho-oauthtoken 1000.aa.bb' });
  });

  it('is refused in an answer of 200', async () => {
    const { outcome, requests } = await upsertLead([upserted], {
      token: { body: { error: 'invalid_code' } },
    });
    expect(outcome).toMatchObject({
      ...{ outcome: 'unauthorized', message: 'no access token was given: invalid_code' },
    });
    expect(requests).toEqual([]);
  });

  it('is done anew once when the token is refused', async () => {
    const refused = { status: 401, body: answers.invalidToken! };
    const first = await upsertLead([refused, upserted]);
    expect([first.outcome.outcome, first.logins.length]).toEqual(['delivered', 2]);
    const both = await upsertLead([refused]);
    expect(both.outcome).toMatchObject({ outcome: 'unauthorized', reason: 'unauthorized' });
    expect([both.logins.length, both.requests.length]).toEqual([2, 2]);
  });

  it.each([
    ['us', 'accounts.zoho.com', 'www.zohoapis.com'],
    ['ca', 'accounts.zohocloud.ca', 'www.zohoapis.ca'],
    ['au', 'accounts.zoho.com.au', 'www.zohoapis.com.au'],
  ])('of %s dials %s, and then %s', (data_center, accountsHost, host) => {
    expect(adapter.addresses?.(optionsWith({ data_center }))).toEqual([accountsHost, host]);
  });

  it('gives way to base_url and accounts_url', async () => {
    const options = optionsWith({ base_url: 'http://127.0.0.1:9/', accounts_url: 'http://127.0.0.1:8/' });
    const { logins, requests } = await upsertLead([upserted], { options });
    expect(logins[0]?.url).toBe('http://127.0.0.1:8/oauth/v2/token');
    expect(requests[0]?.url).toBe('http://127.0.0.1:9/crm/v8/Leads/upsert');
  });
});

describe('upsert_record', () => {
  it('writes values in the forms of Zoho', async () => {
    const fields = {
      ...{ Email: 'jane@example.com', Called_At: '2026-11-23T11:02:07.000000Z', Topics: ['a'], Calls: 2 },
      ...{ Open: false, City: '', Fax: null, Local: '2026-11-23T11:02:07+01:00' },
    };
    const { sent, outcome } = await send('upsert_record', { ...LEAD, fields }, [upserted]);
    expect(sent).toEqual([
      {
        ...{ method: 'POST', url: '/Leads/upsert' },
        json: {
          data: [
            {
              ...{
                Email: 'jane@example.com',
                Called_At: '2026-11-23T11:02:07+00:00',
                Topics: ['a'],
                Calls: 2,
              },
              ...{ Open: false, City: null, Fax: null, Local: '2026-11-23T11:02:07+01:00' },
            },
          ],
          duplicate_check_fields: ['Email', 'Phone'],
        },
      },
    ]);
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: '5725767000000524157' } });
  });

  it('searches by one field after the other where modes ask for it', async () => {
    const fields = {
      ...{ Email: 'a,(b)@example.com', Phone: { value: '+43664', mode: 'fill_if_empty' } },
      ...{ City: { value: 'Vienna', mode: 'fill_if_empty' }, Topics: { value: ['demo'], mode: 'append' } },
    };
    const other = { id: '1', Phone: '+436641', City: 'Linz' };
    const found = { body: { data: [other, { id: '2', Phone: '+43664', City: 'Graz', Topics: ['price'] }] } };
    const { sent } = await send('upsert_record', { ...LEAD, fields }, [{ status: 204 }, found, upserted]);
    const queries = sent.slice(0, 2).map(({ url }) => new URL(CRM + url).searchParams);
    expect(queries.map((query) => query.get('criteria'))).toEqual([
      ...['(Email:equals:a\\,\\(b\\)@example.com)', '(Phone:equals:+43664)'],
    ]);
    expect(queries[0]?.get('fields')).toBe('id,Email,Phone,City,Topics');
    expect(sent[2]?.json).toMatchObject({
      data: [{ Email: 'a,(b)@example.com', Phone: '+43664', Topics: ['price', 'demo'] }],
    });
    expect(JSON.stringify(sent[2]?.json)).not.toContain('Vienna');
  });

  it.each<JsonObject>([{ City: 'Vienna' }, { Email: '', City: 'Vienna' }])(
    'is refused without a value to find it by: %j',
    async (fields) => {
      const { outcome, requests } = await send('upsert_record', { ...LEAD, fields }, [upserted]);
      expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'invalid_input' });
      expect(requests).toEqual([]);
    },
  );

  it('is checked for that as well', () => {
    const { upsert_record: operation } = adapter.operations;
    expect(operation?.check?.({ ...LEAD, fields: { City: 'Vienna' } })).toMatchObject([{ path: 'fields' }]);
    expect(operation?.check?.({ ...LEAD, fields: { Phone: '{{ x }}' } })).toEqual([]);
    expect(operation?.input.safeParse({ ...LEAD, module: 'Leads/..', fields: {} }).success).toBe(false);
  });

  it('does not know whether it worked when the answer has no id', async () => {
    expect((await upsertLead([{ body: { data: [] } }])).outcome).toMatchObject({ outcome: 'unknown' });
  });
});

describe('add_note', () => {
  const input = { module: 'Leads', record: '101', title: 'x'.repeat(200), content: 'Wants a demo.' };
  const added = { status: 201, body: answers.noteAdded! };
  const linked = (key: string, value: Json) => ({
    links: { find: (asked: string) => Promise.resolve(asked === key ? value : null) },
  });

  it('names the record it belongs to, and is cut where it is too long', async () => {
    const { sent, outcome } = await send('add_note', { ...input, content: 'y'.repeat(40_000) }, [added]);
    const { data } = sent[0]?.json as { data: { Note_Title: string; Note_Content: string }[] };
    expect(sent[0]).toMatchObject({ method: 'POST', url: '/Notes' });
    expect(data[0]).toMatchObject({ Parent_Id: { module: { api_name: 'Leads' }, id: '101' } });
    expect([data[0]?.Note_Title.length, data[0]?.Note_Content.length]).toEqual([120, 32_000]);
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: '5725767000000600001' } });
  });

  it('rewrites what an earlier revision left, and is added anew when that was deleted', async () => {
    const earlier = linked(NOTE_LINK, '77');
    const kept = await send('add_note', input, [upserted], earlier);
    expect(kept.sent.map(({ method, url }) => [method, url])).toEqual([['PUT', '/Notes/77']]);
    expect(kept.outcome).toMatchObject({ receipt: { id: '77' } });
    const gone = await send('add_note', input, [{ status: 202, body: answers.noteGone! }, added], earlier);
    expect(gone.sent.map(({ method }) => method)).toEqual(['PUT', 'POST']);
  });

  it('says what is wrong with a note that is rewritten', async () => {
    const given = [{ status: 202, body: answers.mandatory! }];
    const { outcome } = await send('add_note', input, given, linked(NOTE_LINK, '77'));
    expect(outcome).toMatchObject({ outcome: 'rejected' });
  });

  it.each([
    ['is not added again when it is there', NOW, ['GET']],
    ['is added when the same words are from an earlier call', NOW + 86_400_000, ['GET', 'POST']],
  ])('%s', async (_what, at, methods) => {
    const tried = linked(`${NOTE_LINK} begun`, { at });
    const { sent, outcome } = await send('add_note', input, [{ body: answers.notes! }, added], tried);
    expect(sent.map(({ method }) => method)).toEqual(methods);
    expect(sent[0]?.url).toMatch(/^\/Leads\/101\/Notes\?fields=/);
    expect(outcome).toMatchObject({ receipt: { id: '5725767000000600001' } });
  });
});

describe('an answer', () => {
  const whole = (code: string) => ({ code, details: {}, message: 'words', status: 'error' });
  it.each<[string, Answer, JsonObject]>([
    [
      'without a mandatory field',
      { status: 202, body: answers.mandatory! },
      { outcome: 'rejected', message: 'HTTP 202: MANDATORY_NOT_FOUND required field not found (Last_Name)' },
    ],
    [
      'about another record',
      { status: 207, body: answers.duplicate! },
      {
        outcome: 'rejected',
        message: 'HTTP 207: DUPLICATE_DATA duplicate data (Phone, record 5725767000000411001)',
      },
    ],
    [
      'about an unknown module',
      { status: 400, body: whole('INVALID_MODULE') },
      { outcome: 'rejected', reason: 'client_error', message: 'HTTP 400: INVALID_MODULE words' },
    ],
    ['of a server in trouble', { status: 500, body: whole('INTERNAL_ERROR') }, { outcome: 'retry' }],
    ['of a record in trouble', { body: { data: [whole('INTERNAL_ERROR')] } }, { outcome: 'retry' }],
    [
      'about the scope',
      { status: 401, body: whole('OAUTH_SCOPE_MISMATCH') },
      { outcome: 'unauthorized', message: 'HTTP 401: OAUTH_SCOPE_MISMATCH words' },
    ],
    [
      'of too many requests at once',
      { status: 429, body: whole('TOO_MANY_REQUESTS') },
      { outcome: 'retry', reason: 'rate_limited', afterMs: 30_000 },
    ],
    ['of too many, in a 200', { body: { data: [whole('TOO_MANY_REQUESTS')] } }, { afterMs: 30_000 }],
    [
      'of spent credits',
      { status: 429, headers: { 'x-api-credits-remaining': '0' } },
      { outcome: 'retry', reason: 'rate_limited', afterMs: 900_000 },
    ],
    [
      'that says how long to wait',
      { status: 429, headers: { 'retry-after': '9' }, body: whole('TOO_MANY_REQUESTS') },
      { afterMs: 9_000 },
    ],
  ])('%s', async (_what, given, expected) => {
    expect((await upsertLead([given])).outcome).toMatchObject(expected);
  });
});

describe('check --online', () => {
  const inspect = (uses: InspectedUse[], given: Answer[]) => {
    const http = answering(given);
    const options = optionsWith();
    const { mail, signal, timeoutMs } = sendRequest({ options });
    return {
      http,
      found: adapter.inspect?.({ options, uses, http, mail, signal, timeoutMs, now: NOW }),
    };
  };
  const org = { body: { org: [{ company_name: 'Acme' }] } };
  const modules = { body: { modules: [{ api_name: 'Leads' }] } };
  const fields = { body: { fields: [{ api_name: 'Email' }] } };

  it('names the account, and modules and fields that it does not know', async () => {
    const uses: InspectedUse[] = [
      { operation: 'upsert_record', with: { ...LEAD, fields: { Email: 'x', Nope: 'x' } } },
      { operation: 'add_note', with: { module: 'Kontakte', record: '{{ actions.crm.id }}' } },
      { operation: 'add_note', with: { module: '{{ x }}' } },
    ];
    const { found, http } = inspect(uses, [{ status: 204 }, org, modules, fields]);
    expect(await found).toEqual({
      account: 'Acme',
      problems: [
        { use: 0, path: 'fields.Nope', problem: 'Leads has no field Nope' },
        { use: 0, path: 'duplicate_check_fields.1', problem: 'Leads has no field Phone' },
        { use: 1, path: 'module', problem: 'the account shows no module Kontakte' },
      ],
    });
    expect(http.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('says nothing of what the token may not read, and that it is refused', async () => {
    const uses = [{ operation: 'add_note', with: { module: 'Leads' } }];
    const scope = { status: 401, body: { code: 'OAUTH_SCOPE_MISMATCH', status: 'error' } };
    expect(await inspect(uses, [{ status: 204 }, scope]).found).toEqual({ account: null, problems: [] });
    const refused = inspect([], [{ status: 401, body: answers.invalidToken! }]);
    expect((await refused.found)?.problems).toMatchObject([{ use: null, path: '' }]);
  });
});
