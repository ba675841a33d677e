import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { sendRequest } from '../../../test/support/send-request.js';
import { type HttpClient, type HttpRequest, type HttpResponse } from '../../egress/http-client.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { type InspectedUse, type SendRequest } from '../adapter.js';
import { adapter } from './gohighlevel.adapter.js';
import { type GoHighLevelOptions } from './gohighlevel-options.js';

const answers = JSON.parse(readFileSync(new URL('fixtures/answers.json', import.meta.url), 'utf8')) as Record<
  string,
  JsonObject
>;
const options = adapter.options.parse({ access_token: 'pit-secret', location_id: 'loc1' });
const NOW = Date.parse('2026-11-23T12:00:00Z');
const NOTE_LINK = 'call autocalls 12345 hot-lead.tell note';

type Answer = Partial<Omit<HttpResponse, 'body'>> & { body?: Json };

/** Answers one after the other; the last one stays. */
function answering(...given: Answer[]): HttpClient & { requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  return {
    requests,
    send: (request) => {
      const { body = {}, ...rest } = given[Math.min(requests.length, given.length - 1)] ?? {};
      requests.push(request);
      return Promise.resolve({ status: 200, headers: {}, ...rest, body: JSON.stringify(body) });
    },
  };
}

async function send(
  operation: string,
  input: JsonObject,
  given: Answer[],
  more: Partial<SendRequest<GoHighLevelOptions>> = {},
) {
  const http = answering(...given);
  const outcome = await adapter.send(sendRequest({ operation, options, input, http, ...more }));
  const sent = http.requests.map(({ method, url, body }) => ({
    method,
    url: url.replace('https://services.leadconnectorhq.com', ''),
    json: body === undefined ? null : (JSON.parse(String(body)) as Json),
  }));
  return { outcome, requests: http.requests, sent };
}

const linked = (key: string, value: Json) => ({
  links: { find: (asked: string) => Promise.resolve(asked === key ? value : null) },
});

describe('upsert_contact', () => {
  it('names the location and the version, and sends fields as GoHighLevel calls them', async () => {
    const input = {
      phone: '+4366412345678',
      fields: { firstName: 'Jane', dnd: false },
      custom_fields: { abc: 7, def: ['a', 'b'], ghi: null, jkl: true },
    };
    const { outcome, requests, sent } = await send('upsert_contact', input, [{ body: answers.upserted! }]);
    expect(requests[0]?.headers).toMatchObject({
      ...{ Authorization: 'Bearer pit-secret', Version: '2021-07-28' },
    });
    expect(sent).toEqual([
      {
        ...{ method: 'POST', url: '/contacts/upsert' },
        json: {
          ...{ locationId: 'loc1', phone: '+4366412345678', firstName: 'Jane', dnd: false },
          customFields: [
            { id: 'abc', field_value: '7' },
            { id: 'def', field_value: ['a', 'b'] },
            { id: 'ghi', field_value: '' },
            { id: 'jkl', field_value: 'true' },
          ],
        },
      },
    ]);
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: 'seD4PfOuKoVMLkEZqohJ' } });
  });

  it('adds tags in a request of their own, so that those that are there stay', async () => {
    const input = { email: 'jane@example.com', tags: ['called'] };
    const { sent } = await send('upsert_contact', input, [{ body: answers.upserted! }]);
    expect(sent[0]?.json).not.toHaveProperty('tags');
    expect(sent[1]).toEqual({
      ...{ method: 'POST', url: '/contacts/seD4PfOuKoVMLkEZqohJ/tags', json: { tags: ['called'] } },
    });
  });

  it('reads the contact first where a mode asks for it', async () => {
    const input = {
      phone: '+4366412345678',
      fields: {
        firstName: { value: 'Joan', mode: 'fill_if_empty' },
        city: { value: 'Vienna', mode: 'fill_if_empty' },
      },
      custom_fields: { MgobCB14YMVKuE4Ka8p1: { value: 'Wants a demo.', mode: 'append' } },
    };
    const { sent } = await send('upsert_contact', input, [
      { body: answers.duplicate! },
      { body: answers.upserted! },
    ]);
    expect(sent[0]).toMatchObject({
      method: 'GET',
      url: '/contacts/search/duplicate?locationId=loc1&number=%2B4366412345678',
    });
    expect(sent[1]?.json).toEqual({
      ...{ locationId: 'loc1', phone: '+4366412345678', city: 'Vienna' },
      customFields: [{ id: 'MgobCB14YMVKuE4Ka8p1', field_value: 'Asked for a price.\nWants a demo.' }],
    });
  });

  it('is checked for who is meant, and for fields that have an input of their own', () => {
    const operation = adapter.operations.upsert_contact!;
    expect(operation.input.safeParse({ fields: {} }).success).toBe(false);
    expect(operation.input.safeParse({ email: 'nobody' }).success).toBe(false);
    expect(operation.check?.({ fields: { tags: 'a', city: 'Vienna' } })).toEqual([
      expect.objectContaining({ path: 'fields.tags' }),
    ]);
  });

  it('does not know whether it worked when the answer has no id', async () => {
    const { outcome } = await send('upsert_contact', { email: 'jane@example.com' }, [
      { body: { new: true } },
    ]);
    expect(outcome).toMatchObject({ outcome: 'unknown', reason: 'server_error' });
  });
});

describe('add_note', () => {
  const input = { contact: '101', body: 'Wants a demo &amp; a price.', user: 'u1' };

  it('is written for the contact, and its id kept for the call', async () => {
    const { outcome, sent } = await send('add_note', input, [{ status: 201, body: answers.note! }]);
    expect(sent).toEqual([
      {
        ...{ method: 'POST', url: '/contacts/101/notes' },
        json: { body: 'Wants a demo &amp; a price.', userId: 'u1' },
      },
    ]);
    const links = [
      { key: `${NOTE_LINK} begun`, value: { at: NOW } },
      { key: NOTE_LINK, value: 'HGPcayliwcdoUFzvbTok' },
    ];
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: 'HGPcayliwcdoUFzvbTok' }, links });
  });

  it('is cut where it is too long, and no entity halved', async () => {
    const { sent } = await send('add_note', { contact: '101', body: '&amp;'.repeat(20_000) }, [
      { body: answers.note! },
    ]);
    const { body } = sent[0]?.json as { body: string };
    expect(body.length).toBeLessThanOrEqual(60_000);
    expect(body).toMatch(/^(&amp;)+… \[cut\]$/);
  });

  it('rewrites what an earlier revision left', async () => {
    const earlier = linked(NOTE_LINK, 'n1');
    const { sent, outcome } = await send('add_note', input, [{ body: answers.note! }], earlier);
    expect(sent.map(({ method, url }) => [method, url])).toEqual([['PUT', '/contacts/101/notes/n1']]);
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: 'n1' } });
  });

  it('is added anew when somebody deleted the earlier one', async () => {
    const earlier = linked(NOTE_LINK, 'n1');
    const gone = { status: 404, body: answers.notFound! };
    const { sent, outcome } = await send('add_note', input, [gone, { body: answers.note! }], earlier);
    expect(sent.map(({ method }) => method)).toEqual(['PUT', 'POST']);
    expect(outcome).toMatchObject({ receipt: { id: 'HGPcayliwcdoUFzvbTok' } });
  });

  it.each([
    ['is not added again when it is there in other mark-up', NOW, 'HGPcayliwcdoUFzvbTok', ['GET']],
    [
      'is added when the same words are from an earlier call',
      NOW + 86_400_000,
      'HGPcayliwcdoUFzvbTok',
      ['GET', 'POST'],
    ],
  ])('%s', async (_what, at, id, methods) => {
    const listed = { body: { notes: [answers.note!.note!] } };
    const tried = linked(`${NOTE_LINK} begun`, { at });
    const { sent, outcome } = await send('add_note', input, [listed, { body: answers.note! }], tried);
    expect(sent.map(({ method }) => method)).toEqual(methods);
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id } });
  });
});

describe('create_task', () => {
  it.each([
    ['2 hours', '2026-11-23T14:00:00.000Z'],
    ['2026-12-01', '2026-12-01T12:00:00.000Z'],
    ['2026-12-01 09:30', '2026-12-01T09:30:00.000Z'],
    ['2026-12-01T09:30:00+01:00', '2026-12-01T08:30:00.000Z'],
  ])('is due as said: %s', async (due, dueDate) => {
    const { sent } = await send('create_task', { contact: '101', title: 'Call', due }, [
      { body: { task: { id: 't1' } } },
    ]);
    expect(sent[0]).toEqual({
      ...{ method: 'POST', url: '/contacts/101/tasks', json: { title: 'Call', dueDate, completed: false } },
    });
  });

  it('is refused when nobody can say when it is due', async () => {
    const { outcome, sent } = await send('create_task', { contact: '101', title: 'Call', due: 'soon' }, [{}]);
    expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'invalid_input' });
    expect(sent).toEqual([]);
    expect(adapter.operations.create_task?.check?.({ due: 'soon' })).toHaveLength(1);
    expect(adapter.operations.create_task?.check?.({ due: '{{ soon }}' })).toEqual([]);
  });

  it('counts the wait from the first attempt', async () => {
    const tried = linked('call autocalls 12345 hot-lead.tell task begun', { at: NOW - 3_600_000 });
    const input = { contact: '101', title: 'Call', due: '1 day' };
    const { sent } = await send(
      'create_task',
      input,
      [{ body: {} }, { body: { task: { id: 't1' } } }],
      tried,
    );
    expect(sent[1]?.json).toMatchObject({ dueDate: '2026-11-24T11:00:00.000Z' });
  });
});

it('leaves out of an opportunity what is not given', async () => {
  const input = { contact: '101', pipeline: 'p1', name: 'Demo', monetary_value: 0 };
  const { sent } = await send('upsert_opportunity', input, [{ body: { opportunity: { id: 'o1' } } }]);
  expect(sent[0]?.json).toEqual({
    ...{ locationId: 'loc1', contactId: '101', pipelineId: 'p1', name: 'Demo', monetaryValue: 0 },
  });
});

describe('start_workflow', () => {
  const input = { contact: '101', workflow: 'wf1' };
  const key = 'call autocalls 12345 hot-lead.tell workflow';

  it('starts it once for a call', async () => {
    const first = await send('start_workflow', input, [{ body: { succeded: true } }]);
    expect(first.sent).toEqual([{ method: 'POST', url: '/contacts/101/workflow/wf1', json: {} }]);
    expect(first.outcome).toMatchObject({ links: [{ key, value: '101 wf1' }] });
    const again = await send('start_workflow', input, [{}], linked(key, '101 wf1'));
    expect(again.outcome).toMatchObject({ outcome: 'delivered' });
    expect(again.sent).toEqual([]);
  });

  it('is in doubt after an error of the server', async () => {
    expect((await send('start_workflow', input, [{ status: 502 }])).outcome).toMatchObject({
      ...{ outcome: 'unknown', httpStatus: 502 },
    });
    expect((await send('start_workflow', input, [{ status: 503 }])).outcome).toMatchObject({
      outcome: 'retry',
    });
  });
});

describe('an answer', () => {
  it.each<[string, Answer, JsonObject]>([
    [
      'of a token of another location',
      { status: 403, body: answers.wrongLocation! },
      { outcome: 'unauthorized', reason: 'unauthorized' },
    ],
    [
      'to an unknown field',
      { status: 422, body: answers.unknownProperty! },
      { outcome: 'rejected', message: expect.stringContaining('shoeSize should not exist') as never },
    ],
    [
      'of a burst',
      { status: 429, headers: { 'x-ratelimit-interval-milliseconds': '10000' } },
      { outcome: 'retry', reason: 'rate_limited', afterMs: 10_000 },
    ],
    [
      'of a spent day',
      {
        status: 429,
        headers: { 'x-ratelimit-interval-milliseconds': '10000', 'x-ratelimit-daily-remaining': '0' },
      },
      { outcome: 'retry', reason: 'rate_limited', afterMs: 3_600_000 },
    ],
    [
      'that says how long to wait',
      { status: 429, headers: { 'retry-after': '3', 'x-ratelimit-interval-milliseconds': '10000' } },
      { outcome: 'retry', reason: 'rate_limited', afterMs: 3_000 },
    ],
    ['of a broken server', { status: 500 }, { outcome: 'retry', reason: 'server_error' }],
  ])('%s', async (_what, given, expected) => {
    const { outcome } = await send('add_tags', { contact: '101', tags: ['a'] }, [given]);
    expect(outcome).toMatchObject(expected);
  });
});

describe('check --online', () => {
  const inspect = (uses: InspectedUse[], http: HttpClient) => {
    const { mail, signal, timeoutMs } = sendRequest({ options });
    return adapter.inspect?.({ options, uses, http, mail, signal, timeoutMs, now: NOW });
  };

  it('names the account, and pipelines and stages that it does not know', async () => {
    const pipelines = { body: answers.pipelines! };
    const http = answering({ body: {} }, { body: answers.location! }, pipelines, pipelines);
    const uses: InspectedUse[] = [
      {
        operation: 'upsert_opportunity',
        with: { contact: '{{ actions.crm.id }}', pipeline: 'nope', stage: 'e93ba61a-53b3-45e7' },
      },
      { operation: 'upsert_opportunity', with: { pipeline: '{{ x }}' } },
    ];
    expect(await inspect(uses, http)).toEqual({
      account: 'Acme',
      problems: [
        {
          ...{ use: 0, path: 'pipeline' },
          problem: 'the location has no pipeline nope; expected one of VDm7RPYC2GLUvdpKmBfC (Sales)',
        },
      ],
    });
    expect(http.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('says nothing of what the token may not read', async () => {
    const http = answering({ body: {} }, { status: 401 }, { status: 403 });
    const uses: InspectedUse[] = [
      { operation: 'start_workflow', with: { workflow: 'wf1' } },
      { operation: 'upsert_contact', with: { custom_fields: { abc: 1 } } },
    ];
    expect(await inspect(uses, http)).toEqual({ account: null, problems: [] });
  });

  it('says that the credentials are refused', async () => {
    const found = await inspect([], answering({ status: 401, body: { message: 'Invalid JWT' } }));
    expect(found?.problems).toEqual([
      { use: null, path: '', problem: expect.stringContaining('refuses the credentials') as never },
    ]);
  });
});

it('names the host it would dial', () => {
  expect(adapter.addresses?.(options)).toEqual(['services.leadconnectorhq.com']);
});
