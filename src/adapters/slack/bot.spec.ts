import { beforeEach, describe, expect, it } from '@jest/globals';
import { sendRequest } from '../../../test/support/send-request.js';
import { type ConnectedStandIn, connectTo } from '../../../test/support/stand-ins/serve.js';
import { standIn as slack } from '../../../test/support/stand-ins/slack.stand-in.js';
import { type StandIn } from '../../../test/support/stand-ins/stand-in.js';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { type SendRequest } from '../adapter.js';
import { adapter } from './slack.adapter.js';

const ANN = '+4366411111111';
const BOB = '+4366422222222';

let workspace: StandIn;
let vendor: ConnectedStandIn;
let links: Map<string, Json>;

beforeEach(() => {
  workspace = slack.create();
  vendor = connectTo(workspace);
  links = new Map();
});

interface Posted {
  text: string;
  channel: string;
  ts: string;
  thread_ts?: string;
}

const messages = () => workspace.records('message') as Posted[];

/** One delivery; what it leaves is there for the next one. */
async function send(input: JsonObject, call: Partial<SendRequest['call']> = {}): Promise<AttemptOutcome> {
  const options = adapter.options.parse(slack.options('http://127.0.0.1:9'));
  const request = sendRequest({ operation: 'message', input, options, http: vendor });
  const outcome = await adapter.send({
    ...request,
    call: { ...request.call, contact: ANN, ...call },
    links: { find: (key) => Promise.resolve(links.get(key) ?? null) },
  });
  for (const { key, value } of outcome.links ?? []) links.set(key, value);
  return outcome;
}

describe('thread: contact', () => {
  it('puts all about one contact into one thread, and others beside it', async () => {
    await send({ text: 'first', thread: 'contact' });
    await send({ text: 'other', thread: 'contact' }, { contact: BOB });
    await send({ text: 'second', thread: 'contact' });
    await send({ text: 'nobody', thread: 'contact' }, { contact: null });
    const root = messages()[0]?.ts;
    expect(messages().map(({ text, thread_ts }) => [text, thread_ts])).toEqual([
      ['first', undefined],
      ['other', undefined],
      ['second', root],
      ['nobody', undefined],
    ]);
  });

  it('keeps a thread for each channel', async () => {
    await send({ text: 'sales', thread: 'contact', channel: '#sales' });
    await send({ text: 'ops', thread: 'contact', channel: '#ops' });
    expect(messages().map(({ thread_ts }) => thread_ts)).toEqual([undefined, undefined]);
  });

  it('begins anew when the first message was deleted', async () => {
    await send({ text: 'first', thread: 'contact' });
    messages().length = 0;
    expect(await send({ text: 'second', thread: 'contact' })).toMatchObject({ outcome: 'delivered' });
    await send({ text: 'third', thread: 'contact' });
    expect(messages().map(({ text, thread_ts }) => [text, thread_ts === messages()[0]?.ts])).toEqual([
      ['second', false],
      ['third', true],
    ]);
  });
});

describe('update: true', () => {
  it('edits what the same action sent for the same call, and nothing of another', async () => {
    await send({ text: 'hot', update: true });
    const edited = await send({ text: 'hot, and has signed', update: true });
    await send({ text: 'another call', update: true }, { id: '999' });
    await send({ text: 'another action', update: true }, { action: 'hot-lead.other' });
    expect(messages().map(({ text }) => text)).toEqual([
      'hot, and has signed',
      'another call',
      'another action',
    ]);
    const { channel, ts } = messages()[0] as Posted;
    expect(edited).toMatchObject({ outcome: 'delivered', receipt: { channel, ts } });
  });

  it('posts again when the message is gone', async () => {
    await send({ text: 'hot', update: true });
    messages().length = 0;
    expect(await send({ text: 'hot again', update: true })).toMatchObject({ outcome: 'delivered' });
    expect(messages().map(({ text }) => text)).toEqual(['hot again']);
  });
});

describe('the channel', () => {
  const { message } = adapter.operations;

  it('is fixed or a row of a table, and never words of the call', () => {
    const problems = (channel: string) => message?.check?.({ channel }) ?? [];
    expect(problems('#sales')).toEqual([]);
    expect(problems("{{ assistant_phone | lookup: 'channel_of' | default: '#ops' }}")).toEqual([]);
    expect(problems('#{{ extracted_variables.team }}')).toMatchObject([{ path: 'channel' }]);
  });

  it.each(['channel', 'thread', 'update'])('and %s need a bot', async (field) => {
    const options = adapter.options.parse({ webhook_url: 'https://hooks.slack.com/services/T0/B0/x' });
    const input = { text: 'hi', [field]: field === 'update' ? true : '#sales' };
    expect(await adapter.send(sendRequest({ operation: 'message', input, options }))).toMatchObject({
      ...{ outcome: 'rejected', reason: 'invalid_input' },
      message: expect.stringContaining('needs bot_token'),
    });
  });
});
