import { type Json, type JsonObject, isJsonObject } from '../../../src/lib/json.js';
import { textOf } from '../../../src/adapters/text-of.js';
import {
  answer,
  type StandIn,
  type StandInAnswer,
  type StandInKind,
  type StandInRequest,
} from './stand-in.js';

const TOKEN = 'pit-hushhush';
const LOCATION = 'loc1';
const NOW = '2026-11-23T12:00:01.000Z';
const PIPELINE = { id: 'pipe1', name: 'Sales', stages: [{ id: 'stage1', name: 'New' }] };
const CUSTOM_FIELDS = ['cfQuality', 'cfNotes', 'cfCalls'];
const MAX_TEXT = 65_535;

interface Account {
  contacts: JsonObject[];
  upserted: Set<string>;
  notes: JsonObject[];
  tasks: JsonObject[];
  opportunities: JsonObject[];
  workflows: Set<string>;
}

/** A location with one contact, which no upsert of a new phone number or address meets. */
function createGoHighLevel(): StandIn {
  const account: Account = {
    contacts: [
      {
        ...{ id: '101', email: 'known@example.com', firstName: 'Joan', tags: ['old'] },
        customFields: [{ id: 'cfNotes', value: 'Asked for a price.' }],
      },
    ],
    upserted: new Set(),
    ...{ notes: [], tasks: [], opportunities: [] },
    workflows: new Set(),
  };
  return {
    records: (operation) => recordsOf(account, operation),
    handle: (request) => refuseCredentials(request) ?? handle(request, account),
  };
}

function recordsOf(account: Account, operation: string): unknown[] {
  const { contacts, upserted, notes, tasks, opportunities, workflows } = account;
  if (operation === 'upsert_contact') return contacts.filter(({ id }) => upserted.has(textOf(id)));
  if (operation === 'add_tags')
    return contacts.flatMap(({ tags }) => (Array.isArray(tags) ? tags : [])).filter((tag) => tag !== 'old');
  if (operation === 'add_note') return notes;
  if (operation === 'create_task') return tasks;
  return operation === 'start_workflow' ? [...workflows] : opportunities;
}

const refusal = (statusCode: number, message: Json, error: string) =>
  answer(statusCode, { statusCode, message, error });
const unprocessable = (...messages: string[]) => refusal(422, messages, 'Unprocessable Entity');

function refuseCredentials({ headers, query, json }: StandInRequest): StandInAnswer | null {
  if (headers.authorization !== `Bearer ${TOKEN}`) return refusal(401, 'Invalid JWT', 'Unauthorized');
  if (headers.version !== '2021-07-28') return refusal(400, 'version header is invalid', 'Bad Request');
  const named = query.get('locationId') ?? (isJsonObject(json) ? json.locationId : undefined);
  if (named === undefined || named === LOCATION) return null;
  return refusal(403, 'The token does not have access to this location.', 'Forbidden');
}

function handle({ method, path, query, json }: StandInRequest, account: Account): StandInAnswer {
  const body = isJsonObject(json) ? json : {};
  const [, contactId = '', what = '', id] =
    /^\/contacts\/([^/]+)\/(notes|tasks|tags|workflow)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (path === '/contacts/upsert') return upsertContact(body, account);
  if (path === '/contacts/search/duplicate')
    return answer(200, { contact: findContact(account, query.get('email'), query.get('number')) ?? null });
  if (path === '/opportunities/upsert') return upsertOpportunity(body, account);
  if (path === '/opportunities/pipelines') return answer(200, { pipelines: [PIPELINE] });
  const contact = account.contacts.find((known) => known.id === contactId);
  if (contact === undefined) return refusal(400, 'Contact not found', 'Bad Request');
  if (what === 'tags') return addTags(contact, body);
  if (what === 'workflow') return startWorkflow(contactId, id ?? '', body, account);
  const list = what === 'notes' ? account.notes : account.tasks;
  if (method === 'GET') return answer(200, { [what]: list.filter((one) => one.contactId === contactId) });
  return what === 'notes' ? writeNote(body, id, contactId, list) : writeTask(body, id, contactId, list);
}

const CONTACT_FIELDS = ['firstName', 'lastName', 'name', 'city', 'source', 'companyName', 'dnd', 'country'];

function upsertContact(body: JsonObject, account: Account): StandInAnswer {
  const { locationId, email, phone, customFields, tags, ...rest } = body;
  if (locationId === undefined) return unprocessable('locationId must be a string');
  const unknown = Object.keys(rest).filter((name) => !CONTACT_FIELDS.includes(name));
  if (unknown.length > 0) return unprocessable(...unknown.map((name) => `property ${name} should not exist`));
  if (email !== undefined && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(textOf(email)))
    return unprocessable('email must be an email');
  if (email === undefined && phone === undefined)
    return refusal(400, 'Please pass email or phone', 'Bad Request');
  const custom = Array.isArray(customFields) ? customFields.filter((field) => isJsonObject(field)) : [];
  if (custom.some((field) => !CUSTOM_FIELDS.includes(textOf(field.id)) || isBoolean(field.field_value)))
    return unprocessable('customFields is invalid');
  const known = findContact(account, str(email), str(phone));
  const contact = known ?? { id: `c${account.contacts.length + 1}`, tags: [], customFields: [] };
  if (known === undefined) account.contacts.push(contact);
  Object.assign(contact, rest, email && { email }, phone && { phone }, tags && { tags });
  contact.customFields = mergeCustom(contact.customFields ?? [], custom);
  account.upserted.add(textOf(contact.id));
  return answer(known ? 200 : 201, { new: known === undefined, contact });
}

const isBoolean = (value: Json | undefined) => typeof value === 'boolean';
const str = (value: Json | undefined) => (typeof value === 'string' ? value : null);

function mergeCustom(present: Json, written: JsonObject[]): Json[] {
  const values = new Map<string, Json>();
  for (const field of Array.isArray(present) ? present : [])
    if (isJsonObject(field)) values.set(textOf(field.id), field.value ?? null);
  for (const { id, field_value: value } of written) values.set(textOf(id), value ?? null);
  return [...values].map(([id, value]) => ({ id, value }));
}

function findContact({ contacts }: Account, email: string | null, phone: string | null) {
  return contacts.find(
    (one) => (email !== null && one.email === email) || (phone !== null && one.phone === phone),
  );
}

function addTags(contact: JsonObject, { tags }: JsonObject): StandInAnswer {
  if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== 'string' || tag === ''))
    return unprocessable('each value in tags must be a string');
  const present = Array.isArray(contact.tags) ? contact.tags : [];
  contact.tags = [...new Set([...present, ...tags])];
  return answer(201, { tags: contact.tags });
}

function writeNote(
  body: JsonObject,
  id: string | undefined,
  contactId: string,
  notes: JsonObject[],
): StandInAnswer {
  const { body: text, userId: _userId, ...rest } = body;
  if (Object.keys(rest).length > 0) return unprocessable(`property ${Object.keys(rest)[0]} should not exist`);
  if (typeof text !== 'string' || text === '') return unprocessable('body should not be empty');
  if (text.length > MAX_TEXT) return unprocessable('body is too long');
  return save('note', { ...body, dateAdded: NOW, contactId }, id, notes);
}

const TASK_FIELDS = ['title', 'body', 'dueDate', 'completed', 'assignedTo'];

function writeTask(
  body: JsonObject,
  id: string | undefined,
  contactId: string,
  tasks: JsonObject[],
): StandInAnswer {
  const unknown = Object.keys(body).find((name) => !TASK_FIELDS.includes(name));
  if (unknown !== undefined) return unprocessable(`property ${unknown} should not exist`);
  const { title, dueDate, completed } = body;
  if (typeof title !== 'string' || title === '' || title.length > 255)
    return unprocessable('title should not be empty');
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(textOf(dueDate)))
    return unprocessable('dueDate must be a valid ISO 8601 date string');
  if (id === undefined && typeof completed !== 'boolean')
    return unprocessable('completed must be a boolean value');
  return save('task', { ...body, contactId }, id, tasks);
}

function save(name: string, record: JsonObject, id: string | undefined, list: JsonObject[]): StandInAnswer {
  const known = list.find((one) => one.id === id);
  if (id !== undefined && known === undefined) return refusal(404, `${name} not found`, 'Not Found');
  const saved = Object.assign(known ?? { id: `${name}${list.length + 1}` }, record);
  if (known === undefined) list.push(saved);
  return answer(known ? 200 : 201, { [name]: saved });
}

function upsertOpportunity(body: JsonObject, { contacts, opportunities }: Account): StandInAnswer {
  const { contactId, pipelineId, pipelineStageId: stage, status, monetaryValue: value, name } = body;
  if (!contacts.some(({ id }) => id === contactId)) return refusal(400, 'Contact not found', 'Bad Request');
  if (pipelineId !== PIPELINE.id) return refusal(400, 'The pipeline id is invalid.', 'Bad Request');
  if (stage !== undefined && stage !== PIPELINE.stages[0]?.id)
    return refusal(400, 'The pipeline stage id is invalid.', 'Bad Request');
  if (status !== undefined && !['open', 'won', 'lost', 'abandoned'].includes(textOf(status)))
    return unprocessable('status must be a valid enum value');
  if (value !== undefined && typeof value !== 'number')
    return unprocessable('monetaryValue must be a number');
  if (typeof name !== 'string' || name === '') return unprocessable('name should not be empty');
  const known = opportunities.find((one) => one.contactId === contactId && one.pipelineId === pipelineId);
  const opportunity = Object.assign(known ?? { id: `o${opportunities.length + 1}` }, body);
  if (known === undefined) opportunities.push(opportunity);
  return answer(known ? 200 : 201, { new: known === undefined, opportunity });
}

function startWorkflow(
  contactId: string,
  id: string,
  body: JsonObject,
  { workflows }: Account,
): StandInAnswer {
  if (id !== 'wf1') return refusal(400, 'Workflow not found', 'Bad Request');
  if (Object.keys(body).some((name) => name !== 'eventStartTime'))
    return unprocessable('property should not exist');
  workflows.add(`${contactId} ${id}`);
  return answer(200, { succeded: true });
}

const contact = '{{ actions.crm.id }}';
const summary = '{{ extracted_variables.summary }}';

export const standIn: StandInKind = {
  kind: 'gohighlevel',
  create: createGoHighLevel,
  options: (url) => ({ access_token: TOKEN, location_id: LOCATION, base_url: url }),
  cases: [
    {
      ...{ name: 'upsert_contact by phone, with tags', operation: 'upsert_contact' },
      with: {
        phone: '{{ customer_phone }}',
        fields: { name: '{{ input_variables.customer_name }}', city: '{{ lead.variables.city }}' },
        custom_fields: { cfQuality: '{{ extracted_variables.lead_quality }}', cfCalls: 1 },
        tags: ['called', '{{ extracted_variables.lead_quality }}'],
      },
      fixed: ['phone'],
    },
    {
      ...{ name: 'upsert_contact that reads what is there', operation: 'upsert_contact' },
      with: {
        email: 'known@example.com',
        fields: { firstName: { value: 'Jane', mode: 'fill_if_empty' }, city: 'Vienna' },
        custom_fields: { cfNotes: { value: summary, mode: 'append' } },
      },
      fixed: ['email', 'fields.firstName.value', 'fields.firstName.mode', 'custom_fields.cfNotes.mode'],
    },
    { operation: 'add_note', with: { contact, body: `<b>Summary</b>: ${summary}` }, fixed: ['contact'] },
    {
      operation: 'create_task',
      with: { contact, title: 'Call {{ input_variables.customer_name }}', body: summary, due: '2 days' },
      fixed: ['contact', 'due'],
    },
    { operation: 'add_tags', with: { contact, tags: ['{{ status }}'] }, fixed: ['contact'] },
    {
      operation: 'upsert_opportunity',
      with: {
        ...{ contact, pipeline: 'pipe1', stage: 'stage1', status: 'open' },
        name: '{{ input_variables.customer_name }}',
        monetary_value: '{{ duration }}',
      },
      fixed: ['contact', 'pipeline', 'stage', 'status', 'monetary_value'],
    },
    {
      ...{ operation: 'start_workflow', repeat: 'held' },
      with: { contact, workflow: 'wf1' },
      fixed: ['contact', 'workflow'],
    },
  ],
  throttled: {
    answer: {
      status: 429,
      headers: { 'x-ratelimit-interval-milliseconds': '10000', 'x-ratelimit-remaining': '0' },
      body: { statusCode: 429, message: 'Too Many Requests' },
    },
    afterMs: 10_000,
  },
  rejected: {
    answer: unprocessable('property shoeSize should not exist'),
    words: 'shoeSize should not exist',
  },
  unauthorized: refusal(401, 'Invalid JWT', 'Unauthorized'),
  // Bodies of notes and tasks are shown as HTML, every other text as it is. A break of a line is no structure.
  marksOf: (sent, field) => (field === 'body' ? (sent.match(/<(?!br>)[^>]*>/g) ?? []) : []),
};
