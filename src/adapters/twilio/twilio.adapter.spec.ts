import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fakeHttp, sendRequest } from '../../../test/support/send-request.js';
import { type HttpClient, type HttpRequest } from '../../egress/http-client.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { type InspectedUse, type SendRequest } from '../adapter.js';
import { adapter } from './twilio.adapter.js';
import { type TwilioOptions } from './twilio-options.js';

interface Refusal {
  name: string;
  answer: { status: number; headers?: Record<string, string>; body: Json };
  outcome: JsonObject;
}

const fixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
const answers = fixture<Record<string, JsonObject>>('answers');
const refusals = fixture<Refusal[]>('refusals');

const ACCOUNT = { account_sid: 'AC00000000000000000000000000000001', auth_token: 't-123' };
const FROM = { ...ACCOUNT, from: '+14155550123' };
const to = '+4366412345678';
const textOf = (body: Json) => (typeof body === 'string' ? body : JSON.stringify(body));

async function send(
  given: JsonObject,
  input: JsonObject,
  body: Json = answers.created ?? null,
  more: Partial<SendRequest<TwilioOptions>> = {},
) {
  const http = fakeHttp({ status: 201, body: textOf(body) });
  const options = adapter.options.parse(given);
  const outcome = await adapter.send(sendRequest({ operation: 'sms', options, input, http, ...more }));
  const forms = http.requests.map(({ body: form }) => new URLSearchParams(String(form ?? '')));
  return { outcome, requests: http.requests, form: Object.fromEntries(forms.at(-1) ?? []) };
}

describe('a text message', () => {
  it('is a form, sent in the name of the account', async () => {
    const { outcome, requests, form } = await send(FROM, { to, text: 'Hello Jane & Bob' });
    expect(outcome).toMatchObject({
      ...{ outcome: 'delivered', httpStatus: 201 },
      receipt: { id: 'SM00000000000000000000000000000001' },
    });
    expect(requests[0]).toMatchObject({
      method: 'POST',
      url: `https://api.twilio.com/2010-04-01/Accounts/${ACCOUNT.account_sid}/Messages.json`,
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        Authorization: `Basic ${Buffer.from(`${ACCOUNT.account_sid}:t-123`).toString('base64')}`,
      },
    });
    expect(form).toEqual({ To: to, Body: 'Hello Jane & Bob', From: '+14155550123' });
  });

  it('comes from a messaging service, or from whom it names', async () => {
    const service = { ...ACCOUNT, messaging_service_sid: 'MG1' };
    expect((await send(service, { to, text: 'Hi' })).form).toMatchObject({ MessagingServiceSid: 'MG1' });
    expect((await send(service, { to, text: 'Hi', from: 'ACME' })).form).toEqual({
      ...{ To: to, Body: 'Hi', From: 'ACME' },
    });
  });

  it('is cut at 1,600 characters, with a mark', async () => {
    const { form } = await send(FROM, { to, text: 'x'.repeat(2_000) });
    expect(form.Body).toHaveLength(1_600);
    expect(form.Body).toMatch(/x… \[cut\]$/);
  });

  it('has no sender that the call chooses', () => {
    const sms = adapter.operations.sms;
    expect(sms?.check?.({ from: '{{ extracted_variables.name }}' })).toMatchObject([{ path: 'from' }]);
    expect(sms?.check?.({ from: "{{ assistant_phone | lookup: 'sender_of' }}" })).toEqual([]);
    expect(sms?.check?.({ from: '+14155550123' })).toEqual([]);
  });
});

describe('a repeated attempt', () => {
  const again = { mayHaveArrived: true, isReleased: true };
  const listed = (more: JsonObject) => ({ messages: [{ ...answers.created, ...more }] });
  const triedAt = (time: string) => ({ ...again, progress: { triedAt: Date.parse(time) } });

  it('finds what the first one sent, however it is spaced or announced', async () => {
    const messages = listed({ body: 'Sent from your Twilio trial account - Hello  Jane' });
    const { outcome, requests } = await send(FROM, { to, text: 'Hello Jane\n' }, messages, again);
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: answers.created?.sid } });
    expect(requests).toHaveLength(1);
    expect(requests[0]?.url).toMatch(/\/Messages\.json\?To=%2B4366412345678&PageSize=100$/);
  });

  it.each([
    ['another text', { body: 'Hello Bob' }, '2026-11-23T12:00:00Z'],
    ['one from before', { date_created: 'Mon, 23 Nov 2026 11:00:00 +0000' }, '2026-11-23T12:00:00Z'],
  ])('does not take %s for it', async (_, more, time) => {
    const { requests } = await send(FROM, { to, text: 'Hello Jane' }, listed(more), triedAt(time));
    expect(requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
  });

  it('sends nothing while the list cannot be read', async () => {
    const { outcome, requests } = await send(FROM, { to, text: 'Hello Jane' }, '<html>', again);
    expect(outcome).toMatchObject({ outcome: 'retry', reason: 'server_error' });
    expect(requests).toHaveLength(1);
  });

  it('knows when the first one was made', async () => {
    const { outcome } = await send(FROM, { to, text: 'Hello Jane' }, '<html>');
    expect(outcome).toMatchObject({ progress: { triedAt: Date.parse('2026-11-23T12:00:00Z') } });
  });
});

it.each(refusals.map(({ name, ...one }) => [name, one] as const))(
  'understands %s',
  async (_, { answer: { body, ...answer }, outcome }) => {
    const http = fakeHttp({ ...answer, body: textOf(body) });
    const options = adapter.options.parse(FROM);
    const request = sendRequest({ operation: 'sms', options, input: { to, text: 'Hello' }, http });
    expect(await adapter.send(request)).toMatchObject(outcome);
  },
);

it.each<[JsonObject, string | undefined]>([
  [FROM, undefined],
  [{ ...ACCOUNT, messaging_service_sid: 'MG1' }, undefined],
  [ACCOUNT, 'from'],
  [{ ...FROM, messaging_service_sid: 'MG1' }, 'from'],
])('takes options or says what is wrong with them: %j', (given, path) => {
  expect(adapter.checkOptions?.(adapter.options.parse(given))[0]?.path).toBe(path);
});

describe('an inspection', () => {
  const inspect = (numbers: JsonObject | undefined, given: JsonObject, uses: InspectedUse[] = []) => {
    const { mail, signal, timeoutMs, now } = sendRequest({ options: {} });
    const http: HttpClient = {
      send: ({ url }: HttpRequest) => {
        const body = url.includes('IncomingPhoneNumbers') ? numbers : { ...answers.account, ...given };
        return Promise.resolve({ status: 200, headers: {}, body: JSON.stringify(body) });
      },
    };
    const options = adapter.options.parse(FROM);
    return adapter.inspect?.({ options, uses, http, mail, signal, timeoutMs, now });
  };

  it('names the account, and finds its number good', async () => {
    expect(await inspect(answers.numbers, {})).toEqual({ account: 'Acme', problems: [] });
  });

  it('finds an account that is suspended, and numbers that are not its own or send nothing', async () => {
    const uses = [
      { operation: 'sms', with: { from: '+14155550199' } },
      { operation: 'sms', with: { from: 'ACME' } },
    ];
    expect(await inspect({ incoming_phone_numbers: [] }, { status: 'suspended' }, uses)).toMatchObject({
      problems: [
        { use: null, path: 'account_sid', problem: 'the account is suspended' },
        { use: null, path: 'from', problem: 'the account has no number +14155550123' },
        { use: 0, path: 'from', problem: 'the account has no number +14155550199' },
      ],
    });
    expect(await inspect(answers.voiceNumbers, {})).toMatchObject({
      problems: [{ path: 'from', problem: 'the number +14155550123 cannot send text messages' }],
    });
  });
});

it('names the host it would dial', () => {
  expect(adapter.addresses?.(adapter.options.parse(FROM))).toEqual(['api.twilio.com']);
});
