import { type Socket } from 'node:net';
import * as zlib from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createAddressGuard } from '../../../src/egress/address-guard.js';
import { createHttpClient } from '../../../src/egress/guarded-http-client.js';
import { EgressError, type HttpRequest } from '../../../src/egress/http-client.js';
import { type RawServer, drip, flood, onceAsked, startRawServer } from '../../support/raw-server.js';
import { type FullServer, startFullServer } from './full-server.js';

/** The whole time a request is given; and how much later it may be that its failure is known. */
const TIMEOUT_MS = 400;
const SLACK_MS = 500;
const MIB = 1024 * 1024;
/** What may be on the way when reading stops: buffers of both kernels and both streams. */
const IN_FLIGHT_BYTES = 12 * MIB;

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(script: (socket: Socket) => void): Promise<RawServer> {
  const server = await startRawServer(script);
  closing.push(() => server.close());
  return server;
}

function client(guard = createAddressGuard(['127.0.0.1'])) {
  const http = createHttpClient(guard);
  closing.push(() => http.close());
  return http;
}

interface Failure {
  error: EgressError;
  tookMs: number;
}

async function failureOf(port: number, more: Partial<HttpRequest> = {}, http = client()): Promise<Failure> {
  const request = {
    method: 'POST',
    url: `http://127.0.0.1:${port}/secret`,
    body: 'hello',
    timeoutMs: TIMEOUT_MS,
  };
  const started = performance.now();
  const error: unknown = await http.send({ ...request, ...more }).catch((thrown: unknown) => thrown);
  const tookMs = performance.now() - started;
  if (!(error instanceof EgressError))
    throw new Error(`expected an EgressError, got ${JSON.stringify(error)}`);
  expect(error.message).not.toContain('secret');
  return { error, tookMs };
}

const HEAD = 'HTTP/1.1 200 OK\r\n';
const begin = (socket: Socket, text: string) => {
  socket.write(text);
  return socket;
};
const answering = (answer: (socket: Socket) => void) => (socket: Socket) =>
  onceAsked(socket, () => answer(socket));

describe('the deadline ends', () => {
  it.each<[string, (socket: Socket) => void, Partial<EgressError>]>([
    ['silence', (socket) => socket.resume(), { sent: true, status: null }],
    ['headers that drip', answering((socket) => drip(begin(socket, HEAD), 'x')), { sent: true }],
    [
      'a status line that drips',
      answering((socket) => drip(begin(socket, 'HTTP/1.1 200 '), 'x')),
      { sent: true },
    ],
    [
      'informational answers without end',
      answering((socket) => drip(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n', 1)),
      { sent: true },
    ],
    [
      'headers and then silence',
      answering((socket) => socket.write(`${HEAD}content-length: 5\r\n\r\n`)),
      { sent: true, status: 200 },
    ],
    [
      'a body that drips',
      answering((socket) => drip(begin(socket, `${HEAD}\r\n`), '.')),
      { sent: true, status: 200 },
    ],
    [
      'chunks that drip',
      answering((socket) => drip(begin(socket, `${HEAD}transfer-encoding: chunked\r\n\r\n`), '1\r\n.\r\n')),
      { sent: true, status: 200 },
    ],
    [
      'a packed body that drips',
      answering((socket) => drip(begin(socket, `${HEAD}content-encoding: gzip\r\n\r\n`), zlib.gzipSync('.'))),
      { sent: true, status: 200 },
    ],
  ])('%s', async (_what, script, expected) => {
    const server = await serve(script);
    const { error, tookMs } = await failureOf(server.port);
    expect(error).toMatchObject({ failure: 'timeout', ...expected });
    expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    await server.idle();
  });

  it('a request that nobody reads', async () => {
    const server = await serve((socket) => socket.pause());
    const { error, tookMs } = await failureOf(server.port, { body: Buffer.alloc(15 * MIB) });
    expect(error).toMatchObject({ failure: 'timeout', sent: true });
    expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  });

  it('a handshake that hangs, and one that drips', async () => {
    for (const script of [
      (socket: Socket) => void socket.resume(),
      (socket: Socket) => drip(socket, '\x16'),
    ]) {
      const server = await serve(script);
      const { error, tookMs } = await failureOf(server.port, {
        url: `https://127.0.0.1:${server.port}/secret`,
      });
      expect(['timeout', 'tls', 'connection']).toContain(error.failure);
      expect(error).toMatchObject({ sent: false, status: null });
      expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
      await server.idle();
    }
  });

  it('a connection that is never taken', async () => {
    const full: FullServer = await startFullServer();
    closing.push(() => full.close());
    const { error, tookMs } = await failureOf(full.port);
    expect(error).toMatchObject({ failure: 'timeout', sent: false, status: null });
    expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  });

  it('a name that is never resolved', async () => {
    const guard = createAddressGuard([], () => undefined);
    const { error, tookMs } = await failureOf(0, { url: 'http://hangs.test/secret' }, client(guard));
    expect(error).toMatchObject({ failure: 'timeout', sent: false, status: null });
    expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  });
});

describe('the size of an answer', () => {
  const zeros = Buffer.alloc(64 * MIB);
  const bombs: [string, Buffer][] = [
    ['gzip', zlib.gzipSync(zeros, { level: 1 })],
    ['deflate', zlib.deflateSync(zeros, { level: 1 })],
    ['br', zlib.brotliCompressSync(zeros, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ];

  it.each(bombs)('is counted after unpacking: %s', async (encoding, packed) => {
    const before = process.memoryUsage.rss();
    const server = await serve(
      answering((socket) => {
        socket.write(`${HEAD}content-encoding: ${encoding}\r\ncontent-length: ${packed.length}\r\n\r\n`);
        socket.write(packed);
      }),
    );
    const { error } = await failureOf(server.port, { timeoutMs: 10_000 });
    expect(error).toMatchObject({ failure: 'response_too_large', sent: true, status: 200 });
    expect(process.memoryUsage.rss() - before).toBeLessThan(48 * MIB);
  });

  it.each([
    ['chunked', 'transfer-encoding: chunked', `10000\r\n${'x'.repeat(0x10000)}\r\n`],
    ['announced', `content-length: ${2 * 1024 * MIB}`, 'x'.repeat(0x10000)],
    ['until the connection ends', 'connection: close', 'x'.repeat(0x10000)],
    ['in an encoding that is unknown', 'content-encoding: none-such', 'x'.repeat(0x10000)],
  ])('is at most 1 MiB: %s', async (_how, header, chunk) => {
    const server = await serve(
      answering((socket) => {
        socket.write(`${HEAD}${header}\r\n\r\n`);
        flood(socket, chunk);
      }),
    );
    const { error } = await failureOf(server.port, { timeoutMs: 10_000 });
    expect(error).toMatchObject({ failure: 'response_too_large', sent: true, status: 200 });
    await server.idle();
    expect(server.bytesWritten()).toBeLessThan(IN_FLIGHT_BYTES);
  });

  it.each([
    ['headers', (socket: Socket) => flood(begin(socket, HEAD), 'x-more: yes\r\n')],
    ['one header', (socket: Socket) => flood(begin(socket, `${HEAD}x-long: `), 'x'.repeat(4096))],
    ['a status line', (socket: Socket) => flood(begin(socket, 'HTTP/1.1 200 '), 'x'.repeat(4096))],
    [
      'trailers',
      (socket: Socket) =>
        flood(begin(socket, `${HEAD}transfer-encoding: chunked\r\n\r\n0\r\n`), 'x-more: yes\r\n'),
    ],
    [
      'chunk extensions',
      (socket: Socket) =>
        flood(begin(socket, `${HEAD}transfer-encoding: chunked\r\n\r\n1;`), 'x'.repeat(4096)),
    ],
  ])('is bounded for %s without end', async (_what, answer) => {
    const server = await serve(answering(answer));
    const { error } = await failureOf(server.port, { timeoutMs: 10_000 });
    expect(error).toMatchObject({ failure: 'connection', sent: true });
    await server.idle();
    expect(server.bytesWritten()).toBeLessThan(IN_FLIGHT_BYTES);
  });
});

describe('an answer that is not what it says', () => {
  it.each([
    ['shorter than announced', `${HEAD}content-length: 100\r\n\r\nshort`],
    ['cut within a chunk', `${HEAD}transfer-encoding: chunked\r\n\r\n64\r\nshort`],
    ['packed badly', `${HEAD}content-encoding: gzip\r\ncontent-length: 5\r\n\r\nnogzi`],
  ])('is no answer: %s', async (_how, text) => {
    const server = await serve(answering((socket) => socket.end(text)));
    const { error } = await failureOf(server.port);
    expect(error).toMatchObject({ failure: 'connection', sent: true, status: 200 });
  });

  it('is no answer when it is no HTTP', async () => {
    const server = await serve(answering((socket) => socket.end('hello there\r\n')));
    expect((await failureOf(server.port)).error).toMatchObject({
      failure: 'connection',
      sent: true,
      status: null,
    });
  });

  it('does not run into the next one when it is longer than announced', async () => {
    const answer = `${HEAD}content-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged`;
    const server = await serve((socket) => socket.on('data', () => socket.write(answer)));
    const http = client();
    const request = { method: 'POST', url: `http://127.0.0.1:${server.port}/`, body: 'x', timeoutMs: 5000 };
    const bodies = [await http.send(request), await http.send(request)].map(({ body }) => body);
    expect(bodies).toEqual(['ok', 'ok']);
    expect(server.connectionCount).toBe(2);
  });
});

describe('a request', () => {
  it('over 16 MiB is not begun', async () => {
    const server = await serve((socket) => socket.resume());
    const { error } = await failureOf(server.port, { body: Buffer.alloc(16 * MIB + 1) });
    expect(error).toMatchObject({ failure: 'invalid_request', sent: false });
    expect(server.connectionCount).toBe(0);
  });

  it('that was sent in part is of unknown effect', async () => {
    const server = await serve((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const { error } = await failureOf(server.port, { body: Buffer.alloc(15 * MIB) });
    expect(error).toMatchObject({ failure: 'connection', sent: true, status: null });
  });

  it('that meets an idle connection which the other side closed goes over a new one', async () => {
    const open: Socket[] = [];
    const server = await serve((socket) => {
      open.push(socket);
      socket.on('data', () => socket.write(`${HEAD}content-length: 2\r\n\r\nok`));
    });
    const http = client();
    const request = { method: 'POST', url: `http://127.0.0.1:${server.port}/`, body: 'x', timeoutMs: 5000 };
    await http.send(request);
    open[0]?.end();
    await server.idle();
    expect((await http.send(request)).body).toBe('ok');
    expect(server.connectionCount).toBe(2);
  });

  it('that a kept connection takes and never answers is of unknown effect: nobody can say that it was not read', async () => {
    let answered = 0;
    const server = await serve((socket) =>
      socket.on('data', () => {
        answered += 1;
        if (answered === 1) socket.write(`${HEAD}content-length: 2\r\n\r\nok`);
        else socket.resetAndDestroy();
      }),
    );
    const http = client();
    await http.send({ method: 'POST', url: `http://127.0.0.1:${server.port}/`, body: 'x', timeoutMs: 5000 });
    const { error } = await failureOf(server.port, {}, http);
    expect(error).toMatchObject({ failure: 'connection', sent: true });
    expect(server.connectionCount).toBe(1);
  });
});

it('a kept connection is not used for an address that is no longer allowed, busy or idle', async () => {
  const asked: Socket[] = [];
  const server = await serve((socket) => socket.on('data', () => asked.push(socket)));
  const guard = createAddressGuard(['127.0.0.1']);
  const http = client(guard);
  const request = { method: 'POST', url: `http://127.0.0.1:${server.port}/`, body: 'x', timeoutMs: 5000 };
  const answer = async (nth: number) => {
    while (asked.length < nth) await new Promise((resolve) => setImmediate(resolve));
    asked[nth - 1]?.write(`${HEAD}content-length: 2\r\n\r\nok`);
  };
  const idle = http.send(request);
  const busy = http.send(request);
  await answer(1);
  await idle;
  guard.setAllowed(['127.0.0.2']);
  await answer(2);
  expect((await busy).body).toBe('ok');
  const { error } = await failureOf(server.port, {}, http);
  expect(error).toMatchObject({ failure: 'address_forbidden', sent: false });
  await server.idle();
  expect(server.connectionCount).toBe(2);
  expect(asked).toHaveLength(2);
});
