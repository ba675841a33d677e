import { type Socket } from 'node:net';
import * as zlib from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { createAddressGuard } from '../../../src/egress/address-guard.js';
import { type EgressError } from '../../../src/egress/http-client.js';
import { drip, flood } from '../../support/raw-server.js';
import { HEAD, MIB, TIMEOUT_MS, answering, client, closing, failureOf, serve } from './exchange.js';
import { startFullServer } from './full-server.js';

/** How much later than its time a request's failure may be known. */
const SLACK_MS = 500;
/** What may be on the way when reading stops: buffers of both kernels and both streams. */
const IN_FLIGHT_BYTES = 12 * MIB;

const begin = (socket: Socket, text: string) => {
  socket.write(text);
  return socket;
};

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
    const full = await startFullServer();
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
