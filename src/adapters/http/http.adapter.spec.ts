import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { answersInTurn } from '../../../test/support/answers-in-turn.js';
import { fakeHttp, sendRequest } from '../../../test/support/send-request.js';
import { EgressError, type HttpRequest, type HttpResponse } from '../../egress/http-client.js';
import { type JsonObject } from '../../lib/json.js';
import { createTemplates } from '../../templates/templates.js';
import { type Operation, receiptFieldsOf } from '../adapter.js';
import { renderInput } from '../render-input.js';
import { adapter } from './http.adapter.js';

const URL_TEXT = 'https://flows.example.com/webhook/abc';

async function send(
  given: JsonObject,
  input: JsonObject = {},
  answer: Partial<HttpResponse> = {},
  event = EVENT,
) {
  const http = fakeHttp(answer);
  const options = adapter.options.parse({ url: URL_TEXT, ...given });
  const outcome = await adapter.send(sendRequest({ options, input, http, event }));
  return { outcome, request: http.requests[0] as HttpRequest, count: http.requests.length };
}

const RAW = Buffer.from('{"id": 1,  "b":\u00a0"\\u00e9"}\n');
const EVENT = {
  id: 'e1',
  status: 'accepted' as const,
  raw: RAW,
  contentType: 'application/json; charset=utf-8' as string | null,
};

describe('the body', () => {
  it('is the event as it came in, with its content type, where none is given', async () => {
    const { request } = await send({});
    expect(request).toMatchObject({ method: 'POST', url: URL_TEXT, body: RAW });
    expect(request.headers?.['content-type']).toBe('application/json; charset=utf-8');
  });

  it('holds instead of forwarding the whole event when its one variable is missing', () => {
    const { send: operation } = adapter.operations;
    const templates = createTemplates({ timezone: 'UTC', tables: {}, files: {} });
    const context = { templates, data: { lead: null }, ifMissing: null, isTest: false };
    const rendered = renderInput(operation as Operation, { body: '{{ lead }}' }, context);
    expect(rendered).toEqual({ ok: false, reason: 'missing: lead', missing: ['lead'] });
    const property = renderInput(operation as Operation, { body: { id: 1, lead: '{{ lead }}' } }, context);
    expect(property).toEqual({ ok: true, input: { body: { id: 1 } } });
  });

  it('has no content type where the event had none', async () => {
    const { request } = await send({}, {}, {}, { ...EVENT, contentType: null });
    expect(request.headers).not.toHaveProperty('content-type');
  });

  it.each([[{ a: [1, 'x', null] }], [[1, 2]], ['text'], [0], [null], [false]])(
    'is sent as JSON: %j',
    async (body) => {
      const { request } = await send({}, { body });
      expect(request.body).toBe(JSON.stringify(body));
      expect(request.headers?.['content-type']).toBe('application/json');
    },
  );

  it('is merged deeply over that of the destination', async () => {
    const base = { routing_key: 'hush', payload: { severity: 'info', source: 'calls' }, links: [1] };
    const { request } = await send({ body: base }, { body: { payload: { severity: 'error' }, links: [2] } });
    expect(JSON.parse(String(request.body))).toEqual({
      ...{ routing_key: 'hush', payload: { severity: 'error', source: 'calls' }, links: [2] },
    });
    expect((await send({ body: base })).request.body).toBe(JSON.stringify(base));
    expect((await send({ body: base }, { body: [1] })).request.body).toBe('[1]');
  });

  it('never reaches a prototype', async () => {
    const body = JSON.parse('{"__proto__":{"polluted":true}}') as JsonObject;
    const { request } = await send({ body: { a: 1 } }, { body });
    expect(request.body).toBe('{"a":1,"__proto__":{"polluted":true}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('is left out of GET and, where none is given, of DELETE', async () => {
    expect((await send({ method: 'GET' })).request.body).toBeUndefined();
    expect((await send({}, { method: 'DELETE' })).request.body).toBeUndefined();
    expect((await send({}, { method: 'DELETE', body: [] })).request.body).toBe('[]');
    expect((await send({ method: 'GET' }, { body: {} })).outcome).toMatchObject({ outcome: 'rejected' });
  });
});

describe('the URL', () => {
  it.each([
    ['/v2/calls', 'https://x.test/base/v2/calls?k=1'],
    ['v2/calls', 'https://x.test/base/v2/calls?k=1'],
    ['/a%2Fb/%C3%A9', 'https://x.test/base/a%2Fb/%C3%A9?k=1'],
    ['//evil.test/x', 'https://x.test/base/evil.test/x?k=1'],
    ['https://evil.test/', 'https://x.test/base/https://evil.test/?k=1'],
    ['@evil.test', 'https://x.test/base/@evil.test?k=1'],
    ['', 'https://x.test/base/?k=1'],
  ])('keeps host and path of the destination: %s', async (path, url) => {
    expect((await send({ url: 'https://x.test/base/?k=1' }, { path })).request.url).toBe(url);
  });

  it.each(['../admin', '/a/../../b', '/a/%2e%2E/b', '/./a', 'a\\b', 'a\nb', '/a?b=1', '/a#b'])(
    'refuses the path %j',
    async (path) => {
      const { outcome, count } = await send({}, { path });
      expect(outcome).toMatchObject({
        outcome: 'rejected',
        reason: 'invalid_input',
        message: expect.stringContaining('path'),
      });
      expect(count).toBe(0);
    },
  );

  it('gets the query encoded', async () => {
    const { request } = await send(
      { url: 'https://x.test/?k=1' },
      { query: { q: 'a&b=ü', n: 2, yes: true } },
    );
    expect(request.url).toBe('https://x.test/?k=1&q=a%26b%3D%C3%BC&n=2&yes=true');
  });
});

describe('headers', () => {
  it('carry the idempotency key, those of the destination and those of the action over them', async () => {
    const { request } = await send(
      { headers: { 'X-Key': 'k', 'X-A': '1' } },
      { headers: { 'x-a': '2', 'Content-Type': 'text/plain' } },
    );
    expect(request.headers).toEqual({
      ...{ 'content-type': 'text/plain', 'x-key': 'k', 'x-a': '2', 'idempotency-key': 'aftercall-d1' },
    });
  });

  it('carry a login', async () => {
    expect((await send({ auth: { bearer: 'tok' } })).request.headers?.authorization).toBe('Bearer tok');
    const basic = await send({ auth: { username: 'ü', password: 'p:w' } });
    expect(basic.request.headers?.authorization).toBe(`Basic ${Buffer.from('ü:p:w').toString('base64')}`);
  });

  it.each<JsonObject>([
    { a: 'b\r\nc: d' },
    { a: 'b\u0000' },
    { a: 'Š' },
    { 'a b': 'c' },
    { Host: 'evil' },
    { 'Idempotency-Key': 'x' },
  ])('refuse %j', async (headers) => {
    const { outcome, count } = await send({}, { headers });
    expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'invalid_input' });
    expect(count).toBe(0);
  });
});

describe('client credentials of OAuth 2.0', () => {
  const client = {
    token_url: 'https://login.example.com/token',
    client_id: 'calls',
    client_secret: 'hushhush',
  };
  let account = 0;

  /** Each with a client of its own: tokens are kept for the process. */
  function sendAs(answers: Partial<HttpResponse>[], more: JsonObject = {}) {
    account += 1;
    const http = answersInTurn(
      ...answers.map((answer) => ({ status: 200, headers: {}, body: 'ok', ...answer })),
    );
    const auth = { oauth2: { ...client, client_id: `calls-${account}`, ...more } };
    const options = adapter.options.parse({ url: URL_TEXT, auth });
    const attempt = () => adapter.send(sendRequest({ options, http, event: EVENT }));
    return { attempt, requests: http.requests };
  }

  const token = (access_token: string) => ({ body: JSON.stringify({ access_token, expires_in: 3600 }) });

  it('give a token, which is kept for the next attempt', async () => {
    const { attempt, requests } = sendAs([token('one'), {}, {}], { scope: 'calls.write' });
    expect(await attempt()).toEqual({ outcome: 'delivered', httpStatus: 200 });
    expect(await attempt()).toMatchObject({ outcome: 'delivered' });
    expect(requests.map(({ url }) => url)).toEqual([client.token_url, URL_TEXT, URL_TEXT]);
    expect(Object.fromEntries(new URLSearchParams(String(requests[0]?.body)))).toEqual({
      ...{ grant_type: 'client_credentials', client_secret: 'hushhush', scope: 'calls.write' },
      client_id: expect.stringMatching(/^calls-/),
    });
    expect(requests[1]).toMatchObject({ body: RAW, headers: { authorization: 'Bearer one' } });
  });

  it('are asked for a new token once, after the receiver refused the old one', async () => {
    const { attempt, requests } = sendAs([token('old'), { status: 401 }, token('new'), {}]);
    expect(await attempt()).toMatchObject({ outcome: 'delivered' });
    expect(requests.map(({ headers }) => headers?.authorization)).toEqual([
      ...[undefined, 'Bearer old', undefined, 'Bearer new'],
    ]);
    expect(requests[3]?.headers?.['idempotency-key']).toBe(requests[1]?.headers?.['idempotency-key']);
    const refused = sendAs([token('old'), { status: 401 }, token('new'), { status: 401 }]);
    expect(await refused.attempt()).toMatchObject({ outcome: 'unauthorized', httpStatus: 401 });
    expect(refused.requests).toHaveLength(4);
  });

  it('that are refused end the attempt before anything is sent', async () => {
    const { attempt, requests } = sendAs([{ status: 400, body: '{"error":"invalid_client"}' }]);
    const outcome = await attempt();
    expect(outcome).toMatchObject({
      ...{ outcome: 'unauthorized', message: 'no access token was given: invalid_client' },
    });
    expect(requests).toHaveLength(1);
  });

  it('are tried by an inspection, which sends nothing else', async () => {
    const inspect = (answer: Partial<HttpResponse>, auth?: JsonObject) => {
      const http = fakeHttp(answer);
      const options = adapter.options.parse({ url: URL_TEXT, auth });
      const signal = new AbortController().signal;
      const mail = { send: () => Promise.reject(new Error('sent a mail')) };
      return adapter.inspect?.({ options, uses: [], http, mail, timeoutMs: 1_000, signal, now: 0 });
    };
    expect(await inspect(token('x'), { oauth2: client })).toEqual({ account: 'calls', problems: [] });
    const refused = await inspect({ status: 401, body: '{}' }, { oauth2: client });
    expect(refused?.problems[0]?.problem).toContain('refuses the credentials');
    expect(await inspect({})).toBeNull();
  });
});

describe('fields of the answer', () => {
  const response = { id: 'data.id', first: 'data.items.0.name', gone: 'nowhere' };

  it('are kept as the receipt; what is missing is null', async () => {
    const body = JSON.stringify({ data: { id: 7, items: [{ name: 'x' }], long: 'x'.repeat(5_000) } });
    const { outcome, count } = await send({}, { response: { ...response, long: 'data.long' } }, { body });
    expect(outcome).toEqual({
      ...{ outcome: 'delivered', httpStatus: 200 },
      receipt: { id: 7, first: 'x', gone: null, long: null },
    });
    expect(count).toBe(1);
  });

  it.each([{ body: 'ok' }, { status: 204, body: '' }, { body: 'null' }])(
    'are null where it is no JSON: %j',
    async (answer) => {
      const { outcome } = await send({}, { response: { id: 'id' } }, answer);
      expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: null } });
    },
  );

  it('are null where the answer is too long to be read', async () => {
    const tooLong = new EgressError('response_too_large', 'over 1 MiB', true, 200);
    const options = adapter.options.parse({ url: URL_TEXT });
    const input = { response: { id: 'id' } };
    const outcome = await adapter.send(sendRequest({ options, input, http: fakeHttp(tooLong) }));
    expect(outcome).toEqual({ outcome: 'delivered', httpStatus: 200, receipt: { id: null } });
  });

  it('are none where it failed, or none are asked for', async () => {
    expect((await send({}, { response }, { status: 500 })).outcome).not.toHaveProperty('receipt');
    expect((await send({}, {}, { body: '{"data":{"id":7}}' })).outcome).not.toHaveProperty('receipt');
  });

  it('are what later actions may use', () => {
    const operation = adapter.operations.send as Operation;
    expect(receiptFieldsOf(operation, { response })).toEqual(['id', 'first', 'gone']);
    expect(receiptFieldsOf(operation, {})).toEqual([]);
    expect(operation.input.safeParse({ response: { 'a b': 'id' } }).success).toBe(false);
  });
});

describe('the signature of Standard Webhooks', () => {
  it('covers id, time and the exact bytes', async () => {
    const { request } = await send({ secret: `whsec_${Buffer.from('key of bytes').toString('base64')}` });
    const signed = createHmac('sha256', 'key of bytes')
      .update('aftercall-d1.1795435200.')
      .update(RAW)
      .digest('base64');
    expect(request.headers).toMatchObject({
      'webhook-id': 'aftercall-d1',
      'webhook-timestamp': '1795435200',
      'webhook-signature': `v1,${signed}`,
    });
  });

  it('takes a plain secret as it is', async () => {
    const { request } = await send({ secret: 'plain text' }, { body: { a: 1 } });
    const signed = createHmac('sha256', 'plain text')
      .update('aftercall-d1.1795435200.{"a":1}')
      .digest('base64');
    expect(request.headers?.['webhook-signature']).toBe(`v1,${signed}`);
  });

  it('matches the example of the specification', async () => {
    const { signature } = await import('./request-headers.js');
    const headers = signature(
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1614265330_000,
      '{"test": 2432232314}',
    );
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });
});

describe('options', () => {
  const check = (given: JsonObject) =>
    adapter.checkOptions?.(adapter.options.parse({ url: URL_TEXT, ...given }));

  it('refuse headers that are ours, and a login given twice', () => {
    expect(check({ headers: { 'X-Fine': '1' }, auth: { bearer: 'x' } })).toEqual([]);
    expect(check({ headers: { Host: 'x' } })).toEqual([
      { path: 'headers.Host', problem: expect.stringContaining('leave it out') },
    ]);
    expect(check({ headers: { Authorization: 'x' }, auth: { bearer: 'x' } })?.[0]?.path).toBe(
      'headers.Authorization',
    );
  });

  it.each(['ftp://x.test', 'x.test', '//x.test', 'javascript:alert(1)'])('refuse the url %s', (url) => {
    expect(adapter.options.safeParse({ url }).success).toBe(false);
  });

  it('name the host that would be dialled', () => {
    expect(adapter.addresses?.(adapter.options.parse({ url: 'http://0x7f.1:80/x' }))).toEqual(['127.0.0.1']);
  });
});

it('judges the answer by its status', async () => {
  expect((await send({}, {}, { status: 204 })).outcome).toEqual({ outcome: 'delivered', httpStatus: 204 });
  expect((await send({}, {}, { status: 302 })).outcome).toMatchObject({
    outcome: 'rejected',
    reason: 'redirect',
  });
});
