import { z } from 'zod';
import { type JsonObject } from '../../lib/json.js';
import { fieldFormat, type SendRequest } from '../adapter.js';
import { checkReaders, cleanText, SENT_AGAIN } from '../colleague-message.js';
import { CHAT, type TelegramOptions } from './telegram-options.js';
import { cutHtml, escapeHtml, withoutMentions } from './telegram-html.js';

/** What Telegram shows of one message. */
const MAX_SHOWN = 4_096;

export const message = z
  .strictObject({
    text: z.string().optional().describe('Message as plain text; stands above html where both are given'),
    html: fieldFormat('html', z.string().optional()).describe(
      "Message in Telegram's HTML (b, i, u, s, a, code, pre, blockquote, …); output of templates is escaped",
    ),
    chat: z
      .union([z.string().min(1), z.int()])
      .optional()
      .describe("In place of chat_id of the destination; fixed, or by lookup: '<table>'"),
  })
  .refine((input) => Boolean(input.text) || Boolean(input.html), 'needs text or html');

/** The chat is who reads it. */
export function checkMessage(content: JsonObject): { path: string; problem: string }[] {
  return checkReaders(content, 'chat');
}

/** What is posted, or a sentence where the input gives no message. */
export function readMessage({
  input,
  options,
  mayHaveArrived,
}: SendRequest<TelegramOptions>): JsonObject | string {
  const { chat: own } = input;
  const chat = String(typeof own === 'string' || typeof own === 'number' ? own : options.chat_id);
  if (!CHAT.test(chat)) return 'chat is none; expected an id such as "-1001234567890", or "@name"';
  const parts = [escapeHtml(cleanText(input.text)), cleanText(input.html)].filter((part) => part !== '');
  if (parts.length === 0) return 'the message has neither text nor html';
  return {
    chat_id: chat,
    text: fitted(parts.join('\n'), mayHaveArrived),
    parse_mode: 'HTML',
    // Links in a summary are the caller's words: no preview of whatever they lead to.
    link_preview_options: { is_disabled: true },
  };
}

/** Telegram cannot tell a repeated message from a new one, so people must be able to. */
function fitted(html: string, mayHaveArrived: boolean): string {
  const mark = mayHaveArrived ? `\n${SENT_AGAIN}` : '';
  const body = cutHtml(withoutMentions(html), MAX_SHOWN - mark.length);
  return mark === '' ? body : `${body}\n<i>${SENT_AGAIN}</i>`;
}
