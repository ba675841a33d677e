import { type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { bodyOf, readApiBody } from './request-body.js';

const TOKEN = 'the-admin-token';

function request(
  body: string | Buffer,
  { url = '/api/v1/deliveries/retry', method = 'POST', token = TOKEN, type = 'application/json' } = {},
): IncomingMessage {
  const headers = {
    ...{ authorization: `Bearer ${token}`, 'content-type': type },
    'content-length': String(Buffer.byteLength(body)),
  };
  return Object.assign(Readable.from(body.length > 0 ? [Buffer.from(body)] : []), {
    ...{ url, method, headers },
  }) as unknown as IncomingMessage;
}

async function read(message: IncomingMessage, bases = ['']): Promise<unknown> {
  await readApiBody(message, bases, () => TOKEN);
  return bodyOf(message);
}

describe('the body of a request', () => {
  it.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded', ''])(
    'is JSON, also as %p',
    async (type) => {
      expect(await read(request('{"rule":"r"}', { type }))).toEqual({ rule: 'r' });
    },
  );

  it('counts as an object without fields when it is empty', async () => {
    expect(await read(request(''))).toEqual({});
  });

  it('is read before any framework: none of it is announced any more', async () => {
    const message = request('{}');
    await read(message);
    expect(Object.keys(message.headers)).toEqual(['authorization']);
  });

  it.each([
    ['[]', /^body: expected a JSON object/],
    ['"x"', /^body: expected a JSON object/],
    ['{', /^body: not valid JSON/],
    ['{"with":{"__proto__":{"a":1}}}', /^body: .*__proto__/],
    ['{"with":{"\\u005f_proto__":{"a":1}}}', /^body: .*__proto__/],
    [Buffer.from([0x7b, 0xff, 0x7d]), /^body: not valid UTF-8/],
  ])('is refused when it is %p', async (body, words) => {
    await expect(read(request(body))).rejects.toMatchObject({
      ...{ status: 'bad_request', message: expect.stringMatching(words) },
    });
  });

  it('is refused beyond 1 MiB', async () => {
    const fits = `{"rule":"${'x'.repeat(2 ** 20 - 11)}"}`;
    expect(await read(request(fits))).toMatchObject({ rule: expect.any(String) });
    await expect(read(request(`${fits} `))).rejects.toMatchObject({ httpStatus: 413, status: 'too_large' });
  });

  it('may be larger, and hold more keys, where a rule set is sent', async () => {
    const url = '/api/v1/rules/plan';
    const rules = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, i) => [`rule-${i}`, 'x'.repeat(100)]),
    );
    const body = JSON.stringify({ rule_set: rules });
    expect(body.length).toBeGreaterThan(2 ** 21);
    expect(await read(request(body, { url }))).toEqual({ rule_set: rules });
    await expect(read(request(body))).rejects.toMatchObject({ message: 'the body is over 1 MiB' });
    await expect(read(request('{', { url }))).rejects.toMatchObject({ message: 'body: not valid JSON' });
    const over = `{"x":"${'x'.repeat(2 ** 24)}"}`;
    await expect(read(request(over, { url }))).rejects.toMatchObject({ message: 'the body is over 16 MiB' });
  });

  it('is not read without the right token', async () => {
    const message = request('{"rule":"r"}', { token: 'wrong' });
    expect(await read(message)).toEqual({});
    expect(message.readableDidRead).toBe(false);
  });
});

describe('other requests', () => {
  it.each([
    { url: '/api/v1/deliveries', method: 'GET' },
    { url: '/api/v1', method: 'POST' },
    { url: '/api/v1/orders/retry', method: 'POST' },
    { url: '/other/api/v1/deliveries/retry', method: 'POST' },
  ])('are left alone: %j', async ({ url, method }) => {
    const message = request('{"a":1}', { url, method });
    await expect(read(message)).rejects.toThrow(/attach/);
    expect(message.headers['content-type']).toBe('application/json');
    expect(message.readableDidRead).toBe(false);
  });

  it('are told by the path below the mount, however it is written', async () => {
    const rooms = ['/calls/api/v1/followups/x/snooze', '/calls/api/v1/contacts/%2B43/stop'];
    for (const url of ['/calls/api/v1/events/x/replay?a=1', '/CALLS/Api/V1/events/x/replay', ...rooms])
      expect(await read(request('{"a":1}', { url }), ['calls'])).toEqual({ a: 1 });
  });
});
