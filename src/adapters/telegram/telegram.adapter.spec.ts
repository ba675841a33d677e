import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fakeHttp, sendRequest } from '../../../test/support/send-request.js';
import { connectTo } from '../../../test/support/stand-ins/serve.js';
import { standIn } from '../../../test/support/stand-ins/telegram.stand-in.js';
import { type HttpResponse } from '../../egress/http-client.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { cutHtml, withoutMentions } from './telegram-html.js';
import { adapter } from './telegram.adapter.js';

const OPTIONS = { bot_token: '123456:hushhush', chat_id: '-1001234567890' };

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
  const options = adapter.options.parse(OPTIONS);
  const outcome = await adapter.send(sendRequest({ operation: 'message', options, input, http, ...more }));
  return {
    outcome,
    requests: http.requests,
    json: JSON.parse(String(http.requests[0]?.body ?? null)) as Json,
  };
}

describe('a message', () => {
  it('is posted in HTML, without previews of links', async () => {
    const { outcome, requests, json } = await send({ html: '<b>Jane</b>' });
    expect(requests[0]).toMatchObject({
      method: 'POST',
      url: 'https://api.telegram.org/bot123456:hushhush/sendMessage',
    });
    expect(json).toEqual({
      ...{ chat_id: '-1001234567890', text: '<b>Jane</b>', parse_mode: 'HTML' },
      link_preview_options: { is_disabled: true },
    });
    expect(outcome).toEqual({
      outcome: 'delivered',
      httpStatus: 200,
      receipt: { id: '42', chat: '-1001234567890' },
    });
  });

  it('shows plain text as it is, above the HTML', async () => {
    const { json } = await send({ text: '[TEST] 1 < 2 & 3', html: '<i>x</i>' });
    expect(json).toMatchObject({ text: '[TEST] 1 &lt; 2 &amp; 3\n<i>x</i>' });
  });

  it('goes to the chat that it names', async () => {
    expect((await send({ text: 'x', chat: -42 })).json).toMatchObject({ chat_id: '-42' });
    expect((await send({ text: 'x', chat: 'whoever' })).outcome).toMatchObject({ outcome: 'rejected' });
  });

  it('says that it was sent again, however long it is', async () => {
    const { json } = await send({ text: 'x'.repeat(5_000) }, recorded('sent'), { mayHaveArrived: true });
    const { text } = json as { text: string };
    expect(text).toMatch(/x… \[cut\]\n<i>Sent again: .*<\/i>$/);
    expect(text.replace(/<\/?i>/g, '')).toHaveLength(4_096);
  });

  it.each<JsonObject>([{}, { text: ' ' }, { html: '\n' }])(
    'is refused where it is empty: %j',
    async (input) => {
      const { outcome, requests } = await send(input);
      expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'invalid_input' });
      expect(requests).toHaveLength(0);
    },
  );
});

describe('an answer', () => {
  it.each([
    ['chat_not_found', 'rejected', 'client_error', 'HTTP 400: Bad Request: chat not found'],
    ['blocked', 'rejected', 'client_error', 'HTTP 403: Forbidden: bot was blocked by the user'],
    ['bad_token', 'unauthorized', 'unauthorized', 'HTTP 401: Unauthorized'],
    ['no_such_bot', 'unauthorized', 'unauthorized', 'HTTP 404: Not Found'],
    ['broken', 'retry', 'server_error', 'HTTP 502: Bad Gateway'],
  ])('%s: %s', async (name, outcome, reason, message) => {
    const result = await send({ text: 'x' }, recorded(name));
    expect(result.outcome).toEqual({ outcome, reason, message, httpStatus: answers[name]?.status });
  });

  it('of a server that is busy says how long to wait', async () => {
    const { outcome } = await send({ text: 'x' }, recorded('throttled'));
    expect(outcome).toMatchObject({ outcome: 'retry', reason: 'rate_limited', afterMs: 31_000 });
  });

  it('names the new id of a group that moved', async () => {
    const { outcome } = await send({ text: 'x' }, recorded('moved'));
    expect(outcome).toMatchObject({
      outcome: 'rejected',
      message: expect.stringContaining('its chat_id is now -1009876543210'),
    });
  });

  it.each([[{ body: '<html>Welcome to the hotel</html>' }], [{ body: '{"ok":true,"result":true}' }]])(
    'that is none of Telegram leaves the outcome unknown: %j',
    async (answer) => {
      const { outcome } = await send({ text: 'x' }, answer);
      expect(outcome).toMatchObject({ outcome: 'unknown', reason: 'server_error' });
    },
  );

  it('of a gateway in between counts by its status', async () => {
    const { outcome } = await send(
      { text: 'x' },
      { status: 503, body: 'busy', headers: { 'retry-after': '4' } },
    );
    expect(outcome).toMatchObject({ outcome: 'retry', afterMs: 4_000 });
  });
});

describe('a cut', () => {
  it('counts what is shown and closes what is open', () => {
    expect(cutHtml('<b>ab</b>', 2)).toBe('<b>ab</b>');
    expect(cutHtml(`<b>${'&amp;'.repeat(20)}</b>`, 20)).toBe(`<b>${'&amp;'.repeat(20)}</b>`);
    expect(cutHtml(`<b>1<i>2</i><a href="x">${'&lt;'.repeat(20)}`, 10)).toBe(
      '<b>1<i>2</i><a href="x">&lt;</a></b>… [cut]',
    );
    expect(cutHtml('👋'.repeat(10), 10)).toBe('👋… [cut]');
  });
});

describe('what somebody said', () => {
  it.each([
    ['@everyone, @jane', '@\u2060everyone, @\u2060jane'],
    ['/start now', '/\u2060start now'],
    ['jane@example.com', 'jane@example.com'],
    ['24/7 and/or', '24/7 and/or'],
    ['https://x.example/@jane/a?b=/c', 'https://x.example/@jane/a?b=/c'],
    ['<a href="https://t.me/@jane">@jane</a>', '<a href="https://t.me/@jane">@\u2060jane</a>'],
  ])('mentions nobody and is no command: %s', (said, shown) => {
    expect(withoutMentions(said)).toBe(shown);
  });
});

describe('options and input', () => {
  it('refuse what is no token or no chat', () => {
    const accepts = (more: JsonObject) => adapter.options.safeParse({ ...OPTIONS, ...more }).success;
    expect(accepts({})).toBe(true);
    expect(accepts({ chat_id: -1001234567890 })).toBe(true);
    expect(accepts({ chat_id: '@sales_calls' })).toBe(true);
    expect(accepts({ chat_id: 'sales' })).toBe(false);
    expect(accepts({ bot_token: 'hushhush' })).toBe(false);
    expect(accepts({ bot_token: '1:a/../x' })).toBe(false);
  });

  it('let no call choose who reads the message', () => {
    const check = (chat: Json) => adapter.operations.message?.check?.({ chat });
    expect(check('@sales')).toEqual([]);
    expect(check("{{ assistant_phone | lookup: 'chat_of' }}")).toEqual([]);
    expect(check('{{ extracted_variables.chat }}')).toEqual([
      { path: 'chat', problem: expect.stringContaining('comes from the call') },
    ]);
  });

  it('name the host it would dial', () => {
    expect(adapter.addresses?.(adapter.options.parse(OPTIONS))).toEqual(['api.telegram.org']);
  });
});

describe('inspecting', () => {
  const inspect = (options: JsonObject, uses: JsonObject[] = []) =>
    adapter.inspect?.({
      options: adapter.options.parse({ ...standIn.options('http://127.0.0.1:9'), ...options }),
      uses: uses.map((each) => ({ operation: 'message', with: each })),
      http: connectTo(standIn.create()),
      mail: { send: () => Promise.reject(new Error('sent a mail')) },
      ...{ timeoutMs: 1_000, signal: new AbortController().signal, now: 0 },
    });

  it('names the bot, and the chats that it does not know', async () => {
    expect(await inspect({}, [{ chat: '@sales_calls' }, { chat: '{{ x }}' }])).toEqual({
      account: '@acme_calls_bot',
      problems: [],
    });
    const found = await inspect({ chat_id: '-1' }, [{ chat: '@nobody_here' }]);
    expect(found?.problems).toEqual([
      { use: null, path: 'chat_id', problem: expect.stringContaining('no chat -1') },
      { use: 0, path: 'chat', problem: expect.stringContaining('no chat @nobody_here') },
    ]);
  });

  it('says that a token is refused', async () => {
    const found = await inspect({ bot_token: '1:revoked' });
    expect(found?.problems[0]?.problem).toContain('refuses the credentials');
  });
});
