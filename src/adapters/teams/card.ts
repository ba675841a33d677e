import { type JsonObject } from '../../lib/json.js';
import { SENT_AGAIN } from '../colleague-message.js';
import { cutMarkdown } from '../cut-text.js';
import { type Message } from './message.js';

/** Teams takes 28 KB; what the workflow and Teams put around a card is not ours to count. */
const MAX_BYTES = 27_000;

/** The message as the workflow takes it, its text cut where the card would be too large. */
export function fittedCard(message: Message, mayHaveArrived: boolean): string {
  const withText = (max: number) =>
    JSON.stringify(cardOf({ ...message, text: cutMarkdown(message.text, max) }, mayHaveArrived));
  const isFitting = (max: number) => Buffer.byteLength(withText(max)) <= MAX_BYTES;
  if (isFitting(message.text.length)) return withText(message.text.length);
  let [fits, tooLong] = [0, Math.min(message.text.length, MAX_BYTES)];
  while (tooLong - fits > 1) {
    const between = Math.floor((fits + tooLong) / 2);
    if (isFitting(between)) fits = between;
    else tooLong = between;
  }
  return withText(fits);
}

/** Nothing but blocks of text: without `entities` no name in it becomes a mention. */
function cardOf({ title, text, facts }: Message, mayHaveArrived: boolean): JsonObject {
  const body = [
    ...(title === '' ? [] : [textBlock(title, { size: 'Large', weight: 'Bolder' })]),
    ...(text === '' ? [] : [textBlock(text)]),
    ...(facts.length === 0 ? [] : [{ type: 'FactSet', facts: facts.map((fact) => ({ ...fact })) }]),
    ...(mayHaveArrived ? [textBlock(SENT_AGAIN, { isSubtle: true })] : []),
  ];
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    ...{ type: 'AdaptiveCard', version: '1.4', body, msteams: { width: 'Full' } },
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}

function textBlock(text: string, look: JsonObject = {}): JsonObject {
  return { type: 'TextBlock', text: withLines(text), wrap: true, ...look };
}

/** A single line break shows as a space, save before the entries of a list, where a double one would indent them. */
function withLines(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/(?<!\n)\n(?!\n|[ \t]*(?:[-*]|\d+\.) )/g, '\n\n');
}
