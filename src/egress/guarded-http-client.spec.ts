import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../../test/support/http-sink.js';
import { createAddressGuard } from './address-guard.js';
import { createHttpClient } from './guarded-http-client.js';
import { EgressError, type HttpRequest } from './http-client.js';

const open = createHttpClient(createAddressGuard(['127.0.0.1/32']));
const guarded = createHttpClient(createAddressGuard([]));
let sink: HttpSink;

beforeAll(async () => {
  sink = await startHttpSink();
});
afterEach(() => sink.reset());
afterAll(async () => {
  open.close();
  guarded.close();
  await sink.close();
});

const post = (path: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  ...{ method: 'POST', url: sink.url + path, body: '{"a":1}', timeoutMs: 5000 },
  ...more,
});

async function failureOf(request: HttpRequest, client = open): Promise<EgressError> {
  const error: unknown = await client.send(request).catch((thrown: unknown) => thrown);
  if (error instanceof EgressError) return error;
  throw new Error(`expected an EgressError, got ${String(error)}`);
}

describe('a request', () => {
  it('carries exactly the bytes and headers it is given', async () => {
    const body = new Uint8Array([0x7b, 0x22, 0xff, 0x00, 0x22, 0x7d]);
    await open.send(post('/x?b=2', { body, headers: { 'content-type': 'text/odd', 'X-One': 'eins' } }));
    await open.send(
      post('/y', { body: ' "already json" ', headers: { 'Content-Type': 'application/json' } }),
    );
    const [first, second] = sink.requests;
    expect(first?.raw).toEqual(Buffer.from(body));
    expect(first?.headers).toMatchObject({ 'content-type': 'text/odd', 'x-one': 'eins' });
    expect(first?.query.get('b')).toBe('2');
    expect(second?.body).toBe(' "already json" ');
  });

  it('carries no content type of its own making', async () => {
    await open.send(post('/x'));
    expect(sink.requests[0]?.headers).not.toHaveProperty('content-type');
  });

  it('uses one connection for requests in a row', async () => {
    await open.send(post('/1'));
    await open.send(post('/2'));
    expect(sink.requests[1]?.senderPort).toBe(sink.requests[0]?.senderPort);
  });
});

describe('an answer', () => {
  it.each([200, 204, 404, 503])('of status %i is returned as it is', async (status) => {
    sink.respondWith({ status, headers: { 'X-Some': 'thing' }, body: status === 204 ? '' : '{"b": 1}' });
    const response = await open.send(post('/'));
    expect(response).toMatchObject({ status, body: status === 204 ? '' : '{"b": 1}' });
    expect(response.headers['x-some']).toBe('thing');
  });

  it('that redirects is not followed', async () => {
    sink.respondWith({ status: 307, headers: { location: `${sink.url}/elsewhere` } });
    expect((await open.send(post('/'))).status).toBe(307);
    expect(sink.requests).toHaveLength(1);
  });

  it('is unpacked', async () => {
    sink.respondWith({ headers: { 'content-encoding': 'gzip' }, body: gzipSync('packed') });
    expect((await open.send(post('/'))).body).toBe('packed');
  });

  it.each([
    ['plain', { body: 'x'.repeat(1024 * 1024 + 1) }],
    ['packed', { headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(50_000_000)) }],
  ])('over 1 MiB is refused, %s', async (_how, answer) => {
    sink.respondWith({ status: 201, ...answer });
    expect(await failureOf(post('/'))).toMatchObject({
      failure: 'response_too_large',
      sent: true,
      status: 201,
    });
  });
});

describe('the deadline', () => {
  it.each([
    ['no answer', { hang: 'before' as const }, null],
    ['headers only', { hang: 'after-headers' as const }, 200],
    ['a dripping body', { dripMs: 5 }, 200],
  ])('ends %s', async (_how, answer, status) => {
    sink.respondWith(answer);
    const error = await failureOf(post('/secret-path', { timeoutMs: 300 }));
    expect(error).toMatchObject({ failure: 'timeout', sent: true, status });
    expect(error.message).toBe(`127.0.0.1:${sink.port} did not answer within 300 ms`);
  });

  it('is kept when the process stops earlier', async () => {
    sink.respondWith({ hang: 'before' });
    const stop = new AbortController();
    const failure = failureOf(post('/', { signal: stop.signal }));
    await sink.waitFor(1);
    stop.abort();
    expect(await failure).toMatchObject({
      failure: 'timeout',
      sent: true,
      message: expect.stringContaining('stopped'),
    });
  });

  it('sends nothing when it has passed already', async () => {
    expect(await failureOf(post('/', { signal: AbortSignal.abort() }))).toMatchObject({
      failure: 'timeout',
      sent: false,
    });
    expect(sink.requests).toHaveLength(0);
  });
});

describe('the guard', () => {
  it.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', 'localhost', '169.254.169.254', '10.0.0.1'])(
    'refuses to dial %s',
    async (host) => {
      const error = await failureOf(post('/', { url: `http://${host}:${sink.port}/` }), guarded);
      expect(error).toMatchObject({ failure: 'address_forbidden', sent: false });
      expect(error.message).toContain('egress.allow');
      const tls = await failureOf(post('/', { url: `https://${host}:${sink.port}/` }), guarded);
      expect(tls).toMatchObject({ failure: 'address_forbidden', sent: false });
      expect(sink.requests).toHaveLength(0);
    },
  );

  it('takes no proxy from the environment', async () => {
    const before = { ...process.env };
    Object.assign(process.env, { HTTP_PROXY: sink.url, http_proxy: sink.url });
    expect(await failureOf(post('/', { url: 'http://10.0.0.1/' }), guarded)).toMatchObject({
      failure: 'address_forbidden',
    });
    process.env = before;
    expect(sink.requests).toHaveLength(0);
  });
});

describe('a failure', () => {
  it.each([
    ['ENOTFOUND', 'dns', 'gone.test cannot be resolved (ENOTFOUND)'],
    ['ESERVFAIL', 'dns', 'gone.test cannot be resolved (ESERVFAIL)'],
    ['EAI_AGAIN', 'offline', 'gone.test is out of reach: our own network or name service fails (EAI_AGAIN)'],
    ['EMFILE', 'offline', 'gone.test is out of reach: our own network or name service fails (EMFILE)'],
  ])('to resolve a name sent nothing: %s', async (code, failure, message) => {
    const guard = createAddressGuard([], (_name, _options, callback) =>
      callback(Object.assign(new Error('x'), { code }), []),
    );
    const client = createHttpClient(guard);
    const error = await failureOf(post('/', { url: 'http://gone.test/path?token=1' }), client);
    client.close();
    expect(error).toMatchObject({ failure, sent: false, message });
  });

  it('to connect sent nothing', async () => {
    const url = await freeAddress();
    expect(await failureOf(post('/', { url }))).toMatchObject({ failure: 'connection', sent: false });
  });

  it('in the handshake sent nothing', async () => {
    const url = sink.url.replace('http:', 'https:');
    expect(await failureOf(post('/', { url }))).toMatchObject({ failure: 'tls', sent: false });
  });

  it('after the request went out is of unknown effect', async () => {
    sink.respondWith({ reset: true });
    expect(await failureOf(post('/'))).toMatchObject({ failure: 'connection', sent: true, status: null });
  });

  it.each([
    ['a URL of another scheme', { url: 'data:text/plain,hello' }],
    ['a URL without a scheme', { url: '//127.0.0.1/x' }],
    ['a URL that is none', { url: 'http://[' }],
    ['a header with a line break', { headers: { a: 'b\r\nc: d' } }],
    ['a header beyond Latin-1', { headers: { a: 'Š' } }],
    ['a header name with a space', { headers: { 'a b': 'c' } }],
  ])('tells %s apart', async (_what, more) => {
    expect(await failureOf(post('/', more))).toMatchObject({ failure: 'invalid_request', sent: false });
    expect(sink.requests).toHaveLength(0);
  });
});

async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}
