import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { sendRequest } from '../../../test/support/send-request.js';
import { type HttpClient, type HttpRequest, type HttpResponse } from '../../egress/http-client.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { type InspectedUse, type SendRequest } from '../adapter.js';
import { type SalesforceOptions } from './salesforce-options.js';
import { adapter } from './salesforce.adapter.js';

const answers = JSON.parse(readFileSync(new URL('fixtures/answers.json', import.meta.url), 'utf8')) as Record<
  string,
  Json
>;
const NOW = Date.parse('2026-11-23T12:00:00Z');
const DATA = 'https://acme.my.salesforce.com/services/data/v62.0';
const CONTACT = { object: 'Contact', external_id_field: 'Phone_Key__c', external_id: '+43 1/2' };
const { privateKey: PEM } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

type Answer = Partial<Omit<HttpResponse, 'body'>> & { body?: Json };

let accounts = 0;

/** Each with tokens of its own. */
function optionsWith(more: JsonObject = {}): SalesforceOptions {
  const client_id = `consumer-${(accounts += 1)}`;
  const login = { login_url: 'https://acme.my.salesforce.com', client_id, client_secret: 'shh' };
  return adapter.options.parse(JSON.parse(JSON.stringify({ ...login, ...more })));
}

/** Logs in whenever asked to; the other answers come one after the other, and the last one stays. */
function answering(given: Answer[], token: Answer = { body: answers.token! }) {
  const [requests, logins]: [HttpRequest[], HttpRequest[]] = [[], []];
  const send: HttpClient['send'] = (request) => {
    const isLogin = request.url.endsWith('/services/oauth2/token');
    (isLogin ? logins : requests).push(request);
    const next = given[Math.min(requests.length, given.length) - 1];
    const { body = {}, ...rest } = (isLogin ? token : next) ?? {};
    return Promise.resolve({ status: 200, headers: {}, ...rest, body: JSON.stringify(body) });
  };
  return { send, requests, logins };
}

async function send(
  operation: string,
  input: JsonObject,
  given: Answer[],
  more: Partial<SendRequest<SalesforceOptions>> & { token?: Answer } = {},
) {
  const { token, ...request } = more;
  const http = answering(given, token);
  const outcome = await adapter.send(
    sendRequest({ operation, input, http, options: optionsWith(), ...request }),
  );
  const sent = http.requests.map(({ method, url, body }) => ({
    ...{ method, url },
    json: body === undefined ? null : (JSON.parse(String(body)) as Json),
  }));
  return { outcome, sent, ...http };
}

describe('the login', () => {
  it('sends the secret in the form, and the token to the address that the answer names', async () => {
    const { logins, requests } = await send('upsert', { ...CONTACT, fields: {} }, [
      { body: answers.created! },
    ]);
    expect(logins).toHaveLength(1);
    expect(logins[0]).toMatchObject({
      url: 'https://acme.my.salesforce.com/services/oauth2/token',
      body: expect.stringMatching(
        /^grant_type=client_credentials&client_id=consumer-\d+&client_secret=shh$/,
      ) as never,
    });
    expect(requests[0]).toMatchObject({
      url: `${DATA}/sobjects/Contact/Phone_Key__c/%2B43%201%2F2`,
      headers: { Authorization: 'Bearer 00D000000000001!AQcA' },
    });
  });

  it.each([
    ['https://login.salesforce.com', 'https://login.salesforce.com'],
    ['https://acme.my.salesforce.com', 'https://login.salesforce.com'],
    ['https://acme--uat.sandbox.my.salesforce.com', 'https://test.salesforce.com'],
    ['https://test.salesforce.com', 'https://test.salesforce.com'],
  ])('at %s signs an assertion for %s', async (login_url, aud) => {
    const key = PEM.replace(/\n/g, '\\n');
    const options = optionsWith({
      ...{ login_url, client_secret: undefined as never, username: 'bot@acme.test', private_key: key },
    });
    const { logins } = await send('upsert', { ...CONTACT, fields: {} }, [{}], { options });
    const form = new URLSearchParams(String(logins[0]?.body));
    const [head = '', claims = ''] = (form.get('assertion') ?? '').split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as JsonObject;
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    expect(read(head)).toEqual({ alg: 'RS256', typ: 'JWT' });
    expect(read(claims)).toEqual({
      ...{ iss: options.client_id, sub: 'bot@acme.test', aud, exp: NOW / 1_000 + 180 },
    });
  });

  it('that is refused is told from a server that is down', async () => {
    const token = { status: 400, body: answers.invalidClient! };
    const refused = await send('upsert', { ...CONTACT, fields: {} }, [{}], { token });
    expect(refused.outcome).toMatchObject({
      ...{ outcome: 'unauthorized', message: 'no access token was given: invalid_client' },
    });
    const down = await send('upsert', { ...CONTACT, fields: {} }, [{}], { token: { status: 503 } });
    expect(down.outcome).toMatchObject({ outcome: 'retry', reason: 'server_error' });
  });

  it.each(['http://acme.my.salesforce.com', 'https://user:pass@evil.example', 'file:///etc/passwd', '', 7])(
    'does not send the token to %j',
    async (instance_url) => {
      const token = { body: { access_token: 'x', instance_url } };
      const { outcome, requests } = await send('upsert', { ...CONTACT, fields: {} }, [{}], { token });
      expect(outcome).toMatchObject({ outcome: 'unauthorized' });
      expect(requests).toEqual([]);
    },
  );

  it('is done anew once when the session has expired', async () => {
    const expired = { status: 401, body: answers.sessionExpired! };
    const first = await send('upsert', { ...CONTACT, fields: {} }, [expired, { body: answers.created! }]);
    expect(first.outcome).toMatchObject({ outcome: 'delivered' });
    expect(first.logins).toHaveLength(2);
    const both = await send('upsert', { ...CONTACT, fields: {} }, [expired]);
    expect(both.outcome).toMatchObject({ outcome: 'unauthorized' });
    expect([both.logins.length, both.requests.length]).toEqual([2, 2]);
  });

  it('gives way to base_url', async () => {
    const options = optionsWith({ base_url: 'http://127.0.0.1:9' });
    const { requests } = await send('upsert', { ...CONTACT, fields: {} }, [{}], { options });
    expect(new URL(requests[0]?.url ?? '').origin).toBe('http://127.0.0.1:9');
  });
});

describe('upsert', () => {
  it('writes values in the forms of Salesforce', async () => {
    const fields = {
      ...{ Called_At__c: '2026-11-23T11:02:07.000000Z', Topics__c: ['a', 'b'], Calls__c: 2, Open__c: false },
      ...{ Visit__c: '', Fax: null, MailingCity: 'Graz' },
    };
    const { sent, outcome } = await send('upsert', { ...CONTACT, fields }, [{ body: answers.created! }]);
    expect(sent).toEqual([
      expect.objectContaining({
        method: 'PATCH',
        json: {
          ...{ Called_At__c: '2026-11-23T11:02:07.000Z', Topics__c: 'a;b', Calls__c: 2, Open__c: false },
          ...{ Visit__c: null, Fax: null, MailingCity: 'Graz' },
        },
      }),
    ]);
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: '003000000000002AAA' } });
  });

  it('reads what modes need, and writes nothing when all of it is filled', async () => {
    const fill = { value: 'Vienna', mode: 'fill_if_empty' };
    const [read] = [{ body: answers.contact! }];
    const filled = await send('upsert', { ...CONTACT, fields: { MailingCity: fill } }, [read]);
    expect(filled.sent.map(({ method }) => method)).toEqual(['GET']);
    expect(filled.sent[0]?.url).toMatch(/\?fields=Id%2CMailingCity$/);
    expect(filled.outcome).toMatchObject({ receipt: { id: '003000000000002AAA' } });
    const fields = { Description: { value: 'Wants a demo.', mode: 'append' } };
    const empty = await send('upsert', { ...CONTACT, fields }, [read, { body: answers.created! }]);
    expect(empty.sent[1]?.json).toEqual({ Description: 'Wants a demo.' });
  });

  it.each([
    ['while it reads', { MailingCity: { value: 'x', mode: 'append' } }],
    ['while it writes', { MailingCity: 'x' }],
  ])('is rejected where several records match, %s, and names them', async (_when, fields) => {
    const { outcome, sent } = await send('upsert', { ...CONTACT, fields }, [
      { status: 300, body: answers.ambiguous! },
    ]);
    expect(outcome).toMatchObject({
      ...{ outcome: 'rejected', reason: 'client_error', httpStatus: 300 },
      message: expect.stringMatching(
        /ambiguous: 2 records \(003000000000002AAA, 003000000000003AAA\)/,
      ) as never,
    });
    expect(sent).toHaveLength(1);
  });

  it('asks for the id where an old version of the API does not say it', async () => {
    const given = [{ status: 204 }, { body: answers.contact! }];
    const { outcome } = await send('upsert', { ...CONTACT, fields: { MailingCity: 'x' } }, given);
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: '003000000000002AAA' } });
  });

  it('overrides a duplicate rule only when told to', async () => {
    const input = { ...CONTACT, fields: {}, allow_duplicates: true };
    const header = 'Sforce-Duplicate-Rule-Header';
    const { requests } = await send('upsert', input, [{ body: answers.created! }]);
    expect(requests[0]?.headers?.[header]).toBe('allowSave=true');
    const plain = await send('upsert', { ...CONTACT, fields: {} }, [{ body: answers.created! }]);
    expect(plain.requests[0]?.headers).not.toHaveProperty(header);
  });

  it('cannot leave its object through the id', async () => {
    const { outcome, requests } = await send('upsert', { ...CONTACT, external_id: '..', fields: {} }, [{}]);
    expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'invalid_input' });
    expect(requests).toEqual([]);
  });

  it('is checked for the key among the fields', () => {
    const operation = adapter.operations.upsert!;
    expect(operation.check?.({ ...CONTACT, fields: { Phone_Key__c: 'x' } })).toHaveLength(1);
    expect(operation.check?.({ ...CONTACT, fields: { Phone: 'x' } })).toEqual([]);
    expect(operation.input.safeParse({ ...CONTACT, object: 'Contact/..', fields: {} }).success).toBe(false);
  });
});

describe('log_call', () => {
  const input = {
    subject: 'Call',
    duration: 127.4,
    direction: 'inbound',
    date: '2026-11-22T23:30:00.000000Z',
  };

  it('is a task that is done, with a key by which it is found again', async () => {
    const { sent, outcome } = await send('log_call', input, [{ status: 201, body: answers.created! }]);
    expect(sent).toEqual([
      {
        ...{ method: 'POST', url: `${DATA}/sobjects/Task` },
        json: {
          ...{ TaskSubtype: 'Call', Status: 'Completed', Subject: 'Call', CallDurationInSeconds: 127 },
          ...{ CallType: 'Inbound', ActivityDate: '2026-11-22', CallObject: 'autocalls:12345 hot-lead.tell' },
        },
      },
    ]);
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: '003000000000002AAA' } });
  });

  it('is an upsert where Task has an External ID field for it', async () => {
    const options = optionsWith({ task_external_id_field: 'Call_Key__c' });
    const { sent } = await send('log_call', input, [{ body: answers.created! }], { options });
    expect(sent[0]).toMatchObject({
      method: 'PATCH',
      url: `${DATA}/sobjects/Task/Call_Key__c/autocalls%3A12345%20hot-lead.tell`,
    });
    expect(sent[0]?.json).not.toHaveProperty('CallObject');
  });

  it('keeps to the length of the key', async () => {
    const call = { source: 'a', id: '1', contact: null, action: 'x'.repeat(300) };
    const { sent } = await send('log_call', input, [{ body: answers.created! }], { call });
    expect((sent[0]?.json as JsonObject).CallObject).toMatch(/^[\w-]{43}$/);
  });

  it('looks for the task before it makes one, after an unknown outcome', async () => {
    const found = { body: { records: [{ Id: '00T000000000001AAA', Description: 'other words' }] } };
    const { sent, outcome } = await send('log_call', input, [found], { mayHaveArrived: true });
    expect(sent).toHaveLength(1);
    expect(new URL(sent[0]?.url ?? '').searchParams.get('q')).toBe(
      "SELECT Id, Description FROM Task WHERE CallObject = 'autocalls:12345 hot-lead.tell' ORDER BY CreatedDate LIMIT 50",
    );
    expect(outcome).toMatchObject({ receipt: { id: '00T000000000001AAA' } });
  });
});

describe('create_task', () => {
  const input = {
    subject: "Call O'Neill",
    due: '1 day',
    description: 'Wants a demo.',
    who: '003000000000002AAA',
  };
  const key = 'call autocalls 12345 hot-lead.tell task';

  it('leaves status and priority to the org', async () => {
    const { sent } = await send('create_task', input, [{ body: answers.created! }]);
    expect(sent[0]?.json).toEqual({
      ...{ TaskSubtype: 'Task', Subject: "Call O'Neill", ActivityDate: '2026-11-24' },
      ...{ WhoId: '003000000000002AAA', Description: 'Wants a demo.' },
    });
  });

  it('is found again by its words, made since the first attempt', async () => {
    const links = {
      find: (asked: string) => Promise.resolve(asked === `${key} begun` ? { at: NOW - 60_000 } : null),
    };
    const records = [
      { Id: '00T000000000001AAA', Description: 'Wants a price.' },
      { Id: '00T000000000002AAA', Description: 'Wants a demo.' },
    ];
    const { sent, outcome } = await send('create_task', input, [{ body: { records } }], { links });
    expect(new URL(sent[0]?.url ?? '').searchParams.get('q')).toContain(
      "WHERE Subject = 'Call O\\'Neill' AND ActivityDate = 2026-11-24 AND WhoId = '003000000000002AAA' AND CreatedDate >= 2026-11-23T10:59:00.000Z",
    );
    expect(outcome).toMatchObject({ receipt: { id: '00T000000000002AAA' } });
  });

  it('rewrites what an earlier revision left, and makes it anew when it was deleted', async () => {
    const links = { find: (asked: string) => Promise.resolve(asked === key ? '00T000000000009AAA' : null) };
    const kept = await send('create_task', input, [{ status: 204 }], { links });
    expect(kept.sent.map(({ method, url }) => [method, url])).toEqual([
      ['PATCH', `${DATA}/sobjects/Task/00T000000000009AAA`],
    ]);
    const gone = await send('create_task', input, [{ status: 404 }, { body: answers.created! }], { links });
    expect(gone.sent.map(({ method }) => method)).toEqual(['PATCH', 'POST']);
  });

  it('is cut where it is too long, and refused where its day is unknown', async () => {
    const long = { ...input, subject: 'x'.repeat(300), description: '👋'.repeat(20_000) };
    const { sent } = await send('create_task', long, [{ body: answers.created! }]);
    const { Subject, Description } = sent[0]?.json as { Subject: string; Description: string };
    expect([Subject.length, Description.length <= 32_000]).toEqual([255, true]);
    expect(Description).toMatch(/^(👋)+… \[cut\]$/u);
    const { outcome } = await send('create_task', { ...input, due: 'soon' }, [{}]);
    expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'invalid_input' });
  });
});

describe('an error', () => {
  it.each<[number, string, string, JsonObject]>([
    [403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.', { outcome: 'retry', afterMs: 900_000 }],
    [
      ...([403, 'REQUEST_LIMIT_EXCEEDED', 'ConcurrentRequests Limit exceeded.'] as const),
      { outcome: 'retry', reason: 'rate_limited', afterMs: 30_000 },
    ],
    [400, 'UNABLE_TO_LOCK_ROW', 'unable to obtain access', { outcome: 'retry', reason: 'server_error' }],
    [503, 'SERVER_UNAVAILABLE', 'too busy', { outcome: 'retry', reason: 'server_error' }],
    [500, 'UNKNOWN_EXCEPTION', 'An unexpected error', { outcome: 'unknown', reason: 'server_error' }],
    [403, 'API_DISABLED_FOR_ORG', 'not enabled', { outcome: 'unauthorized', reason: 'unauthorized' }],
    [403, 'INSUFFICIENT_ACCESS', 'no access', { outcome: 'rejected', reason: 'client_error' }],
    [400, 'DUPLICATES_DETECTED', 'Use one of these', { outcome: 'rejected', reason: 'client_error' }],
    [404, 'NOT_FOUND', 'does not exist', { outcome: 'rejected', reason: 'client_error' }],
  ])('%i %s %s', async (status, errorCode, message, expected) => {
    const body = [{ message, errorCode, fields: ['LastName'] }];
    const { outcome } = await send('upsert', { ...CONTACT, fields: { LastName: 'x' } }, [{ status, body }]);
    expect(outcome).toMatchObject({
      ...expected,
      message: `HTTP ${status}: ${errorCode} ${message} (LastName)`,
    });
  });
});

describe('options', () => {
  const key = { client_secret: undefined as never, private_key: PEM, username: 'bot@acme.test' };
  it.each<[string, JsonObject, string | undefined]>([
    ['a secret', {}, undefined],
    ['a key', key, undefined],
    ['both', { ...key, client_secret: 'shh' }, 'client_secret'],
    ['neither', { client_secret: undefined as never }, 'client_secret'],
    ['a key without its user', { ...key, username: undefined as never }, 'username'],
    ['a key that is none', { ...key, private_key: 'shh' }, 'private_key'],
    ['a secret for the general address', { login_url: 'https://login.salesforce.com' }, 'login_url'],
  ])('with %s', (_what, more, path) => {
    expect(adapter.checkOptions?.(optionsWith(more))[0]?.path).toBe(path);
  });

  it('name the hosts that are dialled', () => {
    expect(adapter.addresses?.(optionsWith())).toEqual(['acme.my.salesforce.com']);
    expect(adapter.addresses?.(optionsWith({ base_url: 'http://127.0.0.1:9' }))).toHaveLength(2);
  });
});

describe('check --online', () => {
  const inspect = (uses: InspectedUse[], given: Answer[], more: JsonObject = {}) => {
    const http = answering(given);
    const options = optionsWith(more);
    const { mail, signal, timeoutMs } = sendRequest({ options });
    const found = adapter.inspect?.({ options, uses, http, mail, signal, timeoutMs, now: NOW });
    return { found, http };
  };
  const versions = { body: {} };
  const organization = { body: answers.organization! };

  it('names the org, and fields that it does not know', async () => {
    const uses: InspectedUse[] = [
      {
        operation: 'upsert',
        with: { ...CONTACT, external_id_field: 'LastName', fields: { LastName: 1, Nope: 1 } },
      },
      { operation: 'upsert', with: { ...CONTACT, external_id_field: 'Email', fields: {} } },
    ];
    const { found, http } = inspect(uses, [versions, organization, { body: answers.contactDescribe! }]);
    expect(await found).toEqual({
      account: 'Acme',
      problems: [
        { use: 0, path: 'external_id_field', problem: 'LastName of Contact is no External ID' },
        { use: 0, path: 'fields.Nope', problem: 'Contact has no field Nope that this user may see' },
      ],
    });
    expect(http.requests.map(({ url }) => url.replace(DATA, ''))).toEqual([
      ...['/', '/query?q=SELECT+Name+FROM+Organization+LIMIT+1', '/sobjects/Contact/describe'],
    ]);
  });

  it('names objects that it does not know, and says nothing of what is too long to read', async () => {
    const uses = [{ operation: 'upsert', with: { ...CONTACT, object: 'Kontakt', fields: {} } }];
    const { found } = inspect(uses, [versions, organization, { status: 404 }, { status: 404 }]);
    expect((await found)?.problems).toEqual([
      { use: 0, path: 'object', problem: 'the org shows this user no object Kontakt' },
    ]);
    const tooLong = inspect(uses, [versions, { status: 403 }, { status: 403 }, { body: {} }]);
    expect(await tooLong.found).toEqual({ account: null, problems: [] });
  });

  it('looks at the key of tasks', async () => {
    const describe = { body: { fields: [{ name: 'Subject' }] } };
    const { found } = inspect([], [versions, organization, describe], { task_external_id_field: 'Key__c' });
    expect((await found)?.problems).toMatchObject([{ use: null, path: 'task_external_id_field' }]);
  });
});
