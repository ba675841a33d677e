import { z } from 'zod';
import { type JsonObject } from '../../lib/json.js';
import { fieldFormat } from '../adapter.js';
import { cleanText, SENT_AGAIN } from '../colleague-message.js';
import { cutMarkdown } from '../cut-text.js';
import { embeds, readEmbeds } from './embeds.js';

const MAX_CONTENT = 2_000;
/** No previews of links: they are the caller's words. It would hide embeds of our own as well. */
const SUPPRESS_EMBEDS = 4;

export const message = z
  .strictObject({
    text: fieldFormat('markdown', z.string().optional()).describe(
      'Message in Markdown; output of templates is escaped',
    ),
    embeds: embeds.optional().describe('Boxes below the text, at most 10'),
  })
  .refine((input) => Boolean(input.text) || Boolean(input.embeds?.length), 'needs text or embeds');

/** What is posted, or a sentence where the input gives no message. */
export function readMessage(input: JsonObject, mayHaveArrived: boolean): JsonObject | string {
  const text = cleanText(input.text);
  const boxes = readEmbeds(input.embeds);
  if (text === '' && boxes.length === 0) return 'the message has neither text nor embeds';
  const content = mayHaveArrived ? markedAsAgain(text) : cutMarkdown(text, MAX_CONTENT);
  return {
    ...(content !== '' && { content }),
    ...(boxes.length > 0 ? { embeds: boxes } : { flags: SUPPRESS_EMBEDS }),
    // Whatever the text says, nobody is pinged.
    allowed_mentions: { parse: [] },
  };
}

/** Discord cannot tell a repeated message from a new one, so people must be able to. */
function markedAsAgain(text: string): string {
  const mark = `_${SENT_AGAIN}_`;
  return text === '' ? mark : `${cutMarkdown(text, MAX_CONTENT - mark.length - 1)}\n${mark}`;
}
