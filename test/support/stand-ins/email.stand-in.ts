import { type Json, type JsonObject, isJsonObject } from '../../../src/lib/json.js';
import {
  answer,
  type StandIn,
  type StandInAnswer,
  type StandInKind,
  type StandInRequest,
} from './stand-in.js';

const KEY = 're_hushhush';
const FIELDS = ['from', 'to', 'cc', 'reply_to', 'subject', 'text', 'html', 'headers', 'attachments'];

interface Sent {
  id: string;
  key: string;
  body: string;
}

/** An account at Resend with one verified domain. Mail servers have sinks of their own. */
function createResend(): StandIn {
  const mails: Sent[] = [];
  return {
    records: () => mails,
    handle: (request) => {
      if (request.headers.authorization !== `Bearer ${KEY}`)
        return refusal(401, 'validation_error', 'API key is invalid');
      if (request.headers['user-agent'] === '') return refusal(403, '1010', 'User-Agent is missing');
      if (request.path === '/domains')
        return answer(200, { data: [{ name: 'example.com', status: 'verified' }] });
      if (request.path !== '/emails' || request.method !== 'POST')
        return refusal(405, 'method_not_allowed', 'Method is not allowed');
      return accept(request, mails);
    },
  };
}

function accept({ json, body, headers }: StandInRequest, mails: Sent[]): StandInAnswer {
  const { 'idempotency-key': key = '' } = headers;
  if (key.length < 1 || key.length > 256)
    return refusal(400, 'invalid_idempotency_key', 'The key must be between 1-256 chars');
  const earlier = mails.find((mail) => mail.key === key);
  if (earlier !== undefined && earlier.body !== body)
    return refusal(409, 'invalid_idempotent_request', 'This key was used with another payload');
  const problem = problemOf(isJsonObject(json) ? json : {});
  if (problem !== null) return refusal(422, 'validation_error', problem);
  if (earlier !== undefined) return answer(200, { id: earlier.id });
  const mail = { id: `49a3999c-0ce1-4ea6-ab68-${String(mails.length + 1).padStart(12, '0')}`, key, body };
  mails.push(mail);
  return answer(200, { id: mail.id });
}

function problemOf(mail: JsonObject): string | null {
  const { from, to, cc = [], reply_to: replyTo, subject, text, html, headers = {}, attachments = [] } = mail;
  const unknown = Object.keys(mail).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) return `Unknown field ${unknown}`;
  if (!isAddress(from) || !JSON.stringify(from).includes('@example.com')) return 'The domain is not verified';
  if (!isAddresses(to, 1) || !isAddresses(cc, 0)) return 'Invalid `to` or `cc` field';
  if (replyTo !== undefined && !isAddress(replyTo)) return 'Invalid `reply_to` field';
  if (typeof subject !== 'string' || /[\r\n]/.test(subject)) return 'Missing `subject` field';
  if (typeof text !== 'string' && typeof html !== 'string') return 'Missing `html` or `text` field';
  if (!isJsonObject(headers) || !Object.values(headers).every(isHeader)) return 'Invalid `headers` field';
  return Array.isArray(attachments) && attachments.every(isAttachment) ? null : 'Invalid `attachments` field';
}

function isAddress(value: Json | undefined): boolean {
  return typeof value === 'string' && /^([^<>@,\r\n]*<)?[^\s<>@,]+@[^\s<>@,]+>?$/.test(value);
}

function isAddresses(value: Json | undefined, min: number): boolean {
  return Array.isArray(value) && value.length >= min && value.length <= 50 && value.every(isAddress);
}

function isHeader(value: Json): boolean {
  return typeof value === 'string' && !/[\r\n]/.test(value);
}

function isAttachment(value: Json): boolean {
  if (!isJsonObject(value) || Object.keys(value).sort().join() !== 'content,content_type,filename')
    return false;
  const { filename, content } = value;
  const isBase64 = typeof content === 'string' && /^[\w+/]+={0,2}$/.test(content);
  return typeof filename === 'string' && /\.txt$/.test(filename) && isBase64;
}

const refusal = (statusCode: number, name: string, message: string) =>
  answer(statusCode, { statusCode, name, message });

/** HTML has tags and entities, and a header ends with its line; plain text and files are shown as they are. */
function marksOf(sent: string, field: string): string[] {
  if (field === 'html') return sent.replace(/&(amp|lt|gt|quot|#39);/g, '').match(/[<>&"']/g) ?? [];
  if (field === 'text' || field === 'content') return [];
  const ends = field === 'filename' ? /[\u0000-\u001f\u007f/\\"]|\.(?!txt$)\w+$/g : /[\u0000-\u001f\u007f]/g;
  return sent.match(ends) ?? [];
}

const subject = 'Call of {{ input_variables.customer_name }}';
const text = '{{ extracted_variables.summary }}';
const html = '<p>{{ extracted_variables.summary }}</p>';
const attachments = [{ name: 'Call {{ id }}', text: '{{ formatted_transcript }}' }];

export const standIn: StandInKind = {
  kind: 'email',
  create: createResend,
  options: (url) => ({ resend_api_key: KEY, from: 'Acme calls <calls@example.com>', base_url: url }),
  cases: [
    {
      ...{ name: 'a mail to colleagues', operation: 'send', fixed: ['to.0', 'to.1', 'cc', 'reply_to'] },
      with: {
        ...{ to: ['sales@example.com', 'Joe <joe@example.com>'], cc: 'ops@example.com' },
        ...{ reply_to: '{{ lead.variables.email }}', subject, text, html, attachments },
      },
    },
    {
      ...{ name: 'a mail to the contact', operation: 'send_to_contact', fixed: ['to', 'unsubscribe_url'] },
      with: {
        ...{ to: '{{ lead.variables.email }}', subject, html },
        unsubscribe_url: 'https://example.com/stop?call={{ id }}',
      },
    },
  ],
  throttled: {
    answer: { ...refusal(429, 'rate_limit_exceeded', 'Too many requests'), headers: { 'retry-after': '7' } },
    afterMs: 7_000,
  },
  rejected: {
    answer: refusal(403, 'validation_error', 'The example.com domain is not verified'),
    words: 'The example.com domain is not verified',
  },
  unauthorized: refusal(401, 'validation_error', 'API key is invalid'),
  marksOf,
};
