import { type Json, type JsonObject, isJsonObject } from '../../../src/lib/json.js';
import {
  answer,
  type StandIn,
  type StandInAnswer,
  type StandInKind,
  type StandInRequest,
} from './stand-in.js';

const TOKEN = 'xoxb-hushhush';
const HOOK = '/services/T000/B000/hushhush';

interface Posted extends JsonObject {
  channel: string;
  ts: string;
}

/** A workspace with one incoming webhook and one bot, which is in every channel. */
function createSlack(): StandIn {
  const messages: Posted[] = [];
  const post = (channel: string, content: JsonObject): Posted => {
    const posted = { ...content, channel, ts: `1795435200.${String(messages.length + 1).padStart(6, '0')}` };
    messages.push(posted);
    return posted;
  };
  return {
    records: () => messages,
    handle: (request) => {
      const content = isJsonObject(request.json ?? null) ? (request.json as JsonObject) : {};
      if (request.path === HOOK) return byWebhook(content, post);
      if (request.headers.authorization !== `Bearer ${TOKEN}`) return refusal('invalid_auth');
      return byBot(request, content, messages, post);
    },
  };
}

type Post = (channel: string, content: JsonObject) => Posted;

function byWebhook(content: JsonObject, post: Post): StandInAnswer {
  if (!hasContent(content)) return answer(400, 'no_text');
  post('C-webhook', content);
  return answer(200, 'ok');
}

function byBot({ path }: StandInRequest, content: JsonObject, messages: Posted[], post: Post): StandInAnswer {
  if (path === '/api/auth.test') return success({ team: 'Acme' });
  if (path === '/api/conversations.list')
    return success({ channels: [{ id: 'C000', name: 'sales' }], response_metadata: { next_cursor: '' } });
  if (!hasContent(content)) return refusal('no_text');
  if (path === '/api/chat.update') return update(content, messages);
  const { channel, thread_ts: thread } = content;
  if (typeof channel !== 'string' || !/^(#[a-z]+|C[\w-]+)$/.test(channel))
    return refusal('channel_not_found');
  if (thread !== undefined && !messages.some(({ ts }) => ts === thread)) return refusal('thread_not_found');
  const posted = post(channel.replace(/^#/, 'C-'), content);
  return success({ channel: posted.channel, ts: posted.ts });
}

function update(content: JsonObject, messages: Posted[]): StandInAnswer {
  const earlier = messages.find(({ ts, channel }) => ts === content.ts && channel === content.channel);
  if (earlier === undefined) return refusal('message_not_found');
  Object.assign(earlier, content);
  return success({ channel: earlier.channel, ts: earlier.ts });
}

function hasContent({ text, blocks }: JsonObject): boolean {
  return (typeof text === 'string' && text !== '') || (Array.isArray(blocks) && blocks.length > 0);
}

const success = (fields: Record<string, Json>) => answer(200, { ok: true, ...fields });
const refusal = (error: string) => answer(200, { ok: false, error });

const text = '*{{ input_variables.customer_name }}*: {{ extracted_variables.summary }}';
const blocks = [{ type: 'section', text: { type: 'mrkdwn', text } }];
const fixed = ['channel', 'thread', 'blocks.0.type', 'blocks.0.text.type'];

export const standIn: StandInKind = {
  kind: 'slack',
  create: createSlack,
  options: (url) => ({ bot_token: TOKEN, channel: '#sales', base_url: url }),
  cases: [
    {
      ...{ name: 'message by an incoming webhook', operation: 'message', repeat: 'marked', fixed },
      options: {
        webhook_url: `http://127.0.0.1:9${HOOK}`,
        bot_token: undefined,
        channel: undefined,
      } as never,
      with: { text, blocks },
    },
    { name: 'message of a bot', operation: 'message', repeat: 'marked', fixed, with: { text, blocks } },
    {
      ...{ name: 'message in the thread of a contact', operation: 'message', repeat: 'marked', fixed },
      with: { text, channel: "{{ assistant_phone | lookup: 'channels' }}", thread: 'contact' },
    },
    {
      name: 'message that edits an earlier one',
      operation: 'message',
      repeat: 'marked',
      fixed,
      with: { text, update: true },
    },
  ],
  throttled: {
    answer: { status: 429, headers: { 'retry-after': '7' }, body: 'ratelimited' },
    afterMs: 7_000,
  },
  rejected: { answer: { status: 404, body: 'channel_not_found' }, words: 'channel_not_found' },
  unauthorized: { status: 401, body: 'invalid_auth' },
  isWrite: ({ path }) => path === HOOK || path.startsWith('/api/chat.'),
  // Only `<…>` makes a mention, a channel or a link of words; entities are shown as the characters they name.
  marksOf: (sent) => sent.match(/<[^>]*>/g) ?? [],
};
