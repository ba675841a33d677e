import { type JsonObject } from '../../../src/lib/json.js';
import {
  answer,
  type StandIn,
  type StandInAnswer,
  type StandInKind,
  type StandInRequest,
} from './stand-in.js';

const SID = 'AC00000000000000000000000000000001';
const TOKEN = 'hushhush-token';
const LOGIN = `Basic ${Buffer.from(`${SID}:${TOKEN}`).toString('base64')}`;
const FROM = '+14155550123';
const SERVICE = 'MG00000000000000000000000000000001';
const CONTACT = '+4366412345678';
const FIELDS = ['To', 'Body', 'From', 'MessagingServiceSid'];

/** An account with one number and one messaging service. The contact got the same text a week ago. */
function createTwilio(): StandIn {
  const older = { body: 'Hello Jane Doe, see you soon!', date_created: 'Mon, 16 Nov 2026 12:00:01 +0000' };
  const messages: JsonObject[] = [{ sid: 'SM0', to: CONTACT, ...older }];
  return {
    records: () => messages.slice(1),
    handle: (request) => {
      if (request.headers.authorization !== LOGIN) return refusal(401, 20003, 'Authenticate');
      if (request.path !== `/2010-04-01/Accounts/${SID}/Messages.json`)
        return refusal(404, 20404, 'The requested resource was not found');
      return request.method === 'GET' ? list(request, messages) : create(request, messages);
    },
  };
}

function create({ form, headers }: StandInRequest, messages: JsonObject[]): StandInAnswer {
  if (headers['content-type'] !== 'application/x-www-form-urlencoded')
    return refusal(400, 21604, "A 'To' phone number is required.");
  const unknown = [...form.keys()].find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) return refusal(400, 20001, `Unknown parameter ${unknown}`);
  const [to, body, from] = [form.get('To') ?? '', form.get('Body') ?? '', form.get('From')];
  if (!/^\+\d{7,15}$/.test(to)) return refusal(400, 21211, `Invalid 'To' Phone Number: ${to}`);
  if (body.trim() === '') return refusal(400, 21602, 'Message body is required.');
  if (body.length > 1_600)
    return refusal(400, 21617, 'The concatenated message body exceeds the 1600 character limit');
  if (from !== FROM && form.get('MessagingServiceSid') !== SERVICE)
    return refusal(400, 21606, `The 'From' phone number ${from} is not a valid message-capable number`);
  const message = {
    ...{ sid: `SM${messages.length}`, account_sid: SID, to, from, body, status: 'queued' },
    ...{ direction: 'outbound-api', date_created: 'Mon, 23 Nov 2026 12:00:01 +0000', date_sent: null },
  };
  messages.push(message);
  return answer(201, message);
}

function list({ query }: StandInRequest, messages: JsonObject[]): StandInAnswer {
  const size = Number(query.get('PageSize') ?? 50);
  const found = messages.filter(({ to }) => query.get('To') === null || to === query.get('To')).reverse();
  return answer(200, { messages: found.slice(0, size), page: 0, page_size: size, next_page_uri: null });
}

const refusal = (status: number, code: number, message: string) =>
  answer(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });

const input = {
  to: '{{ customer_phone }}',
  text: 'Hello {{ input_variables.customer_name }}, see you soon!',
};

export const standIn: StandInKind = {
  kind: 'twilio',
  create: createTwilio,
  options: (url) => ({ account_sid: SID, auth_token: TOKEN, from: FROM, base_url: url }),
  cases: [
    { name: 'sms from a number', operation: 'sms', fixed: ['to'], with: input },
    {
      ...{ name: 'sms from a messaging service', operation: 'sms', fixed: ['to'], with: input },
      options: { from: undefined, messaging_service_sid: SERVICE } as never,
    },
    {
      ...{ name: 'sms from whom it names', operation: 'sms', fixed: ['to', 'from'] },
      options: { from: undefined, messaging_service_sid: SERVICE } as never,
      with: { ...input, from: FROM },
    },
  ],
  throttled: {
    answer: {
      status: 429,
      headers: { 'retry-after': '3' },
      body: { code: 20429, message: 'Too Many Requests', status: 429 },
    },
    afterMs: 3_000,
  },
  rejected: {
    answer: {
      status: 400,
      body: { code: 21610, message: 'Attempt to send to unsubscribed recipient', status: 400 },
    },
    words: 'unsubscribed recipient',
  },
  unauthorized: { status: 401, body: { code: 20003, message: 'Authenticate', status: 401 } },
  // Text messages are plain.
  marksOf: () => [],
};
