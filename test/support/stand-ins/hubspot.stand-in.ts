import { isJsonObject, type Json, type JsonObject } from '../../../src/lib/json.js';
import { textOf } from '../../../src/adapters/text-of.js';
import {
  answer,
  type StandIn,
  type StandInAnswer,
  type StandInKind,
  type StandInRequest,
} from './stand-in.js';

const TOKEN = 'pat-hushhush';
const MAX_VALUE = 65_536;
const NOW = Date.parse('2026-11-23T12:00:01Z');

/** Properties by type. Those after `|` hold unique values; the last ones are HubSpot's own and read only. */
const PROPERTIES: Record<string, string[]> = {
  contacts: ['email', 'phone', 'mobilephone', 'firstname', 'city', 'lead_notes', 'call_phone', 'createdate'],
  calls: [
    ...[
      'hs_timestamp',
      'hs_call_title',
      'hs_call_body',
      'hs_call_duration',
      'hs_call_status',
      'hs_call_direction',
    ],
    ...['hs_call_from_number', 'hs_call_to_number', 'hs_call_recording_url', 'hubspot_owner_id', 'call_id'],
    'hs_createdate',
  ],
  notes: ['hs_timestamp', 'hs_note_body', 'hubspot_owner_id', 'hs_createdate'],
  tasks: [
    ...[
      'hs_timestamp',
      'hs_task_subject',
      'hs_task_body',
      'hs_task_status',
      'hs_task_priority',
      'hs_task_type',
    ],
    ...['hubspot_owner_id', 'hs_createdate'],
  ],
  '0-3': [
    ...['dealname', 'pipeline', 'dealstage', 'amount', 'closedate', 'hubspot_owner_id', 'lead_source'],
    'createdate',
  ],
  companies: ['name', 'createdate'],
};
const UNIQUE: Record<string, string[]> = { contacts: ['email', 'call_phone'], calls: ['call_id'] };
const READ_ONLY = ['createdate', 'hs_createdate'];
const CALCULATED: Record<string, string> = {
  hs_calculated_phone_number: 'phone',
  hs_calculated_mobile_number: 'mobilephone',
};
const CHOICES: Record<string, string[]> = {
  hs_call_status: [
    'BUSY',
    'CANCELED',
    'COMPLETED',
    'CONNECTING',
    'FAILED',
    'IN_PROGRESS',
    'NO_ANSWER',
    'RINGING',
  ],
  hs_call_direction: ['INBOUND', 'OUTBOUND'],
  hs_task_status: ['NOT_STARTED', 'COMPLETED'],
  hs_task_priority: ['LOW', 'MEDIUM', 'HIGH'],
  hs_task_type: ['TODO', 'CALL', 'EMAIL'],
  pipeline: ['default'],
  dealstage: ['appointmentscheduled', 'closedwon'],
};
const REQUIRED: Record<string, string[]> = {
  calls: ['hs_timestamp'],
  notes: ['hs_timestamp'],
  tasks: ['hs_timestamp'],
  '0-3': ['dealname', 'dealstage'],
};
/** Ids of association types, from a type to another. */
const ASSOCIATIONS: Record<string, Record<number, string>> = {
  calls: { 194: 'contacts', 182: 'companies', 206: '0-3' },
  notes: { 202: 'contacts', 190: 'companies', 214: '0-3' },
  tasks: { 204: 'contacts', 192: 'companies', 216: '0-3' },
  '0-3': { 3: 'contacts', 5: 'companies' },
};
const SINGULAR: Record<string, string> = { contact: 'contacts', company: 'companies', deal: '0-3' };

interface Stored extends JsonObject {
  id: string;
  type: string;
  properties: JsonObject;
  /** `<type> <id>` of each associated record. */
  associated: string[];
}

interface Account {
  records: Stored[];
  /** Ids of what was written since the account was opened. */
  written: Set<string>;
}

const OPERATIONS: Record<string, string> = {
  upsert_contact: 'contacts',
  log_call: 'calls',
  create_note: 'notes',
  create_task: 'tasks',
  create_deal: '0-3',
};

/** An account with one contact, one company and one deal. */
function createHubSpot(): StandIn {
  const seed = (id: string, type: string, properties: JsonObject): Stored => {
    const made = { createdate: '1763000000000', ...properties };
    return { id, type, properties: made, associated: [] };
  };
  const account: Account = {
    records: [
      seed('101', 'contacts', {
        firstname: 'Joan',
        phone: '+4366400000001',
        lead_notes: 'Asked for a price.',
      }),
      seed('201', 'companies', { name: 'Acme' }),
      seed('301', '0-3', { dealname: 'Old deal', pipeline: 'default', dealstage: 'closedwon' }),
    ],
    written: new Set(),
  };
  return {
    records: (operation) =>
      account.records.filter(({ id, type }) => type === OPERATIONS[operation] && account.written.has(id)),
    handle: (request) => handle(request, account),
  };
}

const refusal = (status: number, category: string, message: string) =>
  answer(status, {
    status: 'error',
    message,
    correlationId: 'aeb5f871-7f07-4993-9211-075dc63e7cbf',
    category,
  });
const invalid = (message: string) => refusal(400, 'VALIDATION_ERROR', message);
const notFound = () => refusal(404, 'OBJECT_NOT_FOUND', 'resource not found');

function handle(request: StandInRequest, account: Account): StandInAnswer {
  const { method, path, headers, json } = request;
  if (headers.authorization !== `Bearer ${TOKEN}`)
    return refusal(401, 'INVALID_AUTHENTICATION', 'Authentication credentials not found.');
  const body = isJsonObject(json) ? json : {};
  const association = /^\/crm\/v4\/objects\/([\w-]+)\/(\d+)\/associations\/default\/([\w-]+)\/(\d+)$/.exec(
    path,
  );
  if (association !== null && method === 'PUT') return associate(association.slice(1), account);
  const [, type = '', rest = ''] = /^\/crm\/v3\/objects\/([\w-]+)(\/.*)?$/.exec(path) ?? [];
  if (!Object.hasOwn(PROPERTIES, type)) return notFound();
  if (method === 'POST' && rest === '/search') return search(type, body, account);
  if (method === 'POST' && rest === '/batch/upsert') return upsert(type, body, account);
  if (method === 'POST' && rest === '') return create(type, body, account);
  const stored = find(
    account,
    type,
    decodeURIComponent(rest.slice(1)),
    request.query.get('idProperty') ?? 'id',
  );
  if (stored === undefined) return notFound();
  if (method === 'GET') return answer(200, shown(stored, request.query.get('properties')?.split(',') ?? []));
  if (method === 'PATCH') return update(stored, body, account);
  return refusal(405, 'METHOD_NOT_ALLOWED', 'Method not allowed');
}

function find(account: Account, type: string, id: string, idProperty: string): Stored | undefined {
  if (idProperty !== 'id' && UNIQUE[type]?.includes(idProperty) !== true) return undefined;
  return account.records.find(
    (stored) =>
      stored.type === type && (idProperty === 'id' ? stored.id : stored.properties[idProperty]) === id,
  );
}

function shown({ id, properties }: Stored, names: string[]): JsonObject {
  const wanted = names.map((name) => [name, properties[name] ?? null] as const);
  return {
    ...{ id, properties: { ...Object.fromEntries(wanted), hs_object_id: id } },
    ...{ createdAt: '2026-11-23T12:00:01.000Z', updatedAt: '2026-11-23T12:00:01.000Z', archived: false },
  };
}

/** Null where all of them may be written. */
function refuseProperties(type: string, properties: Json | undefined): StandInAnswer | null {
  if (!isJsonObject(properties)) return invalid('Invalid input JSON: properties must not be null');
  for (const [name, value] of Object.entries(properties)) {
    if (PROPERTIES[type]?.includes(name) !== true)
      return invalid(`Property values were not valid: Property "${name}" does not exist`);
    if (READ_ONLY.includes(name)) return invalid(`"${name}" is a read only property`);
    if (typeof value !== 'string') return invalid(`"${name}" is no string`);
    if (value.length > MAX_VALUE) return invalid(`"${name}" is longer than ${MAX_VALUE} characters`);
    if (CHOICES[name]?.includes(value) === false)
      return invalid(`"${name}" was not one of the allowed options`);
    if (/timestamp|amount|duration|closedate/.test(name) && !/^-?\d+(\.\d+)?$/.test(value))
      return invalid(`"${name}" was not a valid number`);
  }
  return null;
}

function refuseMissing(type: string, properties: JsonObject): StandInAnswer | null {
  const missing = REQUIRED[type]?.find(
    (name) => typeof properties[name] !== 'string' || properties[name] === '',
  );
  return missing === undefined ? null : invalid(`Error creating: required property ${missing} is missing`);
}

function conflict(
  account: Account,
  type: string,
  properties: JsonObject,
  self?: Stored,
): StandInAnswer | null {
  for (const name of UNIQUE[type] ?? []) {
    const other =
      properties[name] === undefined ? undefined : find(account, type, textOf(properties[name]), name);
    if (other !== undefined && other !== self)
      return refusal(409, 'CONFLICT', `Contact already exists. Existing ID: ${other.id}`);
  }
  return null;
}

function store(account: Account, type: string, properties: JsonObject, associated: string[]): Stored {
  const id = String(1_000 + account.records.length);
  const created = type === 'contacts' || type === '0-3' ? 'createdate' : 'hs_createdate';
  const stored = { id, type, properties: { ...properties, [created]: String(NOW) }, associated };
  account.records.push(stored);
  account.written.add(id);
  return stored;
}

function create(type: string, body: JsonObject, account: Account): StandInAnswer {
  const { properties, associations } = body;
  const refused = refuseProperties(type, properties);
  if (refused !== null || !isJsonObject(properties)) return refused ?? invalid('no properties');
  const associated = readAssociations(type, associations, account);
  if (associated === null) return invalid('One or more associations are not valid');
  const stopped = refuseMissing(type, properties) ?? conflict(account, type, properties);
  return stopped ?? answer(201, shown(store(account, type, properties, associated), Object.keys(properties)));
}

function readAssociations(type: string, associations: Json | undefined, account: Account): string[] | null {
  if (!Array.isArray(associations)) return null;
  const read = associations.map((association) => {
    const { to, types } = isJsonObject(association) ? association : {};
    const [first] = Array.isArray(types) ? types : [];
    const typeId = isJsonObject(first) ? Number(first.associationTypeId) : NaN;
    const target = ASSOCIATIONS[type]?.[typeId] ?? '';
    const id = isJsonObject(to) ? textOf(to.id) : '';
    return find(account, target, id, 'id') === undefined ? null : `${target} ${id}`;
  });
  return read.includes(null) ? null : read.filter((one) => one !== null);
}

function update(stored: Stored, { properties }: JsonObject, account: Account): StandInAnswer {
  const refused = refuseProperties(stored.type, properties);
  if (refused !== null || !isJsonObject(properties)) return refused ?? invalid('no properties');
  const stopped = conflict(account, stored.type, properties, stored);
  if (stopped !== null) return stopped;
  Object.assign(stored.properties, properties);
  account.written.add(stored.id);
  return answer(200, shown(stored, Object.keys(properties)));
}

function upsert(type: string, { inputs }: JsonObject, account: Account): StandInAnswer {
  const [input] = Array.isArray(inputs) ? inputs : [];
  const { idProperty, id, properties } = isJsonObject(input) ? input : {};
  if (typeof idProperty !== 'string' || UNIQUE[type]?.includes(idProperty) !== true)
    return invalid(`Property ${textOf(idProperty)} does not require unique values`);
  if (typeof id !== 'string' || id === '') return invalid('id must not be blank');
  const refused = refuseProperties(type, properties);
  // What is wrong with one of a batch is told in an answer that looks like a success.
  if (refused !== null || !isJsonObject(properties))
    return answer(207, { status: 'COMPLETE', results: [], numErrors: 1, errors: [refused?.body ?? {}] });
  const present = find(account, type, id, idProperty);
  const stored = present ?? store(account, type, { ...properties, [idProperty]: id }, []);
  Object.assign(stored.properties, properties);
  account.written.add(stored.id);
  const result = { ...shown(stored, Object.keys(properties)), new: present === undefined };
  return answer(200, { status: 'COMPLETE', results: [result] });
}

function associate([from = '', fromId = '', to = '', toId = '']: string[], account: Account): StandInAnswer {
  const [start, end] = [find(account, from, fromId, 'id'), find(account, to, toId, 'id')];
  if (start === undefined || end === undefined) return notFound();
  start.associated = [...new Set([...start.associated, `${to} ${toId}`])];
  return answer(200, { status: 'COMPLETE', results: [] });
}

function search(type: string, body: JsonObject, account: Account): StandInAnswer {
  const { filterGroups, properties, sorts, limit } = body;
  const groups = Array.isArray(filterGroups) ? filterGroups : [];
  if (groups.length === 0 || groups.length > 5) return invalid('filterGroups: between 1 and 5');
  const names = [
    ...groups.flatMap(filtersIn).map(({ propertyName }) => textOf(propertyName)),
    ...textsIn(sorts),
  ];
  const unknown = names.find((name) => !isSearchable(type, name));
  if (unknown !== undefined) return invalid(`There was a problem with the request: property ${unknown}`);
  if (typeof limit !== 'number' || limit > 200) return invalid('limit: at most 200');
  const found = account.records.filter(
    (stored) =>
      stored.type === type &&
      groups.some((group) => filtersIn(group).every((filter) => meets(stored, filter))),
  );
  return answer(200, {
    total: found.length,
    results: found.map((stored) => shown(stored, textsIn(properties))),
  });
}

function isSearchable(type: string, name: string): boolean {
  const [, anchor] = /^associations\.(\w+)$/.exec(name) ?? [];
  if (anchor !== undefined) return Object.hasOwn(SINGULAR, anchor);
  return (
    PROPERTIES[type]?.includes(name) === true || (type === 'contacts' && Object.hasOwn(CALCULATED, name))
  );
}

function meets({ properties, associated }: Stored, { propertyName, operator, value }: JsonObject): boolean {
  const name = textOf(propertyName);
  const [, anchor] = /^associations\.(\w+)$/.exec(name) ?? [];
  if (anchor !== undefined) return associated.includes(`${SINGULAR[anchor]} ${textOf(value)}`);
  const present = properties[CALCULATED[name] ?? name];
  if (operator === 'GTE') return Number(present) >= Number(value);
  return present !== undefined && present === value;
}

function filtersIn(group: Json): JsonObject[] {
  const { filters } = isJsonObject(group) ? group : {};
  return Array.isArray(filters) ? filters.filter(isJsonObject) : [];
}

function textsIn(list: Json | undefined): string[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}

const contact = '{{ actions.crm.id }}';
const summary = '{{ extracted_variables.summary }}';
const properties = {
  firstname: '{{ input_variables.customer_name }}',
  city: { value: '{{ lead.variables.city }}', mode: 'fill_if_empty' },
  lead_notes: { value: summary, mode: 'append' },
};
const modes = ['properties.city.mode', 'properties.lead_notes.mode'];
const call = {
  ...{ contact, title: 'Call with {{ input_variables.customer_name }}', body: summary },
  ...{ duration: '{{ duration }}', status: '{{ status }}', direction: 'outbound', time: '{{ created_at }}' },
  ...{ from: '{{ assistant_phone }}', to: '{{ customer_phone }}', recording_url: '{{ recording_url }}' },
};
const fixedOfCall = ['contact', 'duration', 'direction', 'time', 'from', 'to'];
const RICH = ['hs_call_body', 'hs_note_body', 'hs_task_body'];

export const standIn: StandInKind = {
  kind: 'hubspot',
  create: createHubSpot,
  options: (url) => ({ access_token: TOKEN, base_url: url }),
  cases: [
    {
      ...{
        name: 'upsert_contact by e-mail',
        operation: 'upsert_contact',
        fixed: ['email', 'phone', ...modes],
      },
      with: { email: '{{ lead.variables.email }}', phone: '{{ customer_phone }}', properties },
    },
    {
      ...{
        name: 'upsert_contact by a unique property',
        operation: 'upsert_contact',
        fixed: ['phone', ...modes],
      },
      options: { contact_property: 'call_phone' },
      with: { phone: '{{ customer_phone }}', properties },
    },
    {
      ...{ name: 'upsert_contact by phone', operation: 'upsert_contact', fixed: ['phone', ...modes] },
      with: { phone: '{{ customer_phone }}', properties },
    },
    {
      ...{
        name: 'upsert_contact of one that is there',
        operation: 'upsert_contact',
        fixed: ['phone', ...modes],
      },
      with: { phone: '+43 664 00000001', properties },
    },
    { operation: 'log_call', with: call, fixed: fixedOfCall },
    {
      ...{ name: 'log_call by a unique property', operation: 'log_call', fixed: [...fixedOfCall, 'company'] },
      options: { call_property: 'call_id' },
      with: { ...call, company: '201' },
    },
    {
      ...{ name: 'log_call without a start', operation: 'log_call', fixed: ['contact'] },
      with: { contact, body: `<p>${summary}</p>` },
    },
    { operation: 'create_note', with: { contact, deal: '301', body: summary }, fixed: ['contact', 'deal'] },
    {
      ...{ operation: 'create_task', fixed: ['contact', 'due', 'priority', 'type'] },
      with: {
        contact,
        subject: 'Call back: {{ input_variables.customer_name }}',
        body: summary,
        due: '1 day',
        priority: 'high',
        type: 'call',
      },
    },
    {
      ...{ operation: 'create_deal', fixed: ['contact', 'company', 'stage', 'amount', 'close_date'] },
      with: {
        ...{
          contact,
          company: '201',
          name: 'Demo for {{ input_variables.customer_name }}',
          stage: 'appointmentscheduled',
        },
        ...{ amount: '1200.5', close_date: '30 days', properties: { lead_source: summary } },
      },
    },
  ],
  throttled: {
    answer: answer(429, {
      ...{ status: 'error', message: 'You have reached your ten_secondly_rolling limit.' },
      ...{ errorType: 'RATE_LIMIT', correlationId: 'c', policyName: 'TEN_SECONDLY_ROLLING' },
    }),
    afterMs: 10_000,
  },
  rejected: {
    answer: invalid('Property values were not valid: Property "colour" does not exist'),
    words: 'Property "colour" does not exist',
  },
  unauthorized: refusal(401, 'INVALID_AUTHENTICATION', 'Authentication credentials not found.'),
  isWrite: ({ method, path }) => method !== 'GET' && !path.endsWith('/search'),
  // These are shown as HTML, every other property as it is. A line break is no structure.
  marksOf: (sent, field) =>
    RICH.includes(field) ? (sent.match(/<[^>]*>/g) ?? []).filter((tag) => tag !== '<br>') : [],
};
