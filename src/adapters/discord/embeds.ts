import { z } from 'zod';
import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { fieldFormat } from '../adapter.js';
import { MarkdownRoom } from '../markdown-room.js';

/** Of one message: embeds, fields of each, and characters over all of them. */
const MAX_EMBEDS = 10;
const MAX_FIELDS = 25;
const MAX_CHARACTERS = 6_000;
const MAX_TITLE = 256;
const MAX_DESCRIPTION = 4_096;
const MAX_VALUE = 1_024;

const field = z.strictObject({
  name: z.string().describe('What it is'),
  value: z.string().describe('What it says'),
  inline: z.boolean().optional().describe('true: beside others'),
});

const embed = z.strictObject({
  title: z.string().optional().describe('One line'),
  description: z.string().optional().describe('Text in Markdown'),
  color: fieldFormat(
    'text',
    z
      .string()
      .regex(/^#[\da-f]{6}$/i)
      .optional(),
  ).describe('Of the bar at its side, e.g. "#2ecc71"'),
  fields: z.array(field).max(MAX_FIELDS).optional().describe('Names with values'),
});

export const embeds = fieldFormat('markdown', z.array(embed).max(MAX_EMBEDS));

/** The embeds as Discord wants them, each text cut at its limit; what no room is left for is left out. */
export function readEmbeds(given: Json | undefined): JsonObject[] {
  const room = new MarkdownRoom(MAX_CHARACTERS);
  const list = Array.isArray(given) ? given : [];
  return list.filter(isJsonObject).flatMap((each) => {
    const read = readEmbed(each, room);
    return Object.keys(read).some((name) => name !== 'color') ? [read] : [];
  });
}

function readEmbed({ title, description, color, fields }: JsonObject, room: MarkdownRoom): JsonObject {
  const shownTitle = room.take(title, MAX_TITLE);
  const shownDescription = room.take(description, MAX_DESCRIPTION);
  const shownFields = (Array.isArray(fields) ? fields : [])
    .filter(isJsonObject)
    .flatMap((each) => readField(each, room));
  return {
    ...(shownTitle !== '' && { title: shownTitle }),
    ...(shownDescription !== '' && { description: shownDescription }),
    ...(typeof color === 'string' && { color: parseInt(color.slice(1), 16) }),
    ...(shownFields.length > 0 && { fields: shownFields }),
  };
}

/** Discord refuses a field without a name or a value, and with it the whole message. */
function readField({ name, value, inline }: JsonObject, room: MarkdownRoom): JsonObject[] {
  const shownName = room.take(name, MAX_TITLE);
  const shownValue = shownName === '' ? '' : room.take(value, MAX_VALUE);
  if (shownValue === '') return [];
  return [{ name: shownName, value: shownValue, ...(inline === true && { inline }) }];
}
