import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../../test/support/http-sink.js';
import { type ProxySink, startProxySink } from '../../test/support/proxy-sink.js';
import { type AddressGuard, createAddressGuard } from './address-guard.js';
import { type GuardedHttpClient, createHttpClient } from './guarded-http-client.js';
import { EgressError, type HttpRequest } from './http-client.js';
import { readProxySettings } from './proxy-settings.js';
import { type Resolve } from './resolve-host.js';

const NAMES: Record<string, string> = {
  'public.test': '8.8.8.8',
  'inside.test': '10.0.0.1',
  'proxy.test': '127.0.0.1',
};
const resolve: Resolve = (name, _options, callback) => {
  const address = NAMES[name];
  if (address === undefined) return callback(Object.assign(new Error(name), { code: 'ENOTFOUND' }), []);
  callback(null, [{ address, family: 4 }]);
};

let sink: HttpSink;
let proxy: ProxySink;
let guard: AddressGuard;
let client: GuardedHttpClient;

beforeAll(async () => {
  sink = await startHttpSink();
});
beforeEach(async () => {
  proxy = await startProxySink(sink.port);
  guard = createAddressGuard([], resolve);
  client = createHttpClient(guard, resolve);
  through(`http://proxy.test:${proxy.port}`);
});
afterEach(async () => {
  client.close();
  sink.reset();
  await proxy.close();
});
afterAll(() => sink.close());

function through(url: string, noProxy = ''): void {
  client.setProxies(readProxySettings({ HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: noProxy }));
}

const post = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  ...{ method: 'POST', url, body: 'hello', timeoutMs: 5000 },
  ...more,
});

async function failureOf(request: HttpRequest): Promise<EgressError> {
  const error: unknown = await client.send(request).catch((thrown: unknown) => thrown);
  if (error instanceof EgressError) return error;
  throw new Error(`expected an EgressError, got ${JSON.stringify(error)}`);
}

describe('a proxy', () => {
  it('is asked for an http address as a whole, over one connection', async () => {
    sink.respondWith({ status: 201, body: 'there' });
    expect(await client.send(post('http://public.test:8080/a?b=1'))).toMatchObject({
      status: 201,
      body: 'there',
    });
    await client.send(post('http://unknown.test/c'));
    expect(proxy.requests).toEqual([
      { method: 'POST', target: 'http://public.test:8080/a?b=1', authorization: null },
      { method: 'POST', target: 'http://unknown.test/c', authorization: null },
    ]);
    expect(sink.requests[0]).toMatchObject({ body: 'hello', headers: { host: 'public.test:8080' } });
    expect(proxy.connectionCount).toBe(1);
  });

  it('is asked for a tunnel to an https address, and TLS is spoken with the destination', async () => {
    const error = await failureOf(post('https://public.test/secret'));
    expect(proxy.requests).toEqual([{ method: 'CONNECT', target: 'public.test:443', authorization: null }]);
    expect(error).toMatchObject({ failure: 'tls', sent: false });
  });

  it('gets its user and password, and the destination does not', async () => {
    through(`http://me%40corp:hush@127.0.0.1:${proxy.port}`);
    await client.send(post('http://public.test/'));
    await failureOf(post('https://public.test/'));
    const authorization = `Basic ${Buffer.from('me@corp:hush').toString('base64')}`;
    expect(proxy.requests.map((request) => request.authorization)).toEqual([authorization, authorization]);
    expect(sink.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it('is gone past for what NO_PROXY lists, where the guard sees the dialled address again', async () => {
    guard.setAllowed(['127.0.0.1']);
    through(proxy.url, '127.0.0.1, inside.test');
    expect((await client.send(post(`${sink.url}/`))).status).toBe(200);
    expect(await failureOf(post('http://inside.test/'))).toMatchObject({ failure: 'address_forbidden' });
    expect(proxy.requests).toEqual([]);
  });

  it('is used until it is taken back', async () => {
    await client.send(post('http://public.test/'));
    client.setProxies(null);
    guard.setAllowed(['127.0.0.1']);
    expect((await client.send(post(`${sink.url}/`))).status).toBe(200);
    expect(proxy.requests).toHaveLength(1);
  });
});

describe('behind a proxy', () => {
  it.each([
    'http://10.0.0.1/',
    'https://169.254.169.254/',
    'http://0x7f.1/',
    'https://[::1]/',
    'http://localhost/',
  ])('%s is refused', async (url) => {
    expect(await failureOf(post(url))).toMatchObject({ failure: 'address_forbidden', sent: false });
    expect(proxy.requests).toEqual([]);
  });

  it('a name that leads inside is refused, and one that is unknown here is left to the proxy', async () => {
    for (const url of ['http://inside.test/', 'https://inside.test/'])
      expect(await failureOf(post(url))).toMatchObject({ failure: 'address_forbidden', sent: false });
    expect((await client.send(post('http://unknown.test/'))).status).toBe(200);
    expect(proxy.requests).toHaveLength(1);
  });

  it('a redirect is not followed', async () => {
    sink.respondWith({ status: 302, headers: { location: 'http://169.254.169.254/' } });
    expect((await client.send(post('http://public.test/'))).status).toBe(302);
    expect(proxy.requests).toHaveLength(1);
  });

  it('a destination that breaks off is of unknown effect', async () => {
    sink.respondWith({ reset: true });
    expect(await failureOf(post('http://public.test/'))).toMatchObject({ failure: 'connection', sent: true });
  });
});

describe('trouble of the proxy', () => {
  const both = ['http://public.test/secret', 'https://public.test/secret'];

  it.each(both)('that is not there is our own: %s', async (url) => {
    through(`http://me:hush@127.0.0.1:${await freePort()}`);
    const error = await failureOf(post(url));
    expect(error).toMatchObject({ failure: 'offline', sent: false });
    expect(error.message).toMatch(/^no way to public\.test: the proxy cannot be reached \(ECONNREFUSED\)$/);
  });

  it.each(both)('whose name is unknown is our own: %s', async (url) => {
    through('http://me:hush@gone.test');
    expect(await failureOf(post(url))).toMatchObject({ failure: 'offline', sent: false });
  });

  it.each(both)('that wants another password is our own: %s', async (url) => {
    proxy.respondWith({ refuse: { status: 407, headers: { 'Proxy-Authenticate': 'Basic' } } });
    expect(await failureOf(post(url))).toMatchObject({ failure: 'offline', sent: false });
  });

  it.each(both)('that lets nobody there is a forbidden address: %s', async (url) => {
    proxy.respondWith({ refuse: { status: 407, headers: { 'X-Why': 'denied' } } });
    expect(await failureOf(post(url))).toMatchObject({ failure: 'address_forbidden', sent: false });
  });

  it.each([
    [403, 'address_forbidden'],
    [502, 'connection'],
    [504, 'connection'],
  ])('that answers CONNECT with %i is %s', async (status, failure) => {
    proxy.respondWith({ refuse: { status } });
    const error = await failureOf(post('https://public.test/secret'));
    expect(error).toMatchObject({ failure, sent: false });
    expect(error.message).not.toContain('secret');
  });

  it('that hangs up instead of a tunnel is our own', async () => {
    proxy.respondWith({ fail: 'cut' });
    expect(await failureOf(post(both[1] ?? ''))).toMatchObject({ failure: 'offline', sent: false });
  });

  it('that does not even take the connection is our own', async () => {
    through('https://127.0.0.1:' + (await muteServer()));
    for (const url of both)
      expect(await failureOf(post(url, { timeoutMs: 200 }))).toMatchObject({
        failure: 'offline',
        sent: false,
      });
  });

  it('that is silent for one destination is a timeout of that destination, and leaves no connection behind', async () => {
    proxy.respondWith({ fail: 'before' });
    expect(await failureOf(post('https://public.test/', { timeoutMs: 200 }))).toMatchObject({
      failure: 'timeout',
      sent: false,
    });
    expect(await failureOf(post('http://public.test/', { timeoutMs: 200 }))).toMatchObject({
      failure: 'timeout',
      sent: true,
    });
    await proxy.idle();
  });

  it('that cannot be told from the environment stops everything, rather than going past it', async () => {
    client.setProxies(new Error('HTTPS_PROXY is no proxy that can be used'));
    guard.setAllowed(['127.0.0.1']);
    const error = await failureOf(post(`${sink.url}/`));
    expect(error).toMatchObject({ failure: 'offline', sent: false });
    expect(error.message).toContain('HTTPS_PROXY is no proxy');
    expect(sink.requests).toEqual([]);
  });
});

const mute: (() => void)[] = [];
afterEach(() => {
  for (const close of mute.splice(0)) close();
});

/** Takes connections and never says a word: a TLS handshake with it hangs. */
async function muteServer(): Promise<number> {
  const server = createServer((socket) => mute.push(() => socket.destroy()));
  mute.push(() => server.close());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as { port: number }).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}
