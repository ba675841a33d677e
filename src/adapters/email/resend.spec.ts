import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fakeHttp, sendRequest } from '../../../test/support/send-request.js';
import { type HttpResponse } from '../../egress/http-client.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { adapter } from './email.adapter.js';

const OPTIONS = { resend_api_key: 're_hushhush', from: 'Acme calls <calls@example.com>' };
const INPUT = { to: ['jane@example.com'], subject: 'Hi', text: 'Hello' };

type Recorded = Record<string, { status: number; headers?: Record<string, string>; body: Json }>;
const answers = JSON.parse(
  readFileSync(new URL('fixtures/resend.json', import.meta.url), 'utf8'),
) as Recorded;

function recorded(name: string): Partial<HttpResponse> {
  const { status = 200, headers = {}, body = null } = answers[name] ?? {};
  return { status, headers, body: JSON.stringify(body) };
}

async function send(input: JsonObject, answer = recorded('sent')) {
  const http = fakeHttp(answer);
  const options = adapter.options.parse(OPTIONS);
  const outcome = await adapter.send(sendRequest({ options, input, http }));
  return {
    outcome,
    requests: http.requests,
    json: JSON.parse(String(http.requests[0]?.body ?? null)) as Json,
  };
}

describe('a mail by Resend', () => {
  it('is sent once per delivery', async () => {
    const { outcome, requests, json } = await send(INPUT);
    expect(requests[0]).toMatchObject({
      ...{ method: 'POST', url: 'https://api.resend.com/emails' },
      headers: { Authorization: 'Bearer re_hushhush', 'Idempotency-Key': 'aftercall-d1' },
    });
    expect(json).toEqual({
      ...{ from: OPTIONS.from, to: ['jane@example.com'], subject: 'Hi', text: 'Hello' },
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    expect(outcome).toEqual({
      ...{ outcome: 'delivered', httpStatus: 200 },
      receipt: { message_id: '49a3999c-0ce1-4ea6-ab68-afcd6dc2e794', refused: [] },
    });
  });

  it('has copies, an address for answers, HTML, files and a way to unsubscribe', async () => {
    const { json } = await send({
      ...{ ...INPUT, cc: 'cc@example.com', reply_to: 'sales@example.com', html: '<b>Hi</b>' },
      attachments: [{ name: 'transcript', text: 'AI: Grüß Gott' }],
      unsubscribe_url: 'https://example.com/stop',
    });
    expect(json).toMatchObject({
      ...{ cc: ['cc@example.com'], reply_to: 'sales@example.com', html: '<b>Hi</b>' },
      headers: { 'List-Unsubscribe': '<https://example.com/stop>' },
      attachments: [
        {
          ...{ filename: 'transcript.txt', content_type: 'text/plain' },
          content: Buffer.from('AI: Grüß Gott').toString('base64'),
        },
      ],
    });
  });

  it('to more people than Resend takes is refused before', async () => {
    const to = Array.from({ length: 51 }, (_, i) => `p${i}@example.com`);
    const { outcome, requests } = await send({ ...INPUT, to });
    expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'invalid_input' });
    expect(requests).toHaveLength(0);
  });
});

describe('an answer of Resend', () => {
  it.each([
    ['missing_key', 'unauthorized', 'unauthorized', 'HTTP 401: missing_api_key: Missing API Key'],
    ['bad_key', 'unauthorized', 'unauthorized', 'HTTP 401: validation_error: API key is invalid'],
    ['bad_key_before', 'unauthorized', 'unauthorized', 'HTTP 403: invalid_api_key: API key is invalid'],
    ['not_a_key', 'unauthorized', 'unauthorized', 'HTTP 400: validation_error: API key is invalid'],
    ['unverified', 'rejected', 'client_error', 'domain is not verified'],
    ['missing_field', 'rejected', 'client_error', 'HTTP 422: missing_required_field: Missing `to` field.'],
    ['other_mail', 'rejected', 'client_error', 'invalid_idempotent_request'],
    ['still_at_work', 'retry', 'server_error', 'concurrent_idempotent_requests'],
    ['quota', 'retry', 'rate_limited', 'daily_quota_exceeded'],
    ['broken', 'retry', 'server_error', 'application_error'],
  ])('%s: %s', async (name, outcome, reason, words) => {
    const result = await send(INPUT, recorded(name));
    expect(result.outcome).toEqual({
      ...{ outcome, reason, httpStatus: answers[name]?.status },
      message: expect.stringContaining(words),
    });
  });

  it('that asks to wait is obeyed', async () => {
    const { outcome } = await send(INPUT, recorded('throttled'));
    expect(outcome).toMatchObject({ outcome: 'retry', reason: 'rate_limited', afterMs: 1_000 });
  });

  it('without an id leaves the outcome unknown', async () => {
    const { outcome } = await send(INPUT, { body: '<html>Welcome to the hotel</html>' });
    expect(outcome).toMatchObject({ outcome: 'unknown', reason: 'server_error' });
  });
});

describe('inspecting', () => {
  const inspect = async (given: JsonObject, answer: Partial<HttpResponse>) =>
    adapter.inspect?.({
      ...{
        options: adapter.options.parse(given),
        uses: [],
        http: fakeHttp(answer),
        timeoutMs: 1_000,
        now: 0,
      },
      mail: { send: () => Promise.reject(new Error('sent a mail')) },
      signal: new AbortController().signal,
    });

  it('finds nothing wrong with a verified sender, or with a key that may only send', async () => {
    const fine = { account: null, problems: [] };
    expect(await inspect(OPTIONS, recorded('domains'))).toEqual(fine);
    expect(await inspect(OPTIONS, recorded('restricted'))).toEqual(fine);
    expect(await inspect({ ...OPTIONS, from: 'onboarding@resend.dev' }, recorded('domains'))).toEqual(fine);
  });

  it('names a sender that is not verified, and a key that is refused', async () => {
    const found = await inspect({ ...OPTIONS, from: 'calls@new.example.com' }, recorded('domains'));
    expect(found?.problems).toEqual([
      {
        ...{ use: null, path: 'from' },
        problem: 'Resend has not verified new.example.com; verified: example.com',
      },
    ]);
    for (const answer of ['bad_key', 'bad_key_before', 'not_a_key']) {
      const refused = await inspect(OPTIONS, recorded(answer));
      expect(refused?.problems[0]?.problem).toContain('refuses the credentials');
    }
  });

  it('asks no mail server', async () => {
    expect(await inspect({ smtp_url: 'smtp://x.example', from: OPTIONS.from }, {})).toBeNull();
  });
});
