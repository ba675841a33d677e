import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Call } from '../../domain/event.js';
import { canonicalJson, type Json, type JsonObject } from '../../lib/json.js';
import { type Reading } from '../source.js';
import { source } from './autocalls.source.js';

const folder = new URL('../../../test/fixtures/autocalls/', import.meta.url);
const bytesOf = (name: string) => readFileSync(new URL(`${name}.json`, folder));
const bodyOf = (name: string) => JSON.parse(bytesOf(name).toString()) as JsonObject;
const readFixture = (name: string) => source.read(bytesOf(name));
const readBody = (body: Json) => source.read(Buffer.from(JSON.stringify(body)));

function callOf(reading: Reading): Call {
  if (reading.as === 'unreadable') throw new Error(JSON.stringify(reading.problems));
  return reading.call;
}

function contentOf(reading: Reading): string {
  if (reading.as === 'unreadable') throw new Error(JSON.stringify(reading.problems));
  return canonicalJson(reading.content);
}

describe('the reading of each fixture', () => {
  const campaign = bodyOf('campaign-top-level').campaign as JsonObject;
  const lead = bodyOf('campaign-top-level').lead as JsonObject;

  it('completed-campaign: only the campaign is put at the top as well', () => {
    const body = bodyOf('completed-campaign');
    expect(readFixture('completed-campaign')).toMatchObject({
      as: 'call',
      eventKind: 'call',
      callId: '12345',
      call: { customer_phone: '+1234567890' },
    });
    expect(callOf(readFixture('completed-campaign'))).toEqual({ ...body, campaign });
  });

  it('completed-campaign-revised: the same id with other content', () => {
    const revised = readFixture('completed-campaign-revised');
    expect(revised).toMatchObject({ as: 'call', callId: '12345' });
    expect(callOf(revised)).toEqual({ ...bodyOf('completed-campaign-revised'), campaign });
    expect(contentOf(revised)).not.toBe(contentOf(readFixture('completed-campaign')));
  });

  it('campaign-top-level: the campaign is put under the lead as well', () => {
    const reading = readFixture('campaign-top-level');
    expect(reading).toMatchObject({ as: 'call', callId: '20005', call: { customer_phone: '+1234567890' } });
    expect(callOf(reading)).toEqual({ ...bodyOf('campaign-top-level'), lead: { ...lead, campaign } });
  });

  it('completed-inbound-string-transcript: both transcripts, no lead, no variables', () => {
    const reading = readFixture('completed-inbound-string-transcript');
    expect(reading).toMatchObject({ as: 'call', callId: '20001', call: { customer_phone: '+1234567890' } });
    expect(callOf(reading)).toEqual({
      ...bodyOf('completed-inbound-string-transcript'),
      input_variables: {},
      transcript: [
        { text: 'Hello!', type: 'transcript', sender: 'bot' },
        { text: 'Hi, call me tomorrow please.', type: 'transcript', sender: 'human' },
      ],
      formatted_transcript: 'AI: Hello!\nCustomer: Hi, call me tomorrow please.',
      recording_url: null,
      transfers: null,
      lead: null,
      campaign: null,
    });
  });

  it('no-answer-campaign: the empty list of variables becomes a map', () => {
    const reading = readFixture('no-answer-campaign');
    expect(reading).toMatchObject({ as: 'call', callId: '20002', call: { customer_phone: '+1234567890' } });
    expect(callOf(reading)).toEqual({ ...bodyOf('no-answer-campaign'), extracted_variables: {}, campaign });
  });

  it('busy-nulls: nulls become empty maps and empty transcripts, objects stay null', () => {
    const reading = readFixture('busy-nulls');
    expect(reading).toMatchObject({ as: 'call', callId: '20003', call: { customer_phone: '+436641234567' } });
    expect(callOf(reading)).toEqual({
      ...bodyOf('busy-nulls'),
      extracted_variables: {},
      transcript: [],
      formatted_transcript: '',
    });
  });

  it('web-call-null-phones: a call without a contact', () => {
    const reading = readFixture('web-call-null-phones');
    expect(reading).toMatchObject({ as: 'call', callId: '20004', call: { customer_phone: null } });
    expect(callOf(reading)).toEqual({
      ...bodyOf('web-call-null-phones'),
      transfers: null,
      lead: null,
      campaign: null,
    });
  });

  it('hostile-text: every sign as sent', () => {
    const reading = readFixture('hostile-text');
    expect(reading).toMatchObject({ as: 'call', callId: '20006' });
    expect(callOf(reading)).toEqual({ ...bodyOf('hostile-text'), campaign });
    expect(callOf(reading).input_variables).toMatchObject({
      customer_name: "O'Brien \u202e\u0000 & Söhne 🚀",
    });
  });

  it('vendor-test-button-no-id: a test', () => {
    const reading = readFixture('vendor-test-button-no-id');
    expect(reading).toMatchObject({ as: 'test', eventKind: 'call', call: { customer_phone: '+1234567890' } });
    expect(callOf(reading)).toEqual({
      ...bodyOf('vendor-test-button-no-id'),
      transfers: null,
      lead: null,
      campaign: null,
    });
  });

  it('covers every fixture there is', () => {
    for (const file of readdirSync(folder))
      expect(readFixture(file.replace('.json', '')).as).not.toBe('unreadable');
  });
});

describe('ids', () => {
  it.each([
    ['{"id":12345678901234567890123}', '12345678901234567890123'],
    ['{"id":9007199254740993}', '9007199254740993'],
    ['{"id":9007199254740992}', '9007199254740992'],
    ['{"id":0}', '0'],
    ['{"id":"c-17/a"}', 'c-17/a'],
  ])('takes every digit of %s', (text, callId) => {
    expect(source.read(Buffer.from(text))).toMatchObject({ as: 'call', callId });
  });

  it.each<[string, Json]>([
    ['is a list', [1]],
    ['is an object', { a: 1 }],
    ['is a boolean', true],
    ['is not a whole number that can be exact', 1.5],
    ['is empty, too long or holds control characters', ''],
    ['is empty, too long or holds control characters', ' '],
    ['is empty, too long or holds control characters', 'a\u0000'],
    ['is empty, too long or holds control characters', '\ud800'],
    ['is empty, too long or holds control characters', 'x'.repeat(201)],
  ])('refuses an id that %s', (problem, id) => {
    const reading = readBody({ id, status: 'completed', extracted_variables: {} });
    expect(reading).toEqual({
      as: 'unreadable',
      problems: [
        { path: 'id', problem: `${problem}; expected a whole number or a text of 1 to 200 characters` },
      ],
    });
  });

  it('refuses an id that is too large to be exact in the way it is written', () => {
    expect(source.read(Buffer.from('{"id":1e20}')).as).toBe('unreadable');
  });

  it('takes a body without id for a test only when it has a status and variables', () => {
    expect(readBody({ status: 'completed', extracted_variables: [] }).as).toBe('test');
    expect(readBody({ id: null, status: 'completed', extracted_variables: null }).as).toBe('test');
    for (const body of [
      {},
      { status: 'completed' },
      { extracted_variables: {} },
      { duration: 3 },
    ] as Json[]) {
      expect(readBody(body)).toMatchObject({
        as: 'unreadable',
        problems: [{ path: 'id', problem: expect.stringMatching(/^missing; /) }],
      });
    }
  });
});

describe('what is not a call', () => {
  it.each<[string, Json]>([
    [
      'the end of a chat',
      { id: 5, conversation_id: 'c', assistant_id: 'a', type: 'widget', status: 'ended' },
    ],
    ['a WhatsApp read receipt', { event: 'message_status', status: 'read', test: true }],
    ['a WhatsApp call permission', { event: 'whatsapp_voice', type: 'call_permission_granted', id: 5 }],
    ['the inbound webhook from before a call', { customer_phone: '+1', assistant_phone: '+2' }],
  ])('names %s', (name, body) => {
    const reading = readBody(body);
    if (reading.as !== 'unreadable') throw new Error('was read');
    expect(reading.problems).toHaveLength(1);
    expect(reading.problems[0]?.path).toBe('body');
    expect(reading.problems[0]?.problem).toContain(`looks like ${name}`);
  });

  it.each(['[]', '[{"id":1}]', '"text"', '12', 'null', 'true'])('refuses %s', (text) => {
    expect(source.read(Buffer.from(text))).toEqual({
      as: 'unreadable',
      problems: [{ path: 'body', problem: 'not an object; expected the JSON object of a call' }],
    });
  });

  it('hands on what is wrong with the bytes', () => {
    expect(source.read(Buffer.from('{"id":1e400}'))).toEqual({
      as: 'unreadable',
      problems: [{ path: 'body', problem: 'a number beyond the range of a double' }],
    });
  });
});

describe('normalisation', () => {
  it('calls unanswered no-answer, and keeps any other status', () => {
    expect(callOf(readBody({ id: 1, status: 'unanswered' })).status).toBe('no-answer');
    expect(callOf(readBody({ id: 1, status: 'brand-new' })).status).toBe('brand-new');
    expect(callOf(readBody({ id: 1, status: 7 })).status).toBe(7);
    expect(callOf(readBody({ id: 1 }))).not.toHaveProperty('status');
  });

  it('reads a body of nothing but an id', () => {
    expect(callOf(readBody({ id: 1 }))).toEqual({
      id: 1,
      extracted_variables: {},
      input_variables: {},
      transcript: [],
      formatted_transcript: '',
      recording_url: null,
      transfers: null,
      lead: null,
      campaign: null,
    });
  });

  it('makes a map of the variables of a lead', () => {
    expect(callOf(readBody({ id: 1, lead: { id: 2, variables: [] } })).lead).toEqual({
      id: 2,
      variables: {},
      campaign: null,
    });
    expect(callOf(readBody({ id: 1, lead: { variables: null } })).lead).toEqual({
      variables: {},
      campaign: null,
    });
  });

  it('keeps variables of any other form', () => {
    const call = callOf(readBody({ id: 1, extracted_variables: ['x'], input_variables: 'y' }));
    expect([call.extracted_variables, call.input_variables]).toEqual([['x'], 'y']);
  });

  it('puts a campaign at the top only when there is no lead', () => {
    const call = callOf(readBody({ id: 1, lead: null, campaign: { id: 4 } }));
    expect([call.lead, call.campaign]).toEqual([null, { id: 4 }]);
  });

  it('keeps both campaigns where they differ', () => {
    const call = callOf(readBody({ id: 1, lead: { campaign: { id: 5 } }, campaign: { id: 4 } }));
    expect([call.lead, call.campaign]).toEqual([{ variables: {}, campaign: { id: 5 } }, { id: 4 }]);
  });

  it('keeps unknown fields, whatever their names', () => {
    const body = { id: 1, constructor: { a: 1 }, 'a.b': 2, hasOwnProperty: 3 } as unknown as JsonObject;
    expect(callOf(readBody(body))).toMatchObject({ constructor: { a: 1 }, 'a.b': 2, hasOwnProperty: 3 });
  });

  it('makes text of integers beyond 2^53 anywhere', () => {
    const call = callOf(source.read(Buffer.from('{"id":1,"lead":{"id":12345678901234567890}}')));
    expect(call.lead).toMatchObject({ id: '12345678901234567890' });
  });

  it('notes a key that stands twice and counts the last', () => {
    const reading = source.read(Buffer.from('{"id":1,"status":"busy","status":"completed"}'));
    expect(callOf(reading).status).toBe('completed');
    expect(reading).toMatchObject({
      as: 'call',
      problems: [{ path: 'status', problem: 'stands more than once in one object; the last one counts' }],
    });
  });
});

describe('identity', () => {
  const body = bodyOf('completed-campaign');
  const lead = body.lead as JsonObject;
  const same = contentOf(readFixture('completed-campaign'));

  it.each<[string, JsonObject]>([
    ['finished_at', { ...body, finished_at: 'later' }],
    ['lead.status', { ...body, lead: { ...lead, status: 'x' } }],
    ['lead.call_tries', { ...body, lead: { ...lead, call_tries: 9 } }],
    ['lead.updated_at', { ...body, lead: { ...lead, updated_at: 'x' } }],
    ['lead.campaign', { ...body, lead: { ...lead, campaign: null } }],
    ['campaign', { ...body, campaign: { id: 1 } }],
    ['the order of keys', Object.fromEntries(Object.entries(body).reverse())],
  ])('does not move with %s', (_what, moved) => {
    expect(contentOf(readBody(moved))).toBe(same);
  });

  it.each<[string, JsonObject]>([
    ['status', { ...body, status: 'busy' }],
    ['extracted_variables', { ...body, extracted_variables: {} }],
    ['lead.variables', { ...body, lead: { ...lead, variables: {} } }],
    ['transcript', { ...body, transcript: null }],
    ['an unknown field', { ...body, odd: 1 }],
  ])('moves with %s', (_what, changed) => {
    expect(contentOf(readBody(changed))).not.toBe(same);
  });
});

describe('on anything at all', () => {
  it('never throws, and reads every object with an id', () => {
    const names = [
      'status',
      'lead',
      'campaign',
      'transcript',
      'formatted_transcript',
      'duration',
      'transfers',
    ];
    const value = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names, 'extracted_variables', 'x'), value), (body) => {
        const reading = readBody({ ...body, id: 7 });
        if (reading.as === 'unreadable') expect(reading.problems[0]?.problem).toContain('__proto__');
        else expect(source.endedAt(reading.call)).toBeNull();
      }),
    );
  });

  it('never throws on bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(source.read(bytes)).toHaveProperty('as');
      }),
    );
  });
});
