import { describe, expect, it } from '@jest/globals';
import { fakeHttp, sendRequest } from '../../../test/support/send-request.js';
import { type HttpResponse } from '../../egress/http-client.js';
import { type JsonObject } from '../../lib/json.js';
import { adapter } from './slack.adapter.js';

const HOOK = 'https://hooks.slack.com/services/T0/B0/secret';
const BOT = { bot_token: 'xoxb-secret', channel: '#sales' };

async function send(given: JsonObject, input: JsonObject, answer: Partial<HttpResponse> = {}) {
  const http = fakeHttp(answer);
  const options = adapter.options.parse(given);
  const outcome = await adapter.send(sendRequest({ operation: 'message', options, input, http }));
  return {
    outcome,
    requests: http.requests,
    json: http.requests.map(({ body }) => JSON.parse(String(body)) as unknown),
  };
}

describe('a webhook', () => {
  it('gets exactly text and blocks', async () => {
    const blocks = [{ type: 'divider' }];
    const { outcome, requests, json } = await send({ webhook_url: HOOK }, { text: 'hi', blocks });
    expect(requests[0]).toMatchObject({
      method: 'POST',
      url: HOOK,
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
    });
    expect(json).toEqual([{ text: 'hi', blocks }]);
    expect(outcome).toEqual({ outcome: 'delivered', httpStatus: 200 });
  });

  it('gets only what was given', async () => {
    expect((await send({ webhook_url: HOOK }, { text: 'hi' })).json).toEqual([{ text: 'hi' }]);
    expect((await send({ webhook_url: HOOK }, { text: '', blocks: '[{"type":"divider"}]' })).json).toEqual([
      { blocks: [{ type: 'divider' }] },
    ]);
  });

  it('gets a long text cut and marked, no character halved', async () => {
    const { json } = await send({ webhook_url: HOOK }, { text: '👋'.repeat(30_000) });
    const { text } = json[0] as { text: string };
    expect(text.length).toBeLessThanOrEqual(40_000);
    expect(text).toMatch(/^(👋)+… \[cut\]$/u);
  });

  it.each([
    [400, 'invalid_blocks', 'rejected', 'client_error'],
    [404, 'channel_not_found', 'rejected', 'client_error'],
    [404, 'no_service', 'unauthorized', 'unauthorized'],
    [403, 'invalid_token', 'unauthorized', 'unauthorized'],
    [500, 'rollup_error', 'retry', 'server_error'],
  ])('that answers %i %s: %s', async (status, body, outcome, reason) => {
    const result = await send({ webhook_url: HOOK }, { text: 'hi' }, { status, body });
    expect(result.outcome).toEqual({
      outcome,
      reason,
      httpStatus: status,
      message: `HTTP ${status}: ${body}`,
    });
  });

  it('that is busy is left alone as long as it asks', async () => {
    const { outcome } = await send(
      { webhook_url: HOOK },
      { text: 'hi' },
      { status: 429, headers: { 'retry-after': '30' } },
    );
    expect(outcome).toMatchObject({ outcome: 'retry', reason: 'rate_limited', afterMs: 30_000 });
  });
});

describe('a bot', () => {
  it('posts to its channel without previews of links', async () => {
    const answer = { body: '{"ok":true,"channel":"C1","ts":"1.2"}' };
    const { outcome, requests, json } = await send(BOT, { text: 'hi' }, answer);
    expect(requests[0]).toMatchObject({
      url: 'https://slack.com/api/chat.postMessage',
      headers: { Authorization: 'Bearer xoxb-secret' },
    });
    expect(json).toEqual([{ channel: '#sales', text: 'hi', unfurl_links: false, unfurl_media: false }]);
    const name = { channel: 'C1', ts: '1.2' };
    expect(outcome).toEqual({
      ...{ outcome: 'delivered', httpStatus: 200, receipt: name },
      links: [{ key: 'call autocalls 12345 hot-lead.tell', value: name }],
    });
  });

  it('posts to another server when told so', async () => {
    const { requests } = await send({ ...BOT, base_url: 'http://127.0.0.1:9' }, { text: 'hi' });
    expect(requests[0]?.url).toBe('http://127.0.0.1:9/api/chat.postMessage');
  });

  it.each([
    ['invalid_auth', 'unauthorized', 'unauthorized'],
    ['token_revoked', 'unauthorized', 'unauthorized'],
    ['missing_scope', 'unauthorized', 'unauthorized'],
    ['ratelimited', 'retry', 'rate_limited'],
    ['rate_limited', 'retry', 'rate_limited'],
    ['internal_error', 'retry', 'server_error'],
    ['service_unavailable', 'retry', 'server_error'],
    ['channel_not_found', 'rejected', 'client_error'],
    ['msg_blocks_too_long', 'rejected', 'client_error'],
  ])('that hears %s: %s', async (error, outcome, reason) => {
    const answer = { body: JSON.stringify({ ok: false, error }), headers: { 'retry-after': '9' } };
    const result = await send(BOT, { text: 'hi' }, answer);
    expect(result.outcome).toMatchObject({
      outcome,
      reason,
      httpStatus: 200,
      message: `Slack answered ${error}`,
    });
    if (reason === 'rate_limited') expect(result.outcome).toMatchObject({ afterMs: 9000 });
  });

  it('does not know what an answer means that is not from Slack', async () => {
    const { outcome } = await send(BOT, { text: 'hi' }, { body: '<html>Welcome to the hotel</html>' });
    expect(outcome).toMatchObject({ outcome: 'unknown', reason: 'server_error' });
  });
});

describe('what is refused', () => {
  it.each<[string, JsonObject]>([
    ['nothing', {}],
    ['an empty text', { text: '' }],
    ['blocks that are no JSON', { blocks: '{%' }],
    ['blocks that are no list', { blocks: '{"type":"divider"}' }],
  ])('as a message: %s', async (_what, input) => {
    const { outcome, requests } = await send({ webhook_url: HOOK }, input);
    expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'invalid_input' });
    expect(requests).toHaveLength(0);
  });

  it.each<[JsonObject, string | undefined]>([
    [{ webhook_url: HOOK }, undefined],
    [BOT, undefined],
    [{}, 'webhook_url'],
    [{ webhook_url: HOOK, ...BOT }, 'webhook_url'],
    [{ webhook_url: HOOK, channel: '#sales' }, 'webhook_url'],
    [{ bot_token: 'xoxb-secret' }, 'channel'],
  ])('as options: %j', (given, path) => {
    expect(adapter.checkOptions?.(adapter.options.parse(given))[0]?.path).toBe(path);
  });

  it('as input: neither text nor blocks', () => {
    const { input } = adapter.operations.message ?? {};
    expect(input?.safeParse({ text: 'hi' }).success).toBe(true);
    expect(input?.safeParse({ blocks: [] }).success).toBe(true);
    expect(input?.safeParse({}).success).toBe(false);
    expect(input?.safeParse({ text: 'hi', txet: 'hi' }).success).toBe(false);
  });
});

it('names the host it would dial', () => {
  expect(adapter.addresses?.(adapter.options.parse({ webhook_url: HOOK }))).toEqual(['hooks.slack.com']);
  expect(adapter.addresses?.(adapter.options.parse(BOT))).toEqual(['slack.com']);
});
