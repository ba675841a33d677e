import { textOf } from '../../../src/adapters/text-of.js';
import { type Json, type JsonObject, isJsonObject } from '../../../src/lib/json.js';
import {
  answer,
  type StandIn,
  type StandInAnswer,
  type StandInKind,
  type StandInRequest,
} from './stand-in.js';

const SECRET = 'client-hushhush';
const REFRESH = '1000.refresh.hushhush';
const TOKEN = '1000.access.hushhush';
const LOGIN = '/oauth/v2/token';
const CRM = '/crm/v8';
const CREATED = '2026-11-23T13:00:01+01:00';

type Type = 'text' | 'email' | 'integer' | 'boolean' | 'datetime' | 'choices';

const FIELDS: Record<string, { type: Type; length?: number }> = {
  ...{ Last_Name: { type: 'text', length: 80 }, Company: { type: 'text', length: 200 } },
  ...{ City: { type: 'text', length: 100 }, Description: { type: 'text', length: 32_000 } },
  ...{ Email: { type: 'email', length: 100 }, Phone: { type: 'text', length: 30 } },
  ...{ Calls: { type: 'integer' }, Interested: { type: 'boolean' } },
  ...{ Called_At: { type: 'datetime' }, Topics: { type: 'choices' } },
};
const UNIQUE = ['Email', 'Phone'];

interface Crm {
  leads: JsonObject[];
  upserted: Set<string>;
  notes: JsonObject[];
}

/** An account with one lead. */
function createZoho(): StandIn {
  const known = { id: '101', Last_Name: 'Doe', Email: 'known@example.com', City: 'Graz', Topics: ['price'] };
  const crm: Crm = { leads: [known], upserted: new Set(), notes: [] };
  return {
    records: (operation) =>
      operation === 'add_note' ? crm.notes : crm.leads.filter(({ id }) => crm.upserted.has(textOf(id))),
    handle: (request) => {
      if (request.path === LOGIN) return logIn(request);
      if (request.headers.authorization !== `Zoho-oauthtoken ${TOKEN}`) return INVALID_TOKEN;
      return handle(request, crm);
    },
  };
}

const refusal = (status: number, code: string, message: string, details: JsonObject = {}) =>
  answer(status, { code, details, message, status: 'error' });
const INVALID_TOKEN = refusal(401, 'INVALID_TOKEN', 'invalid oauth token');

/** Of the one record of a request: Zoho answers 2xx all the same. */
const recordError = (code: string, message: string, details: JsonObject) =>
  answer(202, { data: [{ code, details, message, status: 'error' }] });
const invalidData = (api_name: string, expected: string) =>
  recordError('INVALID_DATA', 'invalid data', { api_name, expected_data_type: expected });

function logIn({ form }: StandInRequest): StandInAnswer {
  const isGood =
    form.get('grant_type') === 'refresh_token' &&
    form.get('client_id') === '1000.CLIENT' &&
    form.get('client_secret') === SECRET;
  if (!isGood) return answer(200, { error: 'invalid_client' });
  if (form.get('refresh_token') !== REFRESH) return answer(200, { error: 'invalid_code' });
  return answer(200, {
    ...{ access_token: TOKEN, api_domain: 'https://www.zohoapis.eu' },
    ...{ token_type: 'Bearer', expires_in: 3600 },
  });
}

function handle({ method, path, query, json }: StandInRequest, crm: Crm): StandInAnswer {
  const body = isJsonObject(json) ? json : {};
  const [data] = Array.isArray(body.data) ? body.data : [];
  const record = isJsonObject(data) ? data : {};
  if (path === `${CRM}/Leads/upsert`) return upsert(record, body.duplicate_check_fields ?? [], crm);
  if (path === `${CRM}/Leads/search`) return search(query, crm);
  if (path === `${CRM}/Notes` && method === 'POST') return addNote(record, crm);
  const [, noteId] = new RegExp(`^${CRM}/Notes/(\\d+)$`).exec(path) ?? [];
  if (noteId !== undefined && method === 'PUT') return updateNote(record, noteId, crm);
  const [, leadId] = new RegExp(`^${CRM}/Leads/(\\d+)/Notes$`).exec(path) ?? [];
  if (leadId === undefined) return refusal(404, 'INVALID_URL_PATTERN', 'Please check if the URL is correct');
  if (query.get('fields') === null)
    return refusal(400, 'REQUIRED_PARAM_MISSING', 'One of the expected parameter is missing');
  const notes = crm.notes.filter(({ parent }) => parent === leadId);
  return notes.length === 0 ? answer(204) : answer(200, { data: notes, info: { more_records: false } });
}

function upsert(record: JsonObject, checked: Json, { leads, upserted }: Crm): StandInAnswer {
  const keys = Array.isArray(checked) ? checked.map(textOf) : [];
  const notUnique = keys.find((name) => !UNIQUE.includes(name));
  if (keys.length === 0 || notUnique !== undefined)
    return refusal(400, 'INVALID_DATA', 'invalid data', { api_name: 'duplicate_check_fields' });
  for (const [name, value] of Object.entries(record)) {
    const problem = problemOf(name, value);
    if (problem !== null) return problem;
  }
  const key = keys.find((name) => leads.some((lead) => isTaken(lead, record, name)));
  const known = key === undefined ? undefined : leads.find((lead) => isTaken(lead, record, key));
  const taken = UNIQUE.find((name) => leads.some((one) => one !== known && isTaken(one, record, name)));
  if (taken !== undefined) return recordError('DUPLICATE_DATA', 'duplicate data', { api_name: taken });
  if (known === undefined && textOf(record.Last_Name) === '')
    return recordError('MANDATORY_NOT_FOUND', 'required field not found', { api_name: 'Last_Name' });
  const lead = Object.assign(known ?? { id: `${leads.length + 1000}` }, record);
  if (known === undefined) leads.push(lead);
  upserted.add(textOf(lead.id));
  const action = known === undefined ? 'insert' : 'update';
  const [details, message] = [{ id: textOf(lead.id) }, `record ${action}ed`];
  return answer(200, {
    data: [{ code: 'SUCCESS', duplicate_field: key ?? null, action, details, message, status: 'success' }],
  });
}

/** Unique fields mind no case. */
function isTaken(one: JsonObject, record: JsonObject, name: string): boolean {
  const value = textOf(record[name]).toLowerCase();
  return value !== '' && textOf(one[name]).toLowerCase() === value;
}

const FORMS: Record<Type, (value: Json) => boolean> = {
  text: (value) => typeof value === 'string',
  email: (value) => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(textOf(value)),
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  datetime: (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/.test(textOf(value)),
  choices: (value) => Array.isArray(value) && value.every((choice) => typeof choice === 'string'),
};

function problemOf(name: string, value: Json): StandInAnswer | null {
  const field = FIELDS[name];
  if (field === undefined) return invalidData(name, 'known field');
  if (value === null) return null;
  if (!FORMS[field.type](value)) return invalidData(name, field.type);
  return textOf(value).length > (field.length ?? 255) ? invalidData(name, 'shorter text') : null;
}

/** `(Email:equals:…)` with its marks escaped; anything else is no criterion. */
const CRITERION = /^\((\w+):equals:((?:[^\\(),]|\\[\\(),])+)\)$/;

function search(query: URLSearchParams, { leads }: Crm): StandInAnswer {
  const [, name = '', value = ''] = CRITERION.exec(query.get('criteria') ?? '') ?? [];
  if (FIELDS[name] === undefined)
    return refusal(400, 'INVALID_QUERY', 'invalid query formed', { api_name: 'criteria' });
  const wanted = value.replace(/\\(.)/g, '$1').toLowerCase();
  const found = leads.filter((lead) => textOf(lead[name]).toLowerCase().startsWith(wanted));
  return found.length === 0 ? answer(204) : answer(200, { data: found, info: { more_records: false } });
}

function addNote({ Parent_Id: parent, ...note }: JsonObject, { leads, notes }: Crm): StandInAnswer {
  const { module, id } = isJsonObject(parent) ? parent : {};
  if (!isJsonObject(module) || module.api_name !== 'Leads' || !leads.some((lead) => lead.id === id))
    return recordError('INVALID_DATA', 'the related id given seems to be invalid', { api_name: 'Parent_Id' });
  return refuseNote(note) ?? saveNote({ ...note, id: `${notes.length + 9000}`, parent: id ?? null }, notes);
}

function updateNote(note: JsonObject, id: string, { notes }: Crm): StandInAnswer {
  const known = notes.find((one) => one.id === id);
  if (known === undefined)
    return recordError('INVALID_DATA', 'the id given seems to be invalid', { api_name: 'id' });
  return refuseNote(note) ?? noteAnswer(Object.assign(known, note), 'record updated');
}

function refuseNote(note: JsonObject): StandInAnswer | null {
  const { Note_Title: title = '', Note_Content: content, ...rest } = note;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) return invalidData(unknown, 'known field');
  if (textOf(content) === '') return recordError('MANDATORY_NOT_FOUND', 'required field not found', {});
  if (textOf(title).length > 120) return invalidData('Note_Title', 'shorter text');
  return textOf(content).length > 32_000 ? invalidData('Note_Content', 'shorter text') : null;
}

function saveNote(note: JsonObject, notes: JsonObject[]): StandInAnswer {
  notes.push({ ...note, Created_Time: CREATED });
  return noteAnswer(note, 'record added');
}

const noteAnswer = ({ id }: JsonObject, message: string) =>
  answer(message === 'record added' ? 201 : 200, {
    data: [{ code: 'SUCCESS', details: { id: textOf(id) }, message, status: 'success' }],
  });

const summary = '{{ extracted_variables.summary }}';

export const standIn: StandInKind = {
  kind: 'zoho',
  create: createZoho,
  options: (url) => ({
    ...{ client_id: '1000.CLIENT', client_secret: SECRET, refresh_token: REFRESH },
    ...{ data_center: 'eu', base_url: url, accounts_url: url },
  }),
  cases: [
    {
      ...{ name: 'upsert_record of a new lead', operation: 'upsert_record' },
      with: {
        ...{ module: 'Leads', duplicate_check_fields: ['Email', 'Phone'] },
        fields: {
          ...{ Last_Name: '{{ input_variables.customer_name }}', Phone: '{{ customer_phone }}' },
          ...{ Email: '{{ lead.variables.email }}', City: '{{ lead.variables.city }}', Calls: 1 },
          ...{ Interested: true, Called_At: '{{ finished_at }}', Topics: ['demo'] },
        },
      },
      fixed: [
        ...['module', 'duplicate_check_fields.0', 'duplicate_check_fields.1', 'fields.Phone', 'fields.Email'],
        'fields.Called_At',
      ],
    },
    {
      ...{ name: 'upsert_record of a known lead, by modes', operation: 'upsert_record' },
      with: {
        ...{ module: 'Leads', duplicate_check_fields: ['Email'] },
        fields: {
          Email: 'Known@example.com',
          City: { value: 'Vienna', mode: 'fill_if_empty' },
          Description: { value: summary, mode: 'append' },
          Topics: { value: ['demo'], mode: 'append' },
        },
      },
      data: {},
      fixed: [
        ...['module', 'duplicate_check_fields.0', 'fields.Email', 'fields.City.value', 'fields.City.mode'],
        ...['fields.Description.mode', 'fields.Topics.mode'],
      ],
    },
    {
      operation: 'add_note',
      with: { module: 'Leads', record: '{{ actions.crm.id }}', title: 'Call {{ status }}', content: summary },
      fixed: ['module', 'record'],
    },
  ],
  throttled: {
    answer: refusal(429, 'TOO_MANY_REQUESTS', 'too many requests fired in concurrent'),
    afterMs: 30_000,
  },
  rejected: { answer: invalidData('Email', 'email'), words: 'INVALID_DATA invalid data (Email)' },
  unauthorized: INVALID_TOKEN,
  isLogin: ({ path }) => path === LOGIN,
  // Zoho shows these fields and notes as plain text.
  marksOf: () => [],
};
