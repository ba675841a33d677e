import { z } from 'zod';
import { type JsonObject, isJsonObject } from '../../lib/json.js';
import { fieldFormat } from '../adapter.js';
import { cleanText } from '../colleague-message.js';
import { MarkdownRoom } from '../markdown-room.js';

const markdown = fieldFormat('markdown', z.string().optional());

export const message = z
  .strictObject({
    title: markdown.describe('One line above the text'),
    text: markdown.describe(
      'Message in Markdown (bold, italic, lists, links); output of templates is escaped',
    ),
    facts: fieldFormat(
      'markdown',
      z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    ).describe('Names with values, as a table below the text'),
  })
  .refine(
    ({ title, text, facts }) => Boolean(title) || Boolean(text) || Object.keys(facts ?? {}).length > 0,
    'needs title, text or facts',
  );

/** What a card shows. */
export interface Message {
  title: string;
  text: string;
  facts: { title: string; value: string }[];
}

const MAX_TITLE = 256;
const MAX_NAME = 100;
const MAX_VALUE = 1_000;
/** Over all facts, so that they alone never fill a card: a character takes six bytes at most. */
const MAX_FACTS = 4_000;

/** The message with short texts cut, or a sentence where the input gives none. */
export function readMessage({ title, text, facts }: JsonObject): Message | string {
  const room = new MarkdownRoom(MAX_FACTS);
  const read: Message = {
    title: new MarkdownRoom(MAX_TITLE).take(title, MAX_TITLE),
    text: cleanText(text),
    facts: Object.entries(isJsonObject(facts) ? facts : {}).flatMap(([name, value]) => {
      const shown = room.take(typeof value === 'string' ? value : JSON.stringify(value), MAX_VALUE);
      return shown === '' ? [] : [{ title: room.take(name, MAX_NAME), value: shown }];
    }),
  };
  const isEmpty = read.title === '' && read.text === '' && read.facts.length === 0;
  return isEmpty ? 'the message has neither title nor text nor facts' : read;
}
