import { type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { createAddressGuard } from '../../../src/egress/address-guard.js';
import { HEAD, MIB, answering, client, failureOf, serve } from './exchange.js';

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
