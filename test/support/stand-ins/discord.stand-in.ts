import { type Json, type JsonObject, isJsonObject } from '../../../src/lib/json.js';
import { answer, type StandIn, type StandInAnswer, type StandInKind } from './stand-in.js';

const HOOK = '/api/webhooks/1310000000000000007/hushhush';

/** One webhook of one channel. */
function createDiscord(): StandIn {
  const messages: JsonObject[] = [];
  return {
    records: () => messages,
    handle: ({ method, path, query, json }) => {
      if (path !== HOOK) return refusal(404, 'Unknown Webhook', 10015);
      if (method === 'GET') return answer(200, { id: '1310000000000000007', name: 'Acme calls' });
      const problem = problemOf(isJsonObject(json) ? json : {});
      if (problem !== null) return problem;
      const posted = { ...(json as JsonObject), id: String(messages.length + 1), channel_id: '13' };
      messages.push(posted);
      return query.get('wait') === 'true' ? answer(200, posted) : answer(204);
    },
  };
}

function problemOf(content: JsonObject): StandInAnswer | null {
  const { content: text = '', embeds = [], allowed_mentions: mentions } = content;
  const unknown = unknownKey(content, ['content', 'embeds', 'allowed_mentions', 'flags']);
  if (unknown !== null) return invalid(unknown, 'Unknown field');
  if (typeof text !== 'string' || [...text].length > 2_000)
    return invalid('content', 'Must be 2000 or fewer in length.');
  if (!isJsonObject(mentions) || JSON.stringify(mentions.parse) !== '[]')
    return invalid('allowed_mentions', 'pings people');
  if (!Array.isArray(embeds) || embeds.length > 10)
    return invalid('embeds', 'Must be 10 or fewer in length.');
  if (text.trim() === '' && embeds.length === 0) return refusal(400, 'Cannot send an empty message', 50006);
  const problem = embeds.map(embedProblem).find((each) => each !== null);
  if (problem !== undefined) return invalid('embeds', problem);
  return lengthOf(embeds) > 6_000 ? invalid('embeds', 'Embed size exceeds maximum size of 6000') : null;
}

function embedProblem(embed: Json): string | null {
  if (!isJsonObject(embed)) return 'Only dictionaries may be used';
  const { title = '', description = '', color = 0, fields = [] } = embed;
  if (unknownKey(embed, ['title', 'description', 'color', 'fields']) !== null) return 'Unknown field';
  if (!isShort(title, 0, 256) || !isShort(description, 0, 4_096) || typeof color !== 'number')
    return 'Must be shorter';
  if (!Array.isArray(fields) || fields.length > 25) return 'Must be 25 or fewer in length.';
  const areGood = fields.every(
    (field) =>
      isJsonObject(field) &&
      unknownKey(field, ['name', 'value', 'inline']) === null &&
      isShort(field.name, 1, 256) &&
      isShort(field.value, 1, 1_024),
  );
  return areGood ? null : 'This field is required';
}

function isShort(text: Json | undefined, min: number, max: number): boolean {
  return typeof text === 'string' && text.length >= min && text.length <= max;
}

function lengthOf(value: Json): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + lengthOf(each), 0);
}

function unknownKey(object: JsonObject, known: string[]): string | null {
  return Object.keys(object).find((key) => !known.includes(key)) ?? null;
}

const refusal = (status: number, message: string, code: number) => answer(status, { message, code });
const invalid = (field: string, message: string) =>
  answer(400, {
    ...{ message: 'Invalid Form Body', code: 50035 },
    errors: { [field]: { _errors: [{ code: 'INVALID', message }] } },
  });

/** Addresses as they are read are links that show where they lead, and have no Markdown inside. */
function marksOf(sent: string): string[] {
  const plain = sent
    .replace(/\\[^0-9A-Za-z\s]/g, '')
    .replace(/https?:\/\/[\w-]+(\.[\w-]+)+[^\s<_*~|]*/gi, '');
  return [
    ...(plain.match(/<[@#:!/a-z][^>]*>|@(everyone|here)|\[[^\]]*\]\([^)]*\)/gi) ?? []),
    ...(plain.match(/\*+|_+|~~|\|\||`+/g) ?? []),
    ...(plain.match(/^\s*(#{1,3} |-# |>{1,3} ?|[-*+] |\d+\. )/gm) ?? []),
  ];
}

const text = '{{ input_variables.customer_name }}: {{ extracted_variables.summary }}';
const embeds = [
  {
    title: '{{ input_variables.customer_name }}',
    description: '{{ extracted_variables.summary }}',
    color: '#2ecc71',
    fields: [{ name: 'City', value: '{{ lead.variables.city }}', inline: true }],
  },
];

export const standIn: StandInKind = {
  kind: 'discord',
  create: createDiscord,
  options: () => ({ webhook_url: `http://127.0.0.1:9${HOOK}` }),
  cases: [
    { name: 'message', operation: 'message', repeat: 'marked', with: { text } },
    {
      ...{ name: 'message with embeds', operation: 'message', repeat: 'marked' },
      ...{ with: { text, embeds }, fixed: ['embeds.0.color'] },
    },
    {
      ...{ name: 'message that is cut', operation: 'message', repeat: 'marked' },
      ...{
        data: { long: '*_👋'.repeat(4_000) },
        fixed: ['text', 'embeds.0.title', 'embeds.0.description', 'embeds.1.description'],
      },
      with: {
        text: '{{ long }}',
        embeds: [{ title: '{{ long }}', description: '{{ long }}' }, { description: '{{ long }}' }],
      },
    },
  ],
  throttled: {
    answer: answer(429, { message: 'You are being rate limited.', retry_after: 7.25, global: false }),
    afterMs: 7_250,
  },
  rejected: { answer: refusal(403, 'Missing Permissions', 50013), words: 'Missing Permissions' },
  unauthorized: refusal(401, 'Invalid Webhook Token', 50027),
  marksOf,
};
