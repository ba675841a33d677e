import { isJsonObject, type Json, type JsonObject } from '../../../src/lib/json.js';
import { textOf } from '../../../src/adapters/text-of.js';
import {
  answer,
  type StandIn,
  type StandInAnswer,
  type StandInKind,
  type StandInRequest,
} from './stand-in.js';

const TOKEN = 'hushhush-0123456789abcdef';
const NOW = '2026-11-23T12:00:01Z';
const MAX_TEXT = 255;
const MAX_NOTE = 100_000;
const CUSTOM = 'a'.repeat(40);

interface Stored extends JsonObject {
  id: number | string;
}

interface Account {
  persons: Stored[];
  callLogs: Stored[];
  activities: Stored[];
  deals: Stored[];
  notes: Stored[];
  /** Ids of persons written since the account was opened. */
  written: Set<number | string>;
}

type Collection = Exclude<keyof Account, 'written'>;

/** An account with one person, one deal and one pipeline. */
function createPipedrive(): StandIn {
  const account: Account = {
    persons: [
      {
        ...{
          id: 101,
          name: 'Joan Roe',
          emails: [{ value: 'joan@example.com', primary: true, label: 'work' }],
        },
        phones: [{ value: '0664 00000001', primary: true, label: 'mobile' }],
        custom_fields: { [CUSTOM]: 'Asked for a price.' },
      },
    ],
    deals: [{ id: 301, title: 'Old deal', add_time: '2026-01-01T00:00:00Z' }],
    ...{ callLogs: [], activities: [], notes: [] },
    written: new Set(),
  };
  return {
    records: (operation) => recordsOf(account, operation),
    handle: (request) => handle(request, account),
  };
}

function recordsOf(account: Account, operation: string): unknown[] {
  if (operation === 'upsert_person') return account.persons.filter(({ id }) => account.written.has(id));
  if (operation === 'create_deal') return account.deals.filter(({ id }) => id !== 301);
  if (operation === 'log_call') return account.callLogs;
  // Every call that is logged is an activity, too.
  if (operation === 'create_activity') return account.activities.filter(({ of }) => of === undefined);
  return account.notes;
}

const success = (data: Json, more: JsonObject = {}) => answer(200, { success: true, data, ...more });
const refusal = (status: number, error: string) =>
  answer(status, { success: false, error, error_info: 'Please check developers.pipedrive.com', data: null });
const invalid = (error: string) => refusal(400, error);

function handle(request: StandInRequest, account: Account): StandInAnswer {
  const { method, path, headers, json, query } = request;
  if (headers['x-api-token'] !== TOKEN) return refusal(401, 'unauthorized access');
  const body = isJsonObject(json) ? json : {};
  const [, version, name = '', id] = /^\/(v1|api\/v2)\/(\w+)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (name === 'persons' && id === 'search') return search(query, account);
  const collection = collectionAt(version, name);
  if (collection === null) return refusal(404, 'Unknown method');
  if (id === undefined) {
    if (method === 'POST') return create(collection, body, account);
    return list(collection, query, account);
  }
  const stored = account[collection].find((one) => String(one.id) === decodeURIComponent(id));
  if (stored === undefined) return refusal(404, `${collection} not found`);
  if (method === 'GET') return success(stored);
  if (method !== (collection === 'notes' ? 'PUT' : 'PATCH')) return refusal(405, 'Method not allowed');
  const refused = refuse(collection, { ...stored, ...body }, account);
  if (refused !== null) return refused;
  account.written.add(stored.id);
  return success(Object.assign(stored, body));
}

/** Call logs and notes are in the first version only, the others here in the second. */
function collectionAt(version: string | undefined, name: string): Collection | null {
  if (version === 'v1' && (name === 'callLogs' || name === 'notes')) return name;
  if (version !== 'v1' && (name === 'persons' || name === 'activities' || name === 'deals')) return name;
  return null;
}

function create(collection: Collection, body: JsonObject, account: Account): StandInAnswer {
  const refused = refuse(collection, body, account);
  if (refused !== null) return refused;
  const number = 1_000 + account[collection].length;
  const record = { ...body, add_time: NOW, update_time: NOW };
  const stored = collection === 'callLogs' ? logged(account, record, number) : { ...record, id: number };
  account[collection].push(stored);
  account.written.add(stored.id);
  return success(stored);
}

function logged(account: Account, record: JsonObject, number: number): Stored {
  const activity = {
    id: 5_000 + account.activities.length,
    of: number,
    subject: record.subject ?? null,
    type: 'call',
  };
  account.activities.push(activity);
  return { ...record, id: `CA${number}d92b224eb4a39b5ad8fea92ff0e`, activity_id: activity.id };
}

function refuse(collection: Collection, body: JsonObject, account: Account): StandInAnswer | null {
  const long = Object.entries(body).find(([name, value]) => textOf(value).length > limitOf(name));
  if (long !== undefined) return invalid(`${long[0]} is too long`);
  const number = ['person_id', 'org_id', 'deal_id', 'stage_id', 'owner_id', 'user_id'].find(
    (name) => body[name] !== undefined && typeof body[name] !== 'number',
  );
  if (number !== undefined) return invalid(`${number}: Expected number`);
  if (body.person_id !== undefined && !knows(account.persons, body.person_id))
    return refusal(404, 'Person not found');
  if (body.deal_id !== undefined && !knows(account.deals, body.deal_id))
    return refusal(404, 'Deal not found');
  const wrong = CHECKS[collection](body, account);
  return wrong === null ? null : invalid(wrong);
}

function limitOf(name: string): number {
  return name === 'note' || name === 'content' ? MAX_NOTE : MAX_TEXT;
}

function knows(list: Stored[], id: Json | undefined): boolean {
  return list.some((one) => one.id === id);
}

const OUTCOMES = ['connected', 'no_answer', 'left_message', 'left_voicemail', 'wrong_number', 'busy'];

/** What is wrong with a record, in the vendor's manner; null: nothing. */
const CHECKS: Record<Collection, (body: JsonObject, account: Account) => string | null> = {
  persons: ({ name, emails, phones, custom_fields: custom, ...others }) => {
    if (typeof name !== 'string' || name === '') return 'Name must be given.';
    const entries = [emails, phones].flatMap((entry) => entry ?? []);
    if (!entries.every((entry) => isJsonObject(entry) && textOf(entry.value) !== ''))
      return 'value is required';
    if (isJsonObject(custom) && Object.keys(custom).some((key) => key !== CUSTOM))
      return 'Unknown custom field';
    const own = ['id', 'owner_id', 'org_id', 'visible_to', 'label_ids', 'add_time', 'update_time'];
    const unknown = Object.keys(others).find((key) => !own.includes(key));
    return unknown === undefined ? null : `Parameter '${unknown}' is not allowed for this request`;
  },
  callLogs: ({
    to_phone_number: to,
    outcome,
    start_time: start,
    end_time: end,
    deal_id: deal,
    lead_id: lead,
  }) => {
    if (textOf(to) === '') return 'to_phone_number is required';
    if (!OUTCOMES.includes(textOf(outcome))) return 'outcome must be one of the allowed values';
    if (!(Date.parse(textOf(start)) <= Date.parse(textOf(end))))
      return 'end_time must not be before start_time';
    return deal !== undefined && lead !== undefined ? 'deal_id and lead_id cannot be used together' : null;
  },
  activities: ({ subject, type, person_id: person, participants, due_time: time }, { persons }) => {
    if (textOf(subject) === '') return 'subject is required';
    if (!['call', 'task', 'meeting'].includes(textOf(type))) return 'type is not a valid activity type';
    if (person !== undefined) return 'person_id is read only; use participants';
    if (time !== undefined && !/^\d\d:\d\d(:\d\d)?$/.test(textOf(time))) return 'due_time is not valid';
    const ids = (Array.isArray(participants) ? participants : []).map(
      (one) => isJsonObject(one) && one.person_id,
    );
    return ids.every((id) => knows(persons, id)) ? null : 'participant not found';
  },
  deals: ({ title, stage_id: stage, currency }) => {
    if (textOf(title) === '') return 'title is required';
    if (stage !== undefined && stage !== 7) return 'Stage does not exist';
    return currency === undefined || currency === 'EUR' ? null : 'Currency is not supported';
  },
  notes: ({ content, person_id: person, deal_id: deal, org_id: organization, lead_id: lead }) => {
    if (typeof content !== 'string') return 'content is required';
    const anchors = [person, deal, organization, lead].filter((id) => id !== undefined);
    return anchors.length > 0 ? null : 'At least one of lead_id, deal_id, person_id, org_id must be given';
  },
};

/** As texts say it: every filter that is given must hold. */
function list(collection: Collection, query: URLSearchParams, account: Account): StandInAnswer {
  const since = Date.parse(query.get('updated_since') ?? '');
  const found = account[collection].filter(
    (stored) =>
      !(Date.parse(textOf(stored.update_time)) < since) &&
      ['person_id', 'deal_id', 'org_id', 'lead_id'].every(
        (name) => query.get(name) === null || idsIn(stored, name).includes(query.get(name) ?? ''),
      ),
  );
  const start = Number(query.get('start') ?? 0);
  return success(found.slice(start, start + Number(query.get('limit') ?? 100)));
}

/** The first participant of an activity is its person. */
function idsIn(stored: Stored, name: string): string[] {
  const [first] = Array.isArray(stored.participants) ? stored.participants : [];
  const participant = name === 'person_id' && isJsonObject(first) ? textOf(first.person_id) : '';
  return [textOf(stored[name]), participant];
}

function search(query: URLSearchParams, { persons }: Account): StandInAnswer {
  const [term = '', field = ''] = [query.get('term') ?? '', query.get('fields') ?? ''];
  if (term.length < (query.get('exact_match') === 'true' ? 1 : 2)) return invalid('term is too short');
  const valuesOf = (person: Stored) =>
    [person[field === 'phone' ? 'phones' : 'emails'] ?? []]
      .flat()
      .map((entry) => (isJsonObject(entry) ? textOf(entry.value) : ''));
  const found = persons.filter((person) =>
    valuesOf(person).some((value) =>
      query.get('exact_match') === 'true'
        ? value.toLowerCase() === term
        : value.replace(/\s/g, '').includes(term),
    ),
  );
  const textsOf = (list: Json | undefined) =>
    (Array.isArray(list) ? list : []).map((entry) => (isJsonObject(entry) ? entry.value : entry) ?? null);
  const items = found.map((person) => ({
    result_score: 0.5,
    item: { id: person.id, type: 'person', name: person.name ?? null, ...listsOf(person, textsOf) },
  }));
  return success({ items }, { additional_data: { next_cursor: null } });
}

function listsOf({ phones, emails }: Stored, textsOf: (list: Json | undefined) => Json[]): JsonObject {
  return { phones: textsOf(phones), emails: textsOf(emails) };
}

const person = '101';
const summary = '{{ extracted_variables.summary }}';
const name = '{{ input_variables.customer_name }}';
const fields = { [CUSTOM]: { value: summary, mode: 'append' } };
const mode = `fields.${CUSTOM}.mode`;
const RICH = ['note', 'content'];

export const standIn: StandInKind = {
  kind: 'pipedrive',
  create: createPipedrive,
  options: (url) => ({ api_token: TOKEN, base_url: url }),
  cases: [
    {
      ...{ name: 'upsert_person by e-mail', operation: 'upsert_person', fixed: ['email', 'phone', mode] },
      with: { name, email: '{{ lead.variables.email }}', phone: '{{ customer_phone }}', fields },
    },
    {
      ...{ name: 'upsert_person by phone', operation: 'upsert_person', fixed: ['phone', mode] },
      with: { name, phone: '{{ customer_phone }}', fields },
    },
    {
      ...{ name: 'upsert_person of one whose number is written otherwise', operation: 'upsert_person' },
      ...{ fixed: ['phone', mode], with: { name, phone: '+4366400000001', fields } },
    },
    {
      ...{ operation: 'log_call', fixed: ['person', 'deal', 'to', 'from', 'time', 'duration'] },
      with: {
        ...{ person, deal: '301', to: '{{ customer_phone }}', from: '{{ assistant_phone }}' },
        ...{ subject: `Call with ${name}`, note: summary, status: '{{ status }}' },
        ...{ time: '{{ created_at }}', duration: '{{ duration }}' },
      },
    },
    {
      ...{ name: 'log_call without a start', operation: 'log_call', fixed: ['to'] },
      with: { to: '{{ customer_phone }}', note: `<p>${summary}</p>` },
    },
    {
      ...{ operation: 'create_activity', fixed: ['person', 'type', 'due'] },
      with: { person, subject: `Call back: ${name}`, type: 'call', due: '1 day', note: summary },
    },
    {
      ...{ operation: 'create_deal', fixed: ['person', 'stage', 'value', 'currency', 'close_date'] },
      with: {
        ...{
          person,
          title: `Demo for ${name}`,
          stage: '7',
          value: '1200.5',
          currency: 'EUR',
          close_date: '30 days',
        },
      },
    },
    { operation: 'add_note', fixed: ['person', 'deal'], with: { person, deal: '301', body: summary } },
  ],
  throttled: {
    answer: answer(
      429,
      { success: false, error: 'Rate limit exceeded', errorCode: 429 },
      { 'x-ratelimit-reset': '2', 'x-daily-ratelimit-token-remaining': '29000' },
    ),
    afterMs: 2_000,
  },
  rejected: { answer: invalid('Stage does not exist'), words: 'Stage does not exist' },
  unauthorized: refusal(401, 'unauthorized access'),
  // These are shown as HTML, every other field as it is. A line break is no structure.
  marksOf: (sent, field) =>
    RICH.includes(field) ? (sent.match(/<[^>]*>/g) ?? []).filter((tag) => tag !== '<br>') : [],
};
