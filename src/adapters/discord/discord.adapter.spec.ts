import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fakeHttp, sendRequest } from '../../../test/support/send-request.js';
import { type HttpResponse } from '../../egress/http-client.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { adapter } from './discord.adapter.js';

const HOOK = 'https://discord.com/api/webhooks/1310000000000000007/hush-hush';

type Recorded = Record<string, { status: number; body: Json }>;
const answers = JSON.parse(
  readFileSync(new URL('fixtures/answers.json', import.meta.url), 'utf8'),
) as Recorded;

function recorded(name: string): Partial<HttpResponse> {
  const { status = 200, body = null } = answers[name] ?? {};
  return { status, body: JSON.stringify(body) };
}

async function send(input: JsonObject, answer = recorded('sent'), more = {}) {
  const http = fakeHttp(answer);
  const options = adapter.options.parse({ webhook_url: HOOK });
  const outcome = await adapter.send(sendRequest({ operation: 'message', options, input, http, ...more }));
  const json = JSON.parse(String(http.requests[0]?.body ?? null)) as JsonObject & { content: string };
  return { outcome, requests: http.requests, json };
}

describe('a message', () => {
  it('pings nobody, shows no previews, and leaves its id', async () => {
    const { outcome, requests, json } = await send({ text: 'Hello **you**' });
    expect(requests[0]).toMatchObject({ method: 'POST', url: `${HOOK}?wait=true` });
    expect(json).toEqual({ content: 'Hello **you**', flags: 4, allowed_mentions: { parse: [] } });
    expect(outcome).toEqual({
      outcome: 'delivered',
      httpStatus: 200,
      receipt: { id: '1310000000000000042', channel: '1310000000000000001' },
    });
  });

  it('goes to the thread that its URL names', async () => {
    const http = fakeHttp(recorded('sent'));
    const options = adapter.options.parse({ webhook_url: `${HOOK}?thread_id=5` });
    await adapter.send(sendRequest({ operation: 'message', options, input: { text: 'x' }, http }));
    expect(http.requests[0]?.url).toBe(`${HOOK}?thread_id=5&wait=true`);
  });

  it('is cut at 2,000 characters, no escape and no character halved', async () => {
    const { json } = await send({ text: `a${'\\*'.repeat(2_000)}` });
    expect(json.content).toMatch(/^a(\\\*)+… \[cut\]$/);
    expect(json.content.length).toBeLessThanOrEqual(2_000);
    expect((await send({ text: '👋'.repeat(1_500) })).json.content).toMatch(/^(👋)+… \[cut\]$/u);
  });

  it('says that it was sent again, however long it is', async () => {
    const again = { mayHaveArrived: true };
    const { json } = await send({ text: 'x'.repeat(3_000) }, recorded('sent'), again);
    expect(json.content).toMatch(/x… \[cut\]\n_Sent again: .*_$/);
    expect(json.content).toHaveLength(2_000);
    const boxed = await send({ embeds: [{ title: 'x' }] }, recorded('sent'), again);
    expect(boxed.json.content).toMatch(/^_Sent again/);
  });

  it.each<JsonObject>([{}, { text: ' ' }, { embeds: [] }, { embeds: [{ color: '#ffffff' }] }])(
    'is refused where it is empty: %j',
    async (input) => {
      const { outcome, requests } = await send(input);
      expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'invalid_input' });
      expect(requests).toHaveLength(0);
    },
  );
});

describe('embeds', () => {
  it('have a colour, and fields with both name and value', async () => {
    const fields: JsonObject[] = [
      { name: 'City', value: 'Vienna', inline: true },
      { name: 'Empty', value: '' },
    ];
    const { json } = await send({ embeds: [{ title: 'Jane', color: '#2ecc71', fields }] });
    expect(json).toEqual({
      embeds: [{ title: 'Jane', color: 0x2ecc71, fields: [{ name: 'City', value: 'Vienna', inline: true }] }],
      allowed_mentions: { parse: [] },
    });
  });

  it('share 6,000 characters, the first come first', async () => {
    const long = { title: 't'.repeat(300), description: 'd'.repeat(5_000) };
    const { json } = await send({ embeds: [long, long, long] });
    const boxes = json.embeds as { title: string; description: string }[];
    expect(boxes.map(({ title, description }) => [title.length, description.length])).toEqual([
      [256, 4_096],
      [256, 1_392],
    ]);
    expect(boxes[1]?.description).toMatch(/d… \[cut\]$/);
  });
});

describe('an answer', () => {
  it.each([
    ['bad_token', 'unauthorized', 'unauthorized', 'HTTP 401: Invalid Webhook Token (50027)'],
    ['gone', 'unauthorized', 'unauthorized', 'HTTP 404: Unknown Webhook (10015)'],
    ['no_thread', 'rejected', 'client_error', 'HTTP 404: Unknown Channel (10003)'],
    ['empty', 'rejected', 'client_error', 'HTTP 400: Cannot send an empty message (50006)'],
    ['forbidden', 'rejected', 'client_error', 'HTTP 403: Missing Permissions (50013)'],
    [
      ...(['too_long', 'rejected', 'client_error'] as const),
      'HTTP 400: Invalid Form Body (50035): embeds.0.title: Must be 256 or fewer in length.',
    ],
  ])('%s: %s', async (name, outcome, reason, message) => {
    const result = await send({ text: 'x' }, recorded(name));
    expect(result.outcome).toEqual({ outcome, reason, message, httpStatus: answers[name]?.status });
  });

  it('of a server that is busy says how long to wait, in its body or header', async () => {
    const busy = { outcome: 'retry', reason: 'rate_limited' };
    const { outcome } = await send({ text: 'x' }, recorded('throttled'));
    expect(outcome).toMatchObject({ ...busy, afterMs: 2_503 });
    const byProxy = { status: 429, body: '<html>', headers: { 'retry-after': '20' } };
    expect((await send({ text: 'x' }, byProxy)).outcome).toMatchObject({ ...busy, afterMs: 20_000 });
  });

  it.each([
    [{ status: 204, body: '' }, 'unknown'],
    [{ status: 200, body: '<html>Welcome to the hotel</html>' }, 'unknown'],
    [{ status: 502, body: '<html>' }, 'retry'],
  ])('without a message counts as none: %j', async (answer, outcome) => {
    expect((await send({ text: 'x' }, answer)).outcome).toMatchObject({ outcome });
  });
});

describe('options and input', () => {
  it.each([
    [HOOK, undefined],
    [`${HOOK}?thread_id=5`, undefined],
    [`${HOOK}/slack`, 'webhook_url'],
    ['https://discord.com/channels/1/2', 'webhook_url'],
  ])('know a webhook: %s', (url, path) => {
    expect(adapter.checkOptions?.(adapter.options.parse({ webhook_url: url }))[0]?.path).toBe(path);
  });

  it('refuse what Discord would refuse', () => {
    const { input } = adapter.operations.message ?? {};
    expect(input?.safeParse({ embeds: [{ title: 'x' }] }).success).toBe(true);
    expect(input?.safeParse({ embeds: Array(11).fill({ title: 'x' }) }).success).toBe(false);
    expect(input?.safeParse({ embeds: [{ title: 'x', color: 'red' }] }).success).toBe(false);
    expect(input?.safeParse({}).success).toBe(false);
  });

  it('name the host it would dial', () => {
    expect(adapter.addresses?.({ webhook_url: HOOK })).toEqual(['discord.com']);
  });
});

describe('inspecting', () => {
  const inspect = (answer: Partial<HttpResponse>) => {
    const http = fakeHttp(answer);
    const asked = adapter.inspect?.({
      ...{ options: { webhook_url: HOOK }, uses: [], http, timeoutMs: 1_000, now: 0 },
      mail: { send: () => Promise.reject(new Error('sent a mail')) },
      signal: new AbortController().signal,
    });
    return { asked, http };
  };

  it('reads the name of the webhook', async () => {
    const { asked, http } = inspect({ body: '{"id":"1","name":"Acme calls","channel_id":"2"}' });
    expect(await asked).toEqual({ account: 'Acme calls', problems: [] });
    expect(http.requests[0]).toMatchObject({ method: 'GET', url: HOOK });
  });

  it('says that it is gone', async () => {
    const found = await inspect(recorded('gone')).asked;
    expect(found?.problems[0]?.problem).toContain('refuses the credentials');
  });
});
