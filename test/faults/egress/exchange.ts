import { type Socket } from 'node:net';
import { afterEach, expect } from '@jest/globals';
import { createAddressGuard } from '../../../src/egress/address-guard.js';
import { type GuardedHttpClient, createHttpClient } from '../../../src/egress/guarded-http-client.js';
import { EgressError, type HttpRequest } from '../../../src/egress/http-client.js';
import { type RawServer, onceAsked, startRawServer } from '../../support/raw-server.js';

/** The whole time that {@link failureOf} gives a request. */
export const TIMEOUT_MS = 400;
export const MIB = 1024 * 1024;
export const HEAD = 'HTTP/1.1 200 OK\r\n';

/** Closed after each test, the last first. */
export const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

export async function serve(script: (socket: Socket) => void): Promise<RawServer> {
  const server = await startRawServer(script);
  closing.push(() => server.close());
  return server;
}

/** A script that waits for the request. */
export const answering = (answer: (socket: Socket) => void) => (socket: Socket) =>
  onceAsked(socket, () => answer(socket));

export function client(guard = createAddressGuard(['127.0.0.1'])): GuardedHttpClient {
  const http = createHttpClient(guard);
  closing.push(() => http.close());
  return http;
}

/** Sends to a port of this machine and expects no answer; no error may show the path. */
export async function failureOf(
  port: number,
  more: Partial<HttpRequest> = {},
  http = client(),
): Promise<{ error: EgressError; tookMs: number }> {
  const url = `http://127.0.0.1:${port}/secret`;
  const started = performance.now();
  const error: unknown = await http
    .send({ method: 'POST', url, body: 'hello', timeoutMs: TIMEOUT_MS, ...more })
    .catch((thrown: unknown) => thrown);
  const tookMs = performance.now() - started;
  if (!(error instanceof EgressError))
    throw new Error(`expected an EgressError, got ${JSON.stringify(error)}`);
  expect(error.message).not.toContain('secret');
  return { error, tookMs };
}
