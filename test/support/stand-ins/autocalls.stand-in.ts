import { type Json, type JsonObject, isJsonObject } from '../../../src/lib/json.js';
import {
  answer,
  type StandIn,
  type StandInAnswer,
  type StandInKind,
  type StandInRequest,
} from './stand-in.js';

const KEY = 'hushhush-api-key';
const CONTACT = '+4366412345678';
const ASSISTANT = 17;
const CAMPAIGN = 7;
const NUMBER = 3;
const SENDER = 12;
const TEMPLATE = 45;
const TIMES = { created_at: '2026-11-23 11:05:00', updated_at: '2026-11-23 11:05:00' };

/** What one account holds. `queued`: every time that a lead was put in line for a call. */
interface Account {
  calls: JsonObject[];
  leads: JsonObject[];
  queued: JsonObject[];
  sms: JsonObject[];
  whatsapp: JsonObject[];
}

function createAutocalls(): StandIn {
  const account: Account = {
    // The call that the delivery follows from, and a lead with the same number in another campaign.
    calls: [
      { id: 12345, type: 'outbound', assistant_id: ASSISTANT, client_phone_number: CONTACT, variables: [] },
    ],
    leads: [
      { id: 501, campaign_id: 8, phone_number: CONTACT, variables: { city: 'Vienna' }, status: 'completed' },
    ],
    ...{ queued: [], sms: [], whatsapp: [] },
  };
  return {
    records: (operation) => recordsOf(account, operation),
    handle: (request) => {
      if (request.headers.authorization !== `Bearer ${KEY}`) return refusal(401, 'Unauthenticated.');
      if (request.headers.accept !== 'application/json') return answer(302, '<html>Log in</html>');
      const handler = HANDLERS[`${request.method} ${request.path.replace(/\d+$/, ':id')}`];
      return handler ? handler(request, account) : refusal(404, 'Not found');
    },
  };
}

function recordsOf({ calls, leads, queued, sms, whatsapp }: Account, operation: string): unknown[] {
  const made: Record<string, JsonObject[]> = {
    call: calls.filter(({ id }) => id !== 12345),
    add_lead: leads.filter(({ campaign_id: id }) => id === CAMPAIGN),
    update_lead: queued,
    ...{ send_sms: sms, send_whatsapp: whatsapp },
  };
  return made[operation] ?? [];
}

type Handler = (request: StandInRequest, account: Account) => StandInAnswer;

const HANDLERS: Record<string, Handler> = {
  'GET /user/me': () =>
    answer(200, { name: 'Acme', email: 'calls@example.com', total_balance: 100.67447094 }),
  'GET /user/calls': ({ query }, { calls }) =>
    page(
      calls.filter(
        (call) =>
          call.client_phone_number === query.get('phone_number') &&
          matches(query, call, 'assistant_id') &&
          matches(query, call, 'type'),
      ),
      query,
    ),
  'GET /user/leads': ({ query }, { leads }) =>
    page(
      leads.filter(
        (lead) =>
          textOf(lead.phone_number).includes(query.get('phone_number') ?? '') &&
          matches(query, lead, 'campaign_id'),
      ),
      query,
    ),
  'POST /user/make_call': makeCall,
  'POST /user/lead': createLead,
  'PUT /user/leads/:id': changeLead,
  'POST /user/sms': takeSms,
  'GET /user/whatsapp/session-status': ({ query }) =>
    query.get('sender_id') === String(SENDER) && isPhone(query.get('recipient_phone') ?? undefined)
      ? answer(200, { success: true, has_conversation: true, session_status: OPEN })
      : unsent(404, 'Sender not found', 'SENDER_NOT_FOUND'),
  'POST /user/whatsapp/send': takeTemplate,
  'POST /user/whatsapp/send-freeform': takeFreeText,
};

const OPEN = { is_open: true, can_send_freeform: true, requires_template: false, message: 'Session open.' };

function makeCall(request: StandInRequest, { calls }: Account): StandInAnswer {
  const { phone_number: phone, assistant_id: assistant, variables = {} } = bodyOf(request);
  const problems = unknownFields(request, ['phone_number', 'assistant_id', 'variables']);
  if (problems !== null) return problems;
  if (!isPhone(phone)) return refusal(400, 'Invalid phone number format. Please use E.164 format');
  if (assistant !== ASSISTANT) return refusal(404, 'Assistant not found');
  if (!isJsonObject(variables)) return invalid('variables', 'The variables must be an array.');
  const id = 480_337 + calls.length;
  const about = { type: 'outbound', assistant_id: assistant, client_phone_number: phone };
  calls.push({ id, ...about, variables, status: 'initiated', ...TIMES });
  return answer(200, { message: 'Call initiated successfully', call_id: id, status: 'initiated' });
}

function createLead(request: StandInRequest, { leads }: Account): StandInAnswer {
  const {
    phone_number: phone,
    campaign_id: campaign,
    variables = {},
    allow_dupplicate: twice,
  } = bodyOf(request);
  const known = ['phone_number', 'campaign_id', 'variables', 'allow_dupplicate', 'secondary_contacts'];
  const problems = unknownFields(request, known);
  if (problems !== null) return problems;
  if (!isPhone(phone)) return invalid('phone_number', 'The phone number is invalid.');
  if (campaign !== CAMPAIGN) return invalid('campaign_id', 'The selected campaign does not exist');
  const isThere = leads.some((lead) => lead.phone_number === phone && lead.campaign_id === campaign);
  if (isThere && twice !== true) return refusal(422, 'Lead already exists in this campaign');
  const lead = { id: 600 + leads.length, campaign_id: campaign, phone_number: phone, variables, ...TIMES };
  leads.push({ ...lead, status: 'created' });
  return answer(200, { message: 'Lead created successfully', data: { ...lead, status: 'created' } });
}

function changeLead(request: StandInRequest, { leads, queued }: Account): StandInAnswer {
  const problems = unknownFields(request, ['campaign_id', 'phone_number', 'status', 'variables']);
  if (problems !== null) return problems;
  const lead = leads.find(({ id }) => textOf(id) === request.path.split('/').at(-1));
  if (lead === undefined) return refusal(404, 'Lead not found');
  const { status, variables = {} } = bodyOf(request);
  if (status !== undefined && !['created', 'completed', 'reached-max-retries'].includes(textOf(status)))
    return invalid('status', 'This status is assigned automatically and cannot be set manually');
  if (!isJsonObject(variables)) return invalid('variables', 'Variables must be an array');
  if (status !== undefined) lead.status = status;
  lead.variables = {
    ...(isJsonObject(lead.variables ?? null) ? (lead.variables as JsonObject) : {}),
    ...variables,
  };
  queued.push({ id: lead.id ?? null, status: status ?? null });
  return answer(200, { message: 'Lead updated successfully' });
}

function takeSms(request: StandInRequest, { sms }: Account): StandInAnswer {
  const { from, to, body } = bodyOf(request);
  const problems = unknownFields(request, ['from', 'to', 'body']);
  if (problems !== null) return problems;
  if (from !== NUMBER) return refusal(400, 'From number not found');
  if (!isPhone(to)) return refusal(400, 'Invalid phone number format');
  if (typeof body !== 'string' || body === '') return invalid('body', 'The body field is required.');
  if ([...body].length > 300) return invalid('body', 'The body may not be greater than 300 characters.');
  const sent = { id: 900 + sms.length, segments: 1, total_cost: 0.05, status: 'queued', sms_sid: 'SM900' };
  sms.push({ ...sent, to, body });
  return answer(201, { message: 'SMS sent successfully', data: sent });
}

function takeTemplate(request: StandInRequest, { whatsapp }: Account): StandInAnswer {
  const fields = ['sender_id', 'template_id', 'recipient_phone', 'recipient_name', 'variables'];
  const problems = unknownFields(request, fields) ?? receiverProblem(request);
  if (problems !== null) return problems;
  const { template_id: template, variables = {} } = bodyOf(request);
  if (template !== TEMPLATE)
    return unsent(404, 'Template not found or does not belong to this sender', 'TEMPLATE_NOT_FOUND');
  const values = Object.values(isJsonObject(variables) ? variables : {});
  if (values.some((value) => typeof value !== 'string' || /[\n\t]| {4}/.test(value)))
    return unsent(422, 'Parameter cannot have new-line or tab characters', 'TWILIO_ERROR_63016');
  return sentBy(whatsapp, { template_id: template, variables });
}

function takeFreeText(request: StandInRequest, { whatsapp }: Account): StandInAnswer {
  const problems =
    unknownFields(request, ['sender_id', 'recipient_phone', 'message']) ?? receiverProblem(request);
  if (problems !== null) return problems;
  const { message } = bodyOf(request);
  if (typeof message !== 'string' || message === '' || message.length > 4096)
    return invalid('message', 'The message may not be greater than 4096 characters.');
  return sentBy(whatsapp, { message });
}

function receiverProblem(request: StandInRequest): StandInAnswer | null {
  const { sender_id: sender, recipient_phone: phone } = bodyOf(request);
  if (sender !== SENDER) return unsent(404, 'Sender not found or does not belong to you', 'SENDER_NOT_FOUND');
  return isPhone(phone) ? null : unsent(422, 'Invalid phone number format.', 'INVALID_PHONE');
}

function sentBy(whatsapp: JsonObject[], content: JsonObject): StandInAnswer {
  whatsapp.push(content);
  const ids = { conversation_id: 1234, message_id: 566 + whatsapp.length, whatsapp_message_id: 890 };
  return answer(200, { success: true, ...ids, message_sid: 'SM0001', status: 'queued' });
}

function bodyOf({ json }: StandInRequest): JsonObject {
  return isJsonObject(json ?? null) ? (json as JsonObject) : {};
}

function unknownFields(request: StandInRequest, known: string[]): StandInAnswer | null {
  const unknown = Object.keys(bodyOf(request)).filter((field) => !known.includes(field));
  return unknown.length === 0 ? null : refusal(422, `Invalid fields: ${unknown.join(', ')}`);
}

function matches(query: URLSearchParams, record: JsonObject, field: string): boolean {
  return query.get(field) === null || query.get(field) === textOf(record[field]);
}

const isPhone = (phone: Json | undefined): phone is string =>
  typeof phone === 'string' && /^\+\d{7,15}$/.test(phone);

function textOf(value: Json | undefined): string {
  return typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '';
}

/** A page of a list: the paginator of Laravel. */
function page(all: JsonObject[], query: URLSearchParams): StandInAnswer {
  const [size, current] = [Number(query.get('per_page') ?? 15), Number(query.get('page') ?? 1)];
  if (size < 1 || size > 100) return invalid('per_page', 'The per page may not be greater than 100.');
  const data = all.slice((current - 1) * size, current * size);
  const last = Math.max(1, Math.ceil(all.length / size));
  return answer(200, { current_page: current, data, last_page: last, per_page: size, total: all.length });
}

const refusal = (status: number, message: string) => answer(status, { message });
const invalid = (field: string, problem: string) =>
  answer(422, { message: 'Validation failed', errors: { [field]: [problem] } });
const unsent = (status: number, error: string, code: string) =>
  answer(status, { success: false, error, error_code: code });

const phone = '{{ customer_phone }}';
const variables = {
  customer_name: '{{ input_variables.customer_name }}',
  summary: '{{ extracted_variables.summary }}',
};

export const standIn: StandInKind = {
  kind: 'autocalls',
  create: createAutocalls,
  options: (url) => ({ api_key: KEY, base_url: url }),
  cases: [
    {
      ...{ operation: 'add_lead', fixed: ['phone', 'secondary_contacts.0.phone'] },
      with: {
        ...{ campaign_id: CAMPAIGN, phone, variables },
        secondary_contacts: [{ phone: '+4366487654321', variables: { customer_name: '{{ status }}' } }],
      },
    },
    {
      ...{ name: 'add_lead beside others', operation: 'add_lead', fixed: ['phone'] },
      with: { campaign_id: CAMPAIGN, phone, variables, allow_duplicates: true },
    },
    {
      ...{ name: 'update_lead to be called again', operation: 'update_lead', fixed: ['status'] },
      with: { id: 501, status: 'created', variables },
    },
    {
      ...{ operation: 'call', fixed: ['phone'] },
      with: { assistant_id: ASSISTANT, phone, variables },
    },
    {
      ...{ operation: 'send_sms', repeat: 'held', fixed: ['to'] },
      with: { from: NUMBER, to: phone, text: 'Hello {{ input_variables.customer_name }}, see you soon!' },
    },
    {
      ...{ name: 'send_whatsapp by template', operation: 'send_whatsapp', repeat: 'held', fixed: ['to'] },
      with: {
        ...{ sender_id: SENDER, template_id: TEMPLATE, to: phone },
        name: '{{ input_variables.customer_name }}',
        variables: { '1': '{{ input_variables.customer_name }}' },
      },
    },
    {
      ...{ name: 'send_whatsapp as free text', operation: 'send_whatsapp', repeat: 'held', fixed: ['to'] },
      with: { sender_id: SENDER, to: phone, text: '{{ extracted_variables.summary }}' },
    },
  ],
  throttled: { answer: { status: 429, body: { message: 'Too Many Attempts.' } }, afterMs: null },
  rejected: {
    answer: {
      status: 422,
      body: { message: 'Validation failed', errors: { variables: ['Variables must be an array'] } },
    },
    words: 'Variables must be an array',
  },
  unauthorized: { status: 401, body: { message: 'Unauthenticated.' } },
  // Text messages are plain; variables are spoken.
  marksOf: () => [],
};
