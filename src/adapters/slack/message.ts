import { z } from 'zod';
import { type Json, type JsonObject } from '../../lib/json.js';
import { fieldFormat } from '../adapter.js';
import { checkReaders, SENT_AGAIN } from '../colleague-message.js';
import { cutMarkup } from '../cut-text.js';

/** Slack cuts longer texts itself, without saying so. */
const MAX_TEXT = 40_000;

export const message = z
  .strictObject({
    text: fieldFormat('slack', z.string().optional()).describe(
      'Message in mrkdwn; with blocks: what notifications show',
    ),
    blocks: fieldFormat('blocks', z.union([z.array(z.unknown()), z.string()]).optional()).describe(
      'Block Kit: a list, or a Liquid template that gives one',
    ),
    channel: z
      .string()
      .min(1)
      .optional()
      .describe("With bot_token: in place of that of the destination; fixed, or by lookup: '<table>'"),
    thread: z
      .literal('contact')
      .optional()
      .describe('contact: replies to the first message about the same contact. With bot_token'),
    update: z
      .boolean()
      .optional()
      .describe('true: edits the message that this action sent for an earlier revision. With bot_token'),
  })
  .refine((input) => Boolean(input.text) || input.blocks !== undefined, 'needs text or blocks');

export interface Message {
  text?: string;
  blocks?: Json[];
}

/** Exactly `text` and `blocks`, each only where given; a sentence where the input gives no message. */
export function readMessage(input: JsonObject): Message | string {
  const text =
    typeof input.text === 'string' && input.text !== '' ? cutMarkup(input.text, MAX_TEXT) : undefined;
  const blocks = typeof input.blocks === 'string' ? parseJson(input.blocks) : input.blocks;
  if (blocks !== undefined && !Array.isArray(blocks))
    return 'blocks is no list; expected a list of Block Kit blocks';
  if (text === undefined && blocks === undefined) return 'the message has neither text nor blocks';
  return { ...(text !== undefined && { text }), ...(blocks !== undefined && { blocks }) };
}

const AGAIN = `_${SENT_AGAIN}_`;

/** Slack cannot tell a repeated message from a new one, so people must be able to. */
export function markAsAgain({ text, blocks }: Message): Message {
  const note = { type: 'context', elements: [{ type: 'mrkdwn', text: AGAIN }] };
  return {
    text: text === undefined ? AGAIN : `${text}\n${AGAIN}`,
    ...(blocks !== undefined && { blocks: [...blocks, note] }),
  };
}

/** The channel is who reads it. */
export function checkMessage(content: JsonObject): { path: string; problem: string }[] {
  return checkReaders(content, 'channel');
}

export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
