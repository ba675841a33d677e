import { type Json, type JsonObject, isJsonObject } from '../../../src/lib/json.js';
import { answer, type StandIn, type StandInAnswer, type StandInKind } from './stand-in.js';

const PATH = '/workflows/0a1b2c/triggers/manual/paths/invoke';
const SIGNATURE = 'hushhush';
const MAX_BYTES = 28 * 1_024;

/** One workflow, which posts to one channel. */
function createTeams(): StandIn {
  const posts: Json[] = [];
  return {
    records: () => posts,
    handle: ({ path, query, body, json }) => {
      if (path !== PATH) return refusal(404, 'WorkflowNotFound');
      if (query.get('sig') !== SIGNATURE) return refusal(401, 'AuthorizationFailed');
      if (Buffer.byteLength(body) > MAX_BYTES) return refusal(413, 'RequestEntityTooLarge');
      if (!isMessage(json ?? null)) return refusal(400, 'TriggerInputSchemaMismatch');
      posts.push(json ?? null);
      return answer(202);
    },
  };
}

function isMessage(message: Json): boolean {
  if (!isJsonObject(message) || !hasOnly(message, ['type', 'attachments'])) return false;
  const [attachment, ...more] = Array.isArray(message.attachments) ? message.attachments : [];
  if (message.type !== 'message' || more.length > 0 || !isJsonObject(attachment)) return false;
  if (attachment.contentType !== 'application/vnd.microsoft.card.adaptive') return false;
  return isJsonObject(attachment.content) && isCard(attachment.content);
}

function isCard(card: JsonObject): boolean {
  const { type, version, body, msteams } = card;
  if (!hasOnly(card, ['$schema', 'type', 'version', 'body', 'msteams'])) return false;
  if (type !== 'AdaptiveCard' || version !== '1.4' || JSON.stringify(msteams) !== '{"width":"Full"}')
    return false;
  return Array.isArray(body) && body.length > 0 && body.every((element) => isElement(element));
}

function isElement(element: Json): boolean {
  if (!isJsonObject(element)) return false;
  if (element.type === 'TextBlock')
    return (
      hasOnly(element, ['type', 'text', 'wrap', 'size', 'weight', 'isSubtle']) &&
      typeof element.text === 'string' &&
      element.text !== ''
    );
  const { type, facts } = element;
  return type === 'FactSet' && Array.isArray(facts) && facts.length > 0 && facts.every(isFact);
}

function isFact(fact: Json): boolean {
  return isJsonObject(fact) && typeof fact.title === 'string' && typeof fact.value === 'string';
}

function hasOnly(object: JsonObject, known: string[]): boolean {
  return Object.keys(object).every((key) => known.includes(key));
}

function refusal(status: number, code: string): StandInAnswer {
  return answer(status, { error: { code, message: `The workflow answers ${code}.` } });
}

/** What a card makes of Markdown, functions of dates and tags for mentions; backslashes show the sign after them. */
function marksOf(sent: string): string[] {
  const plain = sent.replace(/\\[!-/:-@[-`{-~]/g, '').replace(/https?:\/\/[\w-]+(\.[\w-]+)+[^\s<_*]*/gi, '');
  return [
    ...(plain.match(/\[[^\]]*\]\([^)]*\)|<\/?[a-z!][^>]*>|\{\{(DATE|TIME)\(/gi) ?? []),
    ...(plain.match(/\*+|_+|`+/g) ?? []),
    ...(plain.match(/^\s*(#{1,6} |> ?|[-*+] |\d+[.)] |=+$|-{3,}$)/gm) ?? []),
  ];
}

const title = 'Call of {{ input_variables.customer_name }}';
const text = '{{ extracted_variables.summary }}';
const facts = { City: '{{ lead.variables.city }}', Seconds: '{{ duration }}' };

export const standIn: StandInKind = {
  kind: 'teams',
  create: createTeams,
  options: () => ({ webhook_url: `http://127.0.0.1:9${PATH}?api-version=2016-06-01&sig=${SIGNATURE}` }),
  cases: [
    { name: 'message', operation: 'message', repeat: 'marked', with: { text } },
    { name: 'message with facts', operation: 'message', repeat: 'marked', with: { title, text, facts } },
    {
      ...{ name: 'message that is cut', operation: 'message', repeat: 'marked' },
      ...{ data: { long: '*_👋\n'.repeat(6_000) }, fixed: ['title', 'text', 'facts.City'] },
      with: { title, text: '{{ long }}', facts: { City: '{{ long }}' } },
    },
  ],
  throttled: {
    answer: { ...refusal(429, 'RateLimitExceeded'), headers: { 'retry-after': '7' } },
    afterMs: 7_000,
  },
  rejected: {
    answer: refusal(400, 'TriggerInputSchemaMismatch'),
    words: 'TriggerInputSchemaMismatch',
  },
  unauthorized: refusal(401, 'AuthorizationFailed'),
  marksOf,
};
