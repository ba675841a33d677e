import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fakeHttp, sendRequest } from '../../../test/support/send-request.js';
import { type HttpResponse } from '../../egress/http-client.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { adapter } from './teams.adapter.js';

const HOOK =
  'https://prod-1.westeurope.logic.azure.com/workflows/0a/triggers/manual/paths/invoke?api-version=1&sig=hush';

type Recorded = Record<string, { status: number; headers?: Record<string, string>; body: Json }>;
const answers = JSON.parse(
  readFileSync(new URL('fixtures/answers.json', import.meta.url), 'utf8'),
) as Recorded;

function recorded(name: string): Partial<HttpResponse> {
  const { status = 200, headers = {}, body = '' } = answers[name] ?? {};
  return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

interface Card {
  type: string;
  attachments: { contentType: string; content: { body: JsonObject[] } }[];
}

async function send(input: JsonObject, answer = recorded('accepted'), more = {}) {
  const http = fakeHttp(answer);
  const options = adapter.options.parse({ webhook_url: HOOK });
  const outcome = await adapter.send(sendRequest({ operation: 'message', options, input, http, ...more }));
  const sent = String(http.requests[0]?.body ?? 'null');
  const card = JSON.parse(sent) as Card | null;
  return { outcome, requests: http.requests, sent, body: card?.attachments[0]?.content.body ?? [] };
}

describe('a message', () => {
  it('is a card with title, text and facts', async () => {
    const facts = { City: 'Vienna', Calls: 3, Empty: '' };
    const { outcome, requests, body } = await send({ title: 'Hot lead', text: '**Jane**', facts });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: 'POST', url: HOOK });
    expect(body).toEqual([
      { type: 'TextBlock', text: 'Hot lead', wrap: true, size: 'Large', weight: 'Bolder' },
      { type: 'TextBlock', text: '**Jane**', wrap: true },
      {
        type: 'FactSet',
        facts: [
          { title: 'City', value: 'Vienna' },
          { title: 'Calls', value: '3' },
        ],
      },
    ]);
    expect(outcome).toEqual({ outcome: 'delivered', httpStatus: 202 });
  });

  it('keeps its lines and lists', async () => {
    const { body } = await send({ text: 'one\ntwo\r\n\r\nthree\n- a\n- b\n1. c\n\\- d' });
    expect(body[0]?.text).toBe('one\n\ntwo\n\nthree\n- a\n- b\n1. c\n\n\\- d');
  });

  it.each(['x', '"', '👋', '\\*', 'ü\n'])('of 100,000 times %j has 28 KB at most', async (piece) => {
    const facts = { Long: piece.repeat(2_000), Longer: piece.repeat(9_000) };
    const { sent, body } = await send({ title: piece.repeat(999), text: piece.repeat(100_000), facts });
    expect(Buffer.byteLength(sent)).toBeLessThanOrEqual(28 * 1_024);
    expect(Buffer.byteLength(sent)).toBeGreaterThan(26_000);
    expect(body[1]?.text).toMatch(/… \[cut\]$/);
    expect(sent).not.toMatch(/\\ud[89a-f]/);
  });

  it('says that it was sent again, however long it is', async () => {
    const { body } = await send({ text: 'x'.repeat(99_999) }, recorded('accepted'), { mayHaveArrived: true });
    expect(body.at(-1)).toMatchObject({ text: expect.stringContaining('Sent again'), isSubtle: true });
  });

  it.each<JsonObject>([{}, { text: ' ' }, { facts: {} }, { facts: { City: '' } }])(
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
    ['bad_signature', 'unauthorized', 'unauthorized', 'AuthorizationFailed'],
    ['gone', 'unauthorized', 'unauthorized', 'WorkflowNotFound'],
    ['switched_off', 'unauthorized', 'unauthorized', "with state 'Disabled'"],
    ['not_as_expected', 'rejected', 'client_error', 'did not match its schema'],
    ['too_large', 'rejected', 'client_error', 'larger than allowed'],
  ])('%s: %s', async (name, outcome, reason, words) => {
    const result = await send({ text: 'x' }, recorded(name));
    expect(result.outcome).toEqual({
      ...{ outcome, reason, httpStatus: answers[name]?.status },
      message: expect.stringContaining(words),
    });
  });

  it('of a server that is busy or broken means later', async () => {
    expect((await send({ text: 'x' }, recorded('throttled'))).outcome).toMatchObject({
      ...{ outcome: 'retry', reason: 'rate_limited', afterMs: 12_000 },
    });
    expect((await send({ text: 'x' }, { status: 502 })).outcome).toMatchObject({ outcome: 'retry' });
  });
});

describe('options', () => {
  it.each([
    [HOOK, undefined],
    ['https://default.0a.environment.api.powerplatform.com/powerautomate/x?sig=y', undefined],
    ['https://acme.webhook.office.com/webhookb2/x', 'webhook_url'],
  ])('are the URL of a workflow: %s', (url, path) => {
    expect(adapter.checkOptions?.({ webhook_url: url })[0]?.path).toBe(path);
  });

  it('name the host that would be dialled; nothing can be asked of it', async () => {
    expect(adapter.addresses?.({ webhook_url: HOOK })).toEqual(['prod-1.westeurope.logic.azure.com']);
    expect(await adapter.inspect?.({} as never)).toBeNull();
  });
});
