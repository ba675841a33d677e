import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { textOf } from '../../../src/adapters/text-of.js';
import { type Json, type JsonObject, isJsonObject } from '../../../src/lib/json.js';
import { readSoql } from './read-soql.js';
import {
  answer,
  type StandIn,
  type StandInAnswer,
  type StandInKind,
  type StandInRequest,
} from './stand-in.js';

const SECRET = 'client-hushhush';
const TOKEN = '00D000000000001!hushhush';
const LOGIN = '/services/oauth2/token';
const DATA = '/services/data/v62.0';
const CREATED = '2026-11-23T12:00:01.000+0000';
const KEYS = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

type Type = 'text' | 'number' | 'boolean' | 'date' | 'datetime' | 'id';

interface SObject {
  fields: Record<string, { type: Type; length?: number }>;
  required: string[];
  externalIds: string[];
}

const OBJECTS: Record<string, SObject> = {
  Contact: {
    fields: {
      ...{ LastName: { type: 'text', length: 80 }, MailingCity: { type: 'text', length: 40 } },
      ...{ Description: { type: 'text', length: 32_000 }, Calls__c: { type: 'number' } },
      ...{ Interested__c: { type: 'boolean' }, Called_At__c: { type: 'datetime' } },
      ...{ Topics__c: { type: 'text', length: 255 }, Phone_Key__c: { type: 'text', length: 255 } },
    },
    required: ['LastName'],
    externalIds: ['Phone_Key__c'],
  },
  Task: {
    fields: {
      ...{ Subject: { type: 'text', length: 255 }, Description: { type: 'text', length: 32_000 } },
      ...{ TaskSubtype: { type: 'text' }, Status: { type: 'text' }, Priority: { type: 'text' } },
      ...{ CallObject: { type: 'text', length: 255 }, CallType: { type: 'text' } },
      ...{ CallDisposition: { type: 'text', length: 255 }, CallDurationInSeconds: { type: 'number' } },
      ...{ ActivityDate: { type: 'date' }, WhoId: { type: 'id' }, WhatId: { type: 'id' } },
      ...{ OwnerId: { type: 'id' }, Call_Key__c: { type: 'text', length: 255 } },
    },
    required: [],
    externalIds: ['Call_Key__c'],
  },
};

type Records = Record<string, JsonObject[]>;

/** An org with contacts, one of them known, and tasks. */
function createSalesforce(): StandIn {
  const known = {
    Id: '003000000000001AAA',
    LastName: 'Doe',
    Phone_Key__c: '+4366400000',
    MailingCity: 'Graz',
  };
  const records: Records = { Contact: [{ ...known, Topics__c: 'price' }], Task: [] };
  const written = new Set<JsonObject>();
  return {
    records: (operation) =>
      operation === 'upsert'
        ? [...written].filter((one) => records.Contact?.includes(one))
        : (records.Task ?? []),
    handle: (request) => {
      if (request.path === LOGIN) return logIn(request);
      if (request.headers.authorization !== `Bearer ${TOKEN}`) return INVALID_SESSION;
      return handle(request, records, written);
    },
  };
}

const refusal = (status: number, errorCode: string, message: string, fields: string[] = []) =>
  answer(status, [{ message, errorCode, fields }]);
const INVALID_SESSION = refusal(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
const NOT_FOUND = refusal(404, 'NOT_FOUND', 'The requested resource does not exist');

function logIn({ form }: StandInRequest): StandInAnswer {
  const isClient = form.get('client_id') === 'consumer' && form.get('client_secret') === SECRET;
  const isGood =
    form.get('grant_type') === 'client_credentials'
      ? isClient
      : form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
        isGoodAssertion(form.get('assertion') ?? '');
  if (!isGood) return answer(400, { error: 'invalid_grant', error_description: 'authentication failure' });
  return answer(200, {
    ...{ access_token: TOKEN, instance_url: 'https://acme.my.salesforce.com' },
    ...{ token_type: 'Bearer', issued_at: '1795435200000' },
  });
}

function isGoodAssertion(assertion: string): boolean {
  const [head = '', claims = '', signature = ''] = assertion.split('.');
  const signed = Buffer.from(`${head}.${claims}`);
  if (!verify('sha256', signed, createPublicKey(KEYS.publicKey), Buffer.from(signature, 'base64url')))
    return false;
  const { iss, sub, aud, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as JsonObject;
  const leftMs = Number(exp) * 1_000 - Date.parse('2026-11-23T12:00:00Z');
  const isTimely = leftMs > 0 && leftMs <= 300_000;
  return isTimely && iss === 'consumer' && sub === 'bot@acme.test' && aud === 'https://login.salesforce.com';
}

function handle(
  { method, path, query, json }: StandInRequest,
  records: Records,
  written: Set<JsonObject>,
): StandInAnswer {
  if (!path.startsWith(`${DATA}/`)) return NOT_FOUND;
  const [resource, object = '', key, value] = path
    .slice(DATA.length + 1)
    .split('/')
    .map(decodeURIComponent);
  const body = isJsonObject(json) ? json : {};
  if (resource === 'query') return runQuery(query.get('q') ?? '', records);
  const shape = OBJECTS[object];
  const list = records[object];
  if (resource !== 'sobjects' || shape === undefined || list === undefined) return NOT_FOUND;
  if (method === 'POST' && key === undefined) return save(body, undefined, { object, shape, list, written });
  if (value === undefined) {
    const known = list.find(({ Id }) => Id === key);
    if (known === undefined) return NOT_FOUND;
    return save(body, known, { object, shape, list, written });
  }
  if (!shape.externalIds.includes(key ?? '')) return NOT_FOUND;
  const found = list.filter((record) => record[key ?? ''] === value);
  if (found.length > 1)
    return answer(
      300,
      found.map(({ Id }) => `${DATA}/sobjects/${object}/${textOf(Id)}`),
    );
  if (method === 'GET') return found[0] ? answer(200, found[0]) : NOT_FOUND;
  if (key !== undefined && key in body)
    return refusal(400, 'INVALID_FIELD', `The ${key} field should not be specified in the sobject data.`, [
      key,
    ]);
  const keyed = { ...body, [key ?? '']: value };
  return save(keyed, found[0], { object, shape, list, written }, true);
}

interface Table {
  object: string;
  shape: SObject;
  list: JsonObject[];
  written: Set<JsonObject>;
}

function save(
  body: JsonObject,
  known: JsonObject | undefined,
  { object, shape, list, written }: Table,
  isUpsert = false,
): StandInAnswer {
  const refused = Object.entries(body).map(([name, value]) => problemOf(name, value, object, shape));
  const problem = refused.find((one) => one !== null);
  if (problem) return problem;
  const missing = shape.required.filter((name) => body[name] === undefined || body[name] === null);
  if (known === undefined && missing.length > 0)
    return refusal(
      400,
      'REQUIRED_FIELD_MISSING',
      `Required fields are missing: [${missing.join()}]`,
      missing,
    );
  const prefix = object === 'Contact' ? '003' : '00T';
  const Id = `${prefix}${String(list.length + 1).padStart(12, '0')}AAA`;
  const record = Object.assign(known ?? { Id, CreatedDate: CREATED }, body);
  if (known === undefined) list.push(record);
  written.add(record);
  if (known !== undefined && !isUpsert) return answer(204);
  const created: JsonObject = isUpsert ? { created: known === undefined } : {};
  return answer(known === undefined ? 201 : 200, {
    id: record.Id ?? null,
    success: true,
    errors: [],
    ...created,
  });
}

const FORMS: Record<Type, (value: Json) => boolean> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  date: (value) => /^\d{4}-\d\d-\d\d$/.test(textOf(value)),
  datetime: (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:?\d\d)$/.test(textOf(value)),
  id: (value) => /^\w{15}(\w{3})?$/.test(textOf(value)),
};

function problemOf(name: string, value: Json, object: string, { fields }: SObject): StandInAnswer | null {
  const field = fields[name];
  if (field === undefined)
    return refusal(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${object}`);
  if (value === null) return null;
  if (!FORMS[field.type](value))
    return refusal(400, 'JSON_PARSER_ERROR', `Cannot deserialize instance of ${field.type} (${name})`);
  if (textOf(value).length <= (field.length ?? 255)) return null;
  return refusal(400, 'STRING_TOO_LONG', `${name}: data value too large`, [name]);
}

function runQuery(q: string, records: Records): StandInAnswer {
  const query = readSoql(q);
  if (query === null) return refusal(400, 'MALFORMED_QUERY', 'unexpected token');
  const found = (records[query.object] ?? []).filter((record) =>
    query.conditions.every(({ field, operator, value }) => {
      const present = textOf(record[field]);
      return operator === '=' ? present === value : Date.parse(present) >= Date.parse(value);
    }),
  );
  return answer(200, { totalSize: found.length, done: true, records: found });
}

const data = { actions: { crm: { id: '003000000000001AAA' } } };
const description = '{{ extracted_variables.summary }}';
const who = '{{ actions.crm.id }}';
const call = {
  ...{ who, description, duration: '{{ duration }}', result: '{{ status }}', date: '{{ created_at }}' },
  ...{ subject: 'Call with {{ input_variables.customer_name }}', direction: 'outbound' },
};
const task = { who, description, due: '2 days', subject: 'Call {{ input_variables.customer_name }}' };
const fixed = ['who', 'date', 'due', 'duration', 'direction', 'priority', 'status'];
const keyed = { task_external_id_field: 'Call_Key__c' };
const byAssertion = { client_secret: undefined, username: 'bot@acme.test', private_key: KEYS.privateKey };

export const standIn: StandInKind = {
  kind: 'salesforce',
  create: createSalesforce,
  options: (url) => ({ login_url: url, base_url: url, client_id: 'consumer', client_secret: SECRET }),
  cases: [
    {
      ...{ name: 'upsert of a new contact', operation: 'upsert' },
      with: {
        ...{ object: 'Contact', external_id_field: 'Phone_Key__c', external_id: '{{ customer_phone }}' },
        fields: {
          ...{ LastName: '{{ input_variables.customer_name }}', Calls__c: 1, Interested__c: true },
          ...{ Called_At__c: '{{ finished_at }}', Topics__c: ['demo', 'price'] },
        },
      },
      fixed: ['object', 'external_id_field', 'fields.Called_At__c'],
    },
    {
      ...{ name: 'upsert of a known contact, by modes', operation: 'upsert' },
      with: {
        ...{ object: 'Contact', external_id_field: 'Phone_Key__c', external_id: '+4366400000' },
        fields: {
          MailingCity: { value: 'Vienna', mode: 'fill_if_empty' },
          Description: { value: description, mode: 'append' },
          Topics__c: { value: ['demo'], mode: 'append' },
        },
      },
      fixed: [
        ...[
          'object',
          'external_id_field',
          'external_id',
          'fields.MailingCity.value',
          'fields.MailingCity.mode',
        ],
        ...['fields.Description.mode', 'fields.Topics__c.mode'],
      ],
    },
    { name: 'log_call found by its CallObject', operation: 'log_call', with: call, data, fixed },
    { name: 'log_call by External ID', operation: 'log_call', with: call, data, fixed, options: keyed },
    {
      ...{ name: 'log_call with an assertion', operation: 'log_call', with: call, data, fixed },
      options: { ...byAssertion, base_url: undefined } as never,
    },
    { name: 'create_task found by its words', operation: 'create_task', with: task, data, fixed },
    { name: 'create_task by External ID', operation: 'create_task', with: task, data, fixed, options: keyed },
  ],
  throttled: {
    answer: refusal(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'),
    afterMs: 900_000,
  },
  rejected: {
    answer: refusal(400, 'FIELD_CUSTOM_VALIDATION_EXCEPTION', 'The region is closed', ['Region__c']),
    words: 'FIELD_CUSTOM_VALIDATION_EXCEPTION The region is closed (Region__c)',
  },
  unauthorized: INVALID_SESSION,
  isLogin: ({ path }) => path === LOGIN,
  // Salesforce shows all of these fields as plain text.
  marksOf: () => [],
};
