import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { autocallsSource, FakeIntakeStore, fixture, liveWith } from '../../test/support/intake.js';
import { type SourceConfig } from '../config/config.js';
import { callData } from '../domain/call-data.js';
import { StoreUnavailableError } from '../store/store.js';
import { type HookHandlerParts } from './hook-handler.js';
import { type DecidedEvent } from '../plan/decided-event.js';

jest.unstable_mockModule('../plan/plan-deliveries.js', () => ({
  decideCall: (_live: unknown, { call, source, ...event }: DecidedEvent) => ({
    data: callData(call, { ...event, source: source.name }),
    decisions: [{ rule: 'hot-lead', verdict: 'fired', shadow: false, because: [] }],
    deliveries: [],
    scope: '',
  }),
}));
const { EventAcceptor } = await import('./accept-event.js');
const { HookHandler } = await import('./hook-handler.js');

const MIB = 2 ** 20;
const call = fixture('completed-campaign');

let store: FakeIntakeStore;
let server: Server;
let handled: Promise<void>[];
const observe = jest.fn<(status: string, source: string) => void>();
const onError = jest.fn<(error: unknown) => void>();

interface Setup extends Partial<HookHandlerParts> {
  source?: Partial<SourceConfig>;
  trustedProxies?: string[];
  /** What a host does to the request before us. */
  before?: (request: NodeJS.ReadableStream) => Promise<void>;
}

/** A server whose paths are `/hooks/:source/:token`, as the host's router gives them. */
async function start({ source, trustedProxies, before, ...parts }: Setup = {}): Promise<void> {
  const live = liveWith([autocallsSource(source)], trustedProxies);
  const acceptor = new EventAcceptor({
    store,
    live,
    queue: { wake: () => undefined },
    clock: { now: () => 1e12 },
  });
  const handler = new HookHandler({ acceptor, live, tokens: new Map(), observe, onError, ...parts });
  const takeIn = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(req.url ?? '', 'http://x');
    const [, , name = '', token = null] = pathname.split('/');
    await before?.(req);
    await handler.handle(req, res, { source: name, token, query: searchParams });
  };
  server = createServer((req, res) => void handled.push(takeIn(req, res)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

const port = () => (server.address() as AddressInfo).port;

interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

interface Sending {
  path?: string;
  method?: string;
  headers?: OutgoingHttpHeaders;
}

async function post(
  body: string | Uint8Array,
  { path, method = 'POST', headers }: Sending = {},
): Promise<Answer> {
  const target = path ?? '/hooks/autocalls/right-token';
  const sent = request({ host: '127.0.0.1', port: port(), path: target, method, headers, agent: false });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [
    NodeJS.ReadableStream & { statusCode?: number; headers: IncomingHttpHeaders },
  ];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return {
    status: response.statusCode,
    headers: response.headers,
    body: JSON.parse(text) as Record<string, unknown>,
  };
}

/** Sends bytes as they are and returns what comes back until the server closes. */
async function sendRaw(text: string): Promise<string> {
  const socket = connect(port(), '127.0.0.1');
  socket.write(text);
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  await once(socket, 'close');
  return answer;
}

beforeEach(() => {
  store = new FakeIntakeStore();
  handled = [];
  jest.clearAllMocks();
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all(handled);
});

describe('a good webhook', () => {
  it('is accepted, a resend is a duplicate, other content a revision', async () => {
    await start();
    const accepted = await post(call);
    expect(accepted).toMatchObject({ status: 202, headers: { 'content-type': 'application/json' } });
    expect(accepted.body).toEqual({ status: 'accepted', event_id: store.events[0]?.id, fired: ['hot-lead'] });
    const duplicate = await post(call);
    expect([duplicate.status, duplicate.body]).toEqual([200, { ...accepted.body, status: 'duplicate' }]);
    const revision = await post(fixture('completed-campaign-revised'));
    expect(revision).toMatchObject({
      status: 202,
      body: { status: 'revision', event_id: store.events[1]?.id },
    });
    const sample = await post(fixture('vendor-test-button-no-id'));
    expect(sample).toMatchObject({ status: 202, body: { status: 'test', fired: ['hot-lead'] } });
    expect(observe.mock.calls).toEqual([
      ['accepted', 'autocalls'],
      ['duplicate', 'autocalls'],
      ['revision', 'autocalls'],
      ['test', 'autocalls'],
    ]);
  });

  it('is stored once when fifty copies come at a time', async () => {
    await start();
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(call)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
    expect(new Set(answers.map(({ body }) => body.event_id)).size).toBe(1);
    expect(store.events).toHaveLength(1);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    '\tapplication/json',
    'x',
  ])('may have the content type %j', async (contentType) => {
    await start();
    expect(await post(call, { headers: { 'content-type': contentType } })).toMatchObject({ status: 202 });
    expect(store.events[0]).toMatchObject({ contentType: contentType.trim(), raw: call });
  });

  it('may have no content type and come in pieces', async () => {
    await start();
    const sent = request({
      host: '127.0.0.1',
      port: port(),
      path: '/hooks/autocalls/right-token',
      method: 'POST',
    });
    for (const byte of call.subarray(0, 50)) sent.write(Buffer.from([byte]));
    sent.end(call.subarray(50));
    const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream & { statusCode?: number }];
    response.resume();
    expect(response.statusCode).toBe(202);
    expect(store.events[0]).toMatchObject({ contentType: null, raw: call });
  });

  it('gets the labels of the address over those of the source', async () => {
    await start({ source: { labels: { client: 'acme', direction: 'outbound' } } });
    await post(call, { path: '/hooks/autocalls/right-token?assistant=17&direction=inbound&token=x' });
    expect(store.events[0]?.labels).toEqual({ client: 'acme', direction: 'inbound', assistant: '17' });
  });

  it('may be packed with gzip, and is kept unpacked', async () => {
    await start();
    expect(await post(gzipSync(call), { headers: { 'content-encoding': 'gzip' } })).toMatchObject({
      status: 202,
    });
    expect(store.events[0]?.raw).toEqual(call);
  });
});

describe('who may send', () => {
  const wrong = [
    '/hooks/autocalls/wrong-token',
    '/hooks/autocalls/right-tokenx',
    '/hooks/autocalls/',
    '/hooks/autocalls',
  ];

  it.each(wrong)('refuses the token of %s and stores nothing', async (path) => {
    await start();
    const answer = await post(call, { path });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      status: 'unauthorized',
      message: 'wrong or missing token; give it in the path or as Authorization: Bearer',
    });
    expect(store.events).toEqual([]);
    expect(observe.mock.calls).toEqual([['unauthorized', 'autocalls']]);
  });

  it('takes the token as bearer when the path has none', async () => {
    await start();
    const bearer = (token: string) =>
      post(call, { path: '/hooks/autocalls', headers: { authorization: token } });
    expect(await bearer('Bearer right-token')).toMatchObject({ status: 202 });
    expect(await bearer('bearer right-token')).toMatchObject({ status: 200 });
    expect(await bearer('Bearer wrong-token')).toMatchObject({ status: 401 });
    expect(await bearer('Basic right-token')).toMatchObject({ status: 401 });
  });

  it('does not look at the bearer when the path has a token', async () => {
    await start();
    const headers = { authorization: 'Bearer right-token' };
    expect(await post(call, { path: '/hooks/autocalls/wrong', headers })).toMatchObject({ status: 401 });
  });

  it('takes either of two tokens while they are rotated', async () => {
    await start({ source: { tokens: ['old', 'new'] } });
    for (const token of ['old', 'new']) {
      const answer = await post(call, { path: `/hooks/autocalls/${token}` });
      expect([200, 202]).toContain(answer.status);
    }
  });

  it('takes the token made at first start where the configuration names none', async () => {
    await start({ source: { tokens: [] }, tokens: new Map([['autocalls', ['made']]]) });
    expect(await post(call, { path: '/hooks/autocalls/made' })).toMatchObject({ status: 202 });
    expect(await post(call, { path: '/hooks/autocalls/' })).toMatchObject({ status: 401 });
  });

  it('takes nothing where there is no token at all', async () => {
    await start({ source: { tokens: [] } });
    expect(await post(call, { path: '/hooks/autocalls/' })).toMatchObject({ status: 401 });
  });

  it.each(['nobody', 'constructor', '__proto__'])('does not know the source %s', async (name) => {
    await start();
    const answer = await post(call, { path: `/hooks/${name}/right-token` });
    expect(answer).toMatchObject({ status: 404, body: { status: 'unknown_source' } });
    expect(observe.mock.calls).toEqual([['unknown_source', 'unknown']]);
  });

  it.each(['GET', 'PUT', 'DELETE'])('refuses %s', async (method) => {
    await start();
    expect(await post('', { method })).toMatchObject({
      status: 405,
      headers: { allow: 'POST' },
      body: { status: 'method_not_allowed' },
    });
  });

  it('refuses an address that is not allowed, before it looks at the token', async () => {
    await start({ source: { allowIps: ['203.0.113.0/24'] } });
    expect(await post(call)).toMatchObject({ status: 403, body: { status: 'forbidden' } });
    expect(await post(call, { headers: { 'x-forwarded-for': '203.0.113.9' } })).toMatchObject({
      status: 403,
    });
    expect(store.events).toEqual([]);
  });

  it('believes a trusted proxy, and only what it says itself', async () => {
    await start({ source: { allowIps: ['203.0.113.0/24'] }, trustedProxies: ['127.0.0.0/8'] });
    const from = (forwarded: string) => post(call, { headers: { 'x-forwarded-for': forwarded } });
    expect(await from('203.0.113.9')).toMatchObject({ status: 202 });
    expect(await from('203.0.113.9, 198.51.100.1')).toMatchObject({ status: 403 });
    expect(await from('198.51.100.1, 203.0.113.9, 127.0.0.2')).toMatchObject({ status: 200 });
  });

  it('leaves the connection usable after a refusal', async () => {
    await start();
    const send = (token: string, header: string) =>
      `POST /hooks/autocalls/${token} HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n${header}\r\n{"id":1}`;
    const answer = await sendRaw(send('wrong', '') + send('right-token', 'Connection: close\r\n'));
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 202']);
  });
});

describe('garbage and attacks', () => {
  const quarantined: [string, string | Uint8Array, string, string][] = [
    ['nothing', '', 'body', 'empty; expected a JSON object'],
    ['no JSON', 'status=completed&id=1', 'body', 'not valid JSON'],
    ['half a JSON', '{"id":1,', 'body', 'not valid JSON'],
    ['a list', '[{"id":1}]', 'body', 'not an object'],
    ['null', 'null', 'body', 'not an object'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'body', 'not valid UTF-8 text'],
    ['a __proto__ key', '{"id":1,"lead":{"__proto__":{"admin":true}}}', 'body', 'a key named __proto__'],
    ['an escaped __proto__ key', '{"id":1,"\\u005f_proto__":1}', 'body', 'a key named __proto__'],
    ['65 levels', `{"id":1,"a":${'['.repeat(64)}${']'.repeat(64)}}`, 'body', 'nested deeper than 64 levels'],
    ['a million brackets', '['.repeat(1_000_000), 'body', 'nested deeper than 64 levels'],
    [
      '10,001 keys',
      `{${Array.from({ length: 10_001 }, (_, i) => `"${i}":1`).join()}}`,
      'body',
      'more than 10000 keys',
    ],
    ['1e400', '{"id":1,"duration":1e400}', 'body', 'a number beyond the range of a double'],
    ['neither id nor test', '{"status":"completed"}', 'id', 'missing; expected'],
    ['an impossible id', '{"id":{"a":1}}', 'id', 'is an object; expected'],
    ['the end of a chat', '{"id":1,"conversation_id":"c"}', 'body', 'looks like the end of a chat'],
  ];

  it.each(quarantined)('keeps %s in quarantine', async (_what, body, path, problem) => {
    await start();
    const answer = await post(body);
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({
      status: 'quarantined',
      event_id: store.events[0]?.id,
      problems: [{ path, problem: expect.stringContaining(problem) }],
    });
    expect(store.events).toMatchObject([{ intent: 'quarantined', callId: null }]);
    expect(Buffer.from(body).equals(store.events[0]?.raw ?? Buffer.alloc(0))).toBe(true);
    expect(observe.mock.calls).toEqual([['quarantined', 'autocalls']]);
  });

  const accepted: [string, string][] = [
    ['NUL and lone surrogates', '{"id":1,"customer_name":"\\u0000 \\ud800"}'],
    ['64 levels', `{"id":1,"a":${'['.repeat(63)}${']'.repeat(63)}}`],
    ['10,000 keys', `{"id":1,${Array.from({ length: 9_999 }, (_, i) => `"${i}":1`).join()}}`],
    ['a byte order mark', '\ufeff{"id":1}'],
    ['names of Object.prototype', '{"id":1,"constructor":1,"toString":{"a":1},"hasOwnProperty":0}'],
    ['an id beyond 2^53', '{"id":12345678901234567890}'],
  ];

  it.each(accepted)('accepts %s', async (_what, body) => {
    await start();
    expect(await post(body)).toMatchObject({ status: 202, body: { status: 'accepted' } });
  });

  it('keeps every digit of an id', async () => {
    await start();
    await post('{"id":9007199254740993}');
    expect(await post('{"id":9007199254740992}')).toMatchObject({
      status: 202,
      body: { status: 'accepted' },
    });
    expect(store.events.map(({ callId }) => callId)).toEqual(['9007199254740993', '9007199254740992']);
  });

  it('takes 5 MiB, and reads one byte more to its end before it refuses', async () => {
    await start();
    const ofSize = (bytes: number) => `{"id":1,"a":"${'x'.repeat(bytes - 15)}"}`;
    expect(Buffer.byteLength(ofSize(5 * MIB))).toBe(5 * MIB);
    expect(await post(ofSize(5 * MIB))).toMatchObject({ status: 202 });
    expect(await post(ofSize(5 * MIB + 1))).toMatchObject({
      status: 413,
      body: { status: 'too_large', message: 'the body is over 5 MiB' },
    });
    expect(await post(ofSize(12 * MIB))).toMatchObject({ status: 413 });
    expect(store.events).toHaveLength(1);
  });

  it('stops reading a body without end, answers and closes', async () => {
    await start({ limits: { maxBytes: 1_000, maxReadBytes: 5_000, deadlineMs: 30_000 } });
    const head =
      'POST /hooks/autocalls/right-token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    const answer = await sendRaw(head + `1000\r\n${'x'.repeat(4_096)}\r\n`.repeat(2));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/connection: close/i);
  });

  it('cuts a body without end off, after a refusal, too', async () => {
    await start({ limits: { maxBytes: 1_000, maxReadBytes: 5_000, deadlineMs: 30_000 } });
    const head = 'POST /hooks/autocalls/wrong HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    const answer = await sendRaw(head + `1000\r\n${'x'.repeat(4_096)}\r\n`.repeat(2));
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('does not wait for a slow body longer than the deadline', async () => {
    await start({ limits: { maxBytes: 1_000, maxReadBytes: 5_000, deadlineMs: 20 } });
    const answer = await sendRaw(
      'POST /hooks/autocalls/right-token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toMatch(/connection: close/i);
    expect(store.events).toEqual([]);
  });

  it('forgets a sender that goes away in the middle', async () => {
    await start();
    const socket = connect(port(), '127.0.0.1');
    socket.write(
      'POST /hooks/autocalls/right-token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"id":',
    );
    await once(server, 'request');
    socket.destroy();
    await Promise.all(handled);
    expect(store.events).toEqual([]);
    expect(observe).not.toHaveBeenCalled();
    expect(await post(call)).toMatchObject({ status: 202 });
  });

  it('refuses a gzip bomb without unpacking it', async () => {
    await start();
    const bomb = gzipSync(Buffer.alloc(50 * MIB, ' '));
    expect(await post(bomb, { headers: { 'content-encoding': 'gzip' } })).toMatchObject({ status: 413 });
    expect(store.events).toEqual([]);
  });

  it('keeps what only claims to be gzip, and gzip that does not say so', async () => {
    await start();
    const headers = { 'content-encoding': 'x-gzip' };
    expect(await post('{"id":1', { headers })).toMatchObject({ status: 422 });
    expect(await post(gzipSync(call).subarray(0, 100), { headers })).toMatchObject({
      status: 422,
      body: { problems: [{ path: 'body', problem: 'compressed data that could not be unpacked' }] },
    });
  });

  it('refuses any other encoding in clear words', async () => {
    await start();
    expect(await post(call, { headers: { 'content-encoding': 'br' } })).toMatchObject({
      status: 415,
      headers: { 'accept-encoding': 'gzip, identity' },
      body: { status: 'unsupported_encoding' },
    });
    expect(await post(call, { headers: { 'content-encoding': 'identity' } })).toMatchObject({ status: 202 });
  });
});

describe('failures of our own', () => {
  it('asks for another try when nothing could be stored, and recovers', async () => {
    await start();
    store.failure = new StoreUnavailableError('disk full at /var/secret');
    const answer = await post(call);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(answer.body).toEqual({
      status: 'unavailable',
      message: 'the call could not be stored; send it again',
    });
    expect(onError.mock.calls).toEqual([[store.failure]]);
    expect(observe.mock.calls).toEqual([['unavailable', 'autocalls']]);
    store.failure = null;
    expect(await post(call)).toMatchObject({ status: 202 });
  });

  it('says nothing about any other failure', async () => {
    await start();
    store.failure = new Error('secret detail');
    const answer = await post(call);
    expect(answer.status).toBe(500);
    expect(answer.body).toEqual({
      status: 'internal_error',
      message: 'something went wrong here; send the call again',
    });
    expect(onError.mock.calls).toEqual([[store.failure]]);
  });

  it('tells whoever runs it when a body parser was faster', async () => {
    await start({
      before: async (body) => {
        body.resume();
        await once(body, 'end');
      },
    });
    expect(await post(call)).toMatchObject({ status: 500 });
    expect(String(onError.mock.calls[0]?.[0])).toContain('AftercallModule.attach(app)');
  });
});
