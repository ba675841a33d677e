import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { sendRequest } from '../../../test/support/send-request.js';
import { type HttpClient, type HttpRequest, type HttpResponse } from '../../egress/http-client.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { type InspectedUse, type SendRequest } from '../adapter.js';
import { adapter } from './autocalls.adapter.js';
import { type AutocallsOptions } from './autocalls-options.js';

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body: Json;
}

const fixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
const answers = fixture<Record<string, Json>>('answers');
const refusals = fixture<{ name: string; answer: Answer; outcome: JsonObject }[]>('refusals');

const options = adapter.options.parse({ api_key: 'k-123' });
const phone = '+4366412345678';
const call = { assistant_id: 17, phone };

/** Answers each request by its path, and by `*` where that is not named. */
function platform(byPath: Record<string, Answer>): HttpClient & { requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  return {
    requests,
    send: (request) => {
      requests.push(request);
      const { pathname } = new URL(request.url);
      return Promise.resolve(toResponse(byPath[pathname.replace('/api', '')] ?? byPath['*']));
    },
  };
}

function toResponse({ status = 200, headers = {}, body }: Answer = { body: {} }): HttpResponse {
  return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

async function send(
  operation: string,
  input: JsonObject,
  byPath: Record<string, Answer> = {},
  more: Partial<SendRequest<AutocallsOptions>> = {},
) {
  const http = platform(byPath);
  const outcome = await adapter.send(sendRequest({ operation, input, options, http, ...more }));
  const bodies = http.requests.map(({ body }) => JSON.parse(String(body ?? 'null')) as unknown);
  return { outcome, requests: http.requests, bodies };
}

describe('a call', () => {
  it('goes to the assistant, and carries the delivery that it comes from', async () => {
    const variables = { customer_name: 'Jane', tries: 2 };
    const { outcome, requests, bodies } = await send('call', { ...call, variables });
    expect(outcome).toEqual({ outcome: 'delivered', httpStatus: 200, receipt: {} });
    expect(requests[0]).toMatchObject({
      method: 'POST',
      url: 'https://app.autocalls.ai/api/user/make_call',
      headers: { Accept: 'application/json', Authorization: 'Bearer k-123' },
    });
    expect(bodies).toEqual([
      {
        ...{ assistant_id: 17, phone_number: phone },
        variables: { ...variables, aftercall_delivery: 'aftercall-d1' },
      },
    ]);
  });

  it('has no halves of characters, which the platform could not read', async () => {
    const { bodies } = await send('call', { ...call, variables: { customer_name: 'Jane \ud800\u0000' } });
    expect(bodies[0]).toMatchObject({ variables: { customer_name: 'Jane \ufffd\ufffd' } });
  });

  it('leaves the id that white labels answer', async () => {
    const { outcome } = await send('call', call, { '*': { body: answers.callMadeByWhiteLabel ?? null } });
    expect(outcome).toMatchObject({ receipt: { id: '480337' } });
  });

  it('remembers when it was tried, so that the next attempt looks from the day before on', async () => {
    const first = await send('call', call, { '*': { status: 502, body: 'Bad gateway' } });
    expect(first.outcome).toMatchObject({ progress: { triedAt: Date.parse('2026-11-23T12:00:00Z') } });
    const progress = { triedAt: Date.parse('2026-11-20T12:00:00Z') };
    const lists = { '/user/calls': { body: { data: [] } } };
    const { requests } = await send('call', call, lists, {
      mayHaveArrived: true,
      isReleased: true,
      progress,
    });
    expect(new URL(requests[0]?.url ?? '').searchParams.get('date_from')).toBe('2026-11-19');
    expect(requests).toHaveLength(2);
  });

  it('that may be one of the listed ones waits for a person, who may let it go once more', async () => {
    const lists = { '/user/calls': { body: answers.calls ?? null } };
    const again = { mayHaveArrived: true, isReleased: true };
    const { outcome, requests } = await send('call', call, lists, again);
    expect(outcome).toMatchObject({
      ...{ outcome: 'unknown', progress: { seen: ['480337'] } },
      message: expect.stringContaining('480337'),
    });
    expect(requests).toHaveLength(1);

    const progress = { seen: ['480337'] };
    const byRule = await send('call', call, lists, { mayHaveArrived: true, progress });
    expect(byRule.outcome).toMatchObject({ outcome: 'unknown' });
    const released = await send('call', call, lists, { ...again, progress });
    expect(released.outcome).toMatchObject({ outcome: 'delivered' });
  });

  it('is not made while the list of calls cannot be read', async () => {
    const lists = { '/user/calls': { body: '<html>' } };
    const { outcome, requests } = await send('call', call, lists, { mayHaveArrived: true, isReleased: true });
    expect(outcome).toMatchObject({ outcome: 'retry', reason: 'server_error' });
    expect(requests).toHaveLength(1);
  });
});

describe('a lead', () => {
  it('is added with its variables and others to call', async () => {
    const others = [{ phone: '+4366487654321', variables: { customer_name: 'Bob' } }];
    const input = { campaign_id: 7, phone, secondary_contacts: others };
    const { outcome, bodies } = await send('add_lead', input, { '*': { body: { data: { id: 600 } } } });
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: '600' } });
    const aftercall_delivery = 'aftercall-d1';
    expect(bodies[0]).toEqual({
      ...{ campaign_id: 7, phone_number: phone, allow_dupplicate: false },
      variables: { aftercall_delivery },
      secondary_contacts: [
        { phone_number: '+4366487654321', variables: { customer_name: 'Bob', aftercall_delivery } },
      ],
    });
  });

  it('is changed by its id, in what is given', async () => {
    const input = { id: 501, status: 'completed', variables: { won: true } };
    const { outcome, requests, bodies } = await send('update_lead', input);
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: '501' } });
    expect(requests[0]).toMatchObject({
      method: 'PUT',
      url: expect.stringMatching(/\/user\/leads\/501$/),
    });
    expect(bodies[0]).toEqual({
      status: 'completed',
      variables: { won: true, aftercall_delivery: 'aftercall-d1' },
    });
  });

  it('is not queued twice on its own, and what only sets a state is done again', async () => {
    const lists = { '/user/leads': { body: { data: [{ id: 501, variables: [] }] } } };
    const queued = await send('update_lead', { id: 501, status: 'created' }, lists, { mayHaveArrived: true });
    expect(queued.outcome).toMatchObject({
      outcome: 'unknown',
      message: expect.stringContaining('release'),
    });
    const ended = await send('update_lead', { id: 501, status: 'completed' }, {}, { mayHaveArrived: true });
    expect(ended.outcome).toMatchObject({ outcome: 'delivered' });
  });
});

describe('whom an operation reaches', () => {
  const reached = (operation: string, input: JsonObject) =>
    adapter.operations[operation]?.reaches?.addresses?.(input);

  it('is the new number of a lead that gets one, else the contact of the call', () => {
    expect(reached('update_lead', { id: 501, phone })).toEqual([phone]);
    expect(reached('update_lead', { id: 501, phone: '{{ contact.phone }}' })).toEqual([
      '{{ contact.phone }}',
    ]);
    expect(reached('update_lead', { id: 501, status: 'created' })).toEqual([]);
  });

  it('is the number of a lead, and those of the others called for it', () => {
    const others = [{ phone: '+43123456789' }];
    expect(reached('add_lead', { campaign_id: 8, phone })).toEqual([phone]);
    expect(reached('add_lead', { campaign_id: 8, phone, secondary_contacts: others })).toEqual([
      phone,
      '+43123456789',
    ]);
  });
});

describe('a message', () => {
  it('of 300 characters is sent, and a longer one refused before', async () => {
    const fits = await send('send_sms', { from: 3, to: phone, text: '😀'.repeat(300) });
    expect(fits.outcome).toMatchObject({ outcome: 'delivered' });
    const { outcome, requests } = await send('send_sms', { from: 3, to: phone, text: 'x'.repeat(301) });
    expect(outcome).toEqual({
      ...{ outcome: 'rejected', reason: 'invalid_input' },
      message: 'text has 301 characters; Autocalls takes 300 and it is not cut',
    });
    expect(requests).toHaveLength(0);
  });

  it('that is too long as it is written is found by check', () => {
    const sms = adapter.operations.send_sms;
    expect(sms?.check?.({ text: 'x'.repeat(301) })).toMatchObject([{ path: 'text' }]);
    expect(sms?.check?.({ text: `${'x'.repeat(301)}{{ id }}` })).toEqual([]);
  });

  it('as free text is refused outside the window, in the words of the platform', async () => {
    const input = { sender_id: 12, to: phone, text: 'Hello' };
    const lists = { '/user/whatsapp/session-status': { body: answers.sessionExpired ?? null } };
    const { outcome, requests } = await send('send_whatsapp', input, lists);
    expect(outcome).toMatchObject({
      ...{ outcome: 'rejected', reason: 'invalid_input' },
      message: expect.stringContaining('Session expired.'),
    });
    expect(requests).toHaveLength(1);
  });

  it('by template has its variables on one line', async () => {
    const input = { sender_id: 12, template_id: 45, to: phone, variables: { '1': 'a\n\tb     c' } };
    const { bodies } = await send('send_whatsapp', input);
    expect(bodies[0]).toMatchObject({ template_id: 45, variables: { '1': 'a b c' } });
  });

  it('needs text or a template', () => {
    const { input } = adapter.operations.send_whatsapp ?? {};
    const to = { sender_id: 12, to: phone };
    expect(input?.safeParse({ ...to, text: 'Hello' }).success).toBe(true);
    expect(input?.safeParse(to).success).toBe(false);
    expect(input?.safeParse({ ...to, text: 'Hello', template_id: 45 }).success).toBe(false);
  });
});

describe('an answer', () => {
  it.each(refusals.map(({ name, ...one }) => [name, one] as const))(
    'is understood: %s',
    async (_, { answer, outcome }) => {
      const result = await send('call', call, { '*': answer });
      expect(result.outcome).toMatchObject({ ...outcome, httpStatus: answer.status });
    },
  );
});

describe('an inspection', () => {
  const account = {
    '/user/me': { body: answers.me ?? null },
    '/user/assistants/outbound': { body: answers.outboundAssistants ?? null },
    '/user/campaigns': { body: answers.campaigns ?? null },
    '/user/phone-numbers': { body: answers.phoneNumbers ?? null },
    '/user/whatsapp/senders': { body: answers.senders ?? null },
  };
  const inspect = (byPath: Record<string, Answer>, uses: InspectedUse[]) => {
    const { mail, signal, timeoutMs, now } = sendRequest({ options });
    return adapter.inspect?.({ ...{ options, uses, mail, signal, timeoutMs, now }, http: platform(byPath) });
  };

  it('names the account, and what of the rules it does not have', async () => {
    const uses: InspectedUse[] = [
      { operation: 'call', with: { assistant_id: 17 } },
      { operation: 'call', with: { assistant_id: 18 } },
      { operation: 'add_lead', with: { campaign_id: '8' } },
      { operation: 'add_lead', with: { campaign_id: "{{ status | lookup: 'campaigns' }}" } },
      { operation: 'send_sms', with: { from: 4 } },
      { operation: 'send_whatsapp', with: { sender_id: 12 } },
    ];
    expect(await inspect(account, uses)).toEqual({
      account: 'Acme Calls',
      problems: [
        { use: 1, path: 'assistant_id', problem: 'the account has no outbound assistant 18' },
        { use: 2, path: 'campaign_id', problem: 'the account has no campaign 8' },
        { use: 4, path: 'from', problem: 'the account has no phone number that can send SMS 4' },
      ],
    });
  });

  it('says that the key is refused, and takes a list that it may not read for no problem', async () => {
    const refused = { status: 401, body: { message: 'Unauthenticated.' } };
    expect(await inspect({ '*': refused }, [])).toMatchObject({
      problems: [{ use: null, problem: expect.stringContaining('refuses the credentials') }],
    });
    const hidden = { ...account, '/user/campaigns': { status: 403, body: { message: 'No' } } };
    const uses = [{ operation: 'add_lead', with: { campaign_id: 8 } }];
    expect(await inspect(hidden, uses)).toEqual({ account: 'Acme Calls', problems: [] });
  });
});

it('names the host it would dial', () => {
  expect(adapter.addresses?.(options)).toEqual(['app.autocalls.ai']);
});
