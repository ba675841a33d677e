import { type Json, type JsonObject, isJsonObject } from '../../../src/lib/json.js';
import { answer, type StandIn, type StandInAnswer, type StandInKind } from './stand-in.js';

const TOKEN = '123456:hushhush';
const CHATS = ['-1001234567890', '@sales_calls'];
const FIELDS = ['chat_id', 'text', 'parse_mode', 'link_preview_options'];
const TAGS = ['b', 'strong', 'i', 'em', 'u', 's', 'a', 'code', 'pre', 'blockquote', 'tg-spoiler'];

/** One bot, which is in two chats. */
function createTelegram(): StandIn {
  const messages: JsonObject[] = [];
  return {
    records: () => messages,
    handle: ({ path, query, json }) => {
      const [, bot, method] = path.split('/');
      if (bot !== `bot${TOKEN}`) return refusal(401, 'Unauthorized');
      if (method === 'getMe') return success({ id: 123456, is_bot: true, username: 'acme_calls_bot' });
      if (method === 'getChat') return chatOf(query.get('chat_id') ?? '');
      if (method !== 'sendMessage') return refusal(404, 'Not Found');
      return post(isJsonObject(json) ? json : {}, messages);
    },
  };
}

function chatOf(chat: string): StandInAnswer {
  return CHATS.includes(chat) ? success({ id: -1001234567890 }) : badRequest('chat not found');
}

function post(content: JsonObject, messages: JsonObject[]): StandInAnswer {
  const problem = problemOf(content);
  if (problem !== null) return badRequest(problem);
  const posted = {
    ...content,
    message_id: messages.length + 1,
    chat: { id: -1001234567890, type: 'supergroup' },
  };
  messages.push(posted);
  return success(posted);
}

function problemOf(content: JsonObject): string | null {
  const { chat_id: chat, text, parse_mode: mode, link_preview_options: preview } = content;
  const unknown = Object.keys(content).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) return `unknown field ${unknown}`;
  if (typeof chat !== 'string' || !CHATS.includes(chat)) return 'chat not found';
  if (typeof text !== 'string' || mode !== 'HTML') return 'message text is empty';
  if (!isJsonObject(preview) || preview.is_disabled !== true) return 'link previews are on';
  if (/\p{Surrogate}/u.test(text)) return 'strings must be encoded in UTF-8';
  const shown = shownText(text);
  if (shown.trim() === '') return 'message text is empty';
  return shown.length > 4096 ? 'message is too long' : tagProblem(text);
}

/** As the server reads tags: known ones, each closed in turn. */
function tagProblem(html: string): string | null {
  const open: string[] = [];
  for (const [tag, slash, name = ''] of html.matchAll(/<(\/?)([^\s<>/]*)[^<>]*>?/g)) {
    if (!tag.endsWith('>')) return "can't parse entities: Unclosed start tag";
    if (!TAGS.includes(name)) return `can't parse entities: Unsupported start tag "${name}"`;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) return "can't parse entities: Unmatched end tag";
  }
  return open.length === 0 ? null : `can't parse entities: Can't find end tag "${open.at(-1)}"`;
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };

function shownText(html: string): string {
  return html
    .replace(/<[^<>]*>/g, '')
    .replace(/&(?:#(\d+)|([a-z]+));/g, (whole, code?: string, name?: string) =>
      code === undefined ? (NAMED[name ?? ''] ?? whole) : String.fromCodePoint(Number(code)),
    );
}

const success = (result: Json) => answer(200, { ok: true, result });
const refusal = (code: number, description: string) =>
  answer(code, { ok: false, error_code: code, description });
const badRequest = (what: string) => refusal(400, `Bad Request: ${what}`);

/** Addresses as they are read are links that show where they lead; the rest is what clients make lively. */
function marksOf(sent: string): string[] {
  const words = shownText(sent).replace(/https?:\/\/[\w-]+(\.[\w-]+)+\S*/gi, '');
  return [
    ...(sent.match(/<[^>]*>/g) ?? []),
    ...(words.match(/(?<![\p{L}\p{N}_])@\w+/gu) ?? []),
    ...(words.match(/(?<![\p{L}\p{N}_/<>])\/\w+/gu) ?? []),
  ];
}

const text = 'Call of {{ input_variables.customer_name }}';
const html = '<b>{{ input_variables.customer_name }}</b>: {{ extracted_variables.summary }}';

export const standIn: StandInKind = {
  kind: 'telegram',
  create: createTelegram,
  options: (url) => ({ bot_token: TOKEN, chat_id: '-1001234567890', base_url: url }),
  cases: [
    { name: 'message in HTML', operation: 'message', repeat: 'marked', with: { html } },
    { name: 'message as plain text', operation: 'message', repeat: 'marked', with: { text } },
    {
      ...{ name: 'message to a chat of its own', operation: 'message', repeat: 'marked', fixed: ['chat'] },
      with: { text, html, chat: '@sales_calls' },
    },
    {
      ...{ name: 'message that is cut', operation: 'message', repeat: 'marked' },
      data: { transcript_text: '<&>"👋'.repeat(1_500) },
      with: { html: '<b><i>{{ transcript_text }}</i></b>' },
    },
  ],
  throttled: {
    answer: {
      status: 429,
      body: {
        ok: false,
        error_code: 429,
        description: 'Too Many Requests: retry after 7',
        parameters: { retry_after: 7 },
      },
    },
    afterMs: 7_000,
  },
  rejected: { answer: badRequest('chat not found'), words: 'chat not found' },
  unauthorized: refusal(401, 'Unauthorized'),
  marksOf,
};
