import { FAILURE_REASONS, type Outcome } from '../domain/attempt.js';
import { DELIVERY_STATES } from '../domain/delivery.js';
import { ROLES } from '../domain/role.js';
import { type JsonObject } from '../lib/json.js';
import { EVENT_STATUSES } from '../replay/queries.js';
import { followUpSchemas } from './follow-up-schemas.js';
import {
  anyObject,
  anything,
  count,
  flag,
  id,
  listOf,
  nullable,
  page,
  record,
  schema,
  text,
  time,
  word,
} from './schema-parts.js';

/** JSON Schemas of what the admin API answers, by name: `#/components/schemas/<name>`. */
export type SchemaName = keyof typeof SCHEMAS;

export function refTo(name: SchemaName): { $ref: string } {
  return schema(name);
}

const OUTCOMES: Outcome[] = ['delivered', 'retry', 'rejected', 'unauthorized', 'unknown'];
const VERDICTS = ['fired', 'not_matched', 'undecided', 'error', 'not_evaluated'];

const problem = record({ path: text, problem: text });

const decision = {
  rule: text,
  verdict: word(VERDICTS),
  shadow: { ...flag, description: 'true for a rule in state shadow' },
  because: { ...listOf(problem), description: 'what made it undecided or an error' },
};

const event = {
  id,
  source: text,
  call_id: nullable({ ...text, description: "the vendor's id, every digit of it" }),
  revision: { type: 'integer', minimum: 1 },
  status: word(EVENT_STATUSES),
  received_at: time,
  contact: nullable({ ...text, description: 'phone number of the person called' }),
};

const delivery = {
  id,
  event_id: id,
  rule: text,
  action: text,
  destination: { ...text, description: 'empty where a table led nowhere' },
  kind: text,
  operation: text,
  state: word(DELIVERY_STATES),
  due_at: nullable({ ...time, description: 'null while it waits for another action of its rule' }),
  attempt_count: count,
  reason: nullable({ ...text, description: 'a word, details after a colon' }),
  idempotency_key: text,
};

const attempt = {
  number: { type: 'integer', minimum: 1 },
  started_at: time,
  duration_ms: count,
  outcome: word(OUTCOMES),
  reason: { enum: [...FAILURE_REASONS, null] },
  http_status: nullable({ type: 'integer' }),
  message: nullable({ ...text, description: 'for a person' }),
  receipt: {
    description: 'what the destination answered when it took it, e.g. the id of a record; else null',
  },
};

const explainNode = {
  operator: nullable(text),
  path: nullable(text),
  result: word(['true', 'false', 'undecided']),
  value: anything,
  error: nullable(text),
  operands: listOf(schema('ExplainNode')),
  item: nullable({ type: 'integer' }),
  deciding: { ...flag, description: 'the part that settled the result' },
};

const condition: JsonObject = { oneOf: [schema('ExplainNode'), { type: 'null' }] };

const ids = listOf(id);

const refusal = {
  ...record({ status: text, message: { ...text, description: 'for a person' }, problems: listOf(problem) }),
  required: ['status', 'message'],
};

export const SCHEMAS = {
  Event: record(event),
  EventPage: page('Event'),
  EventDetails: record({
    ...event,
    labels: { type: 'object', additionalProperties: text },
    problems: listOf(problem),
    call: nullable({ ...anyObject, description: 'what rules saw; null where it cannot be read any more' }),
    decisions: listOf(schema('Decision')),
    deliveries: listOf(schema('Delivery')),
  }),
  Decision: record(decision),
  Explanation: record({
    event: schema('Event'),
    rules: listOf(record({ ...decision, condition })),
  }),
  ExplainNode: record(explainNode),
  Replay: record({ event_id: id, fired: listOf(text), planned: ids, retried: ids, canceled: ids, left: ids }),
  BulkReplay: record({
    count: { ...count, description: 'events replayed' },
    refused: { ...count, description: 'events that could not be replayed' },
    refusals: {
      ...listOf(record({ event_id: id, message: text })),
      description: 'the first 20 of them',
    },
  }),
  Delivery: record(delivery),
  DeliveryPage: page('Delivery'),
  DeliveryDetails: record({
    ...delivery,
    contact: nullable(text),
    created_at: time,
    updated_at: time,
    input: { description: 'as every attempt sends it; null until it is rendered' },
    attempts: listOf(schema('Attempt')),
  }),
  Attempt: record(attempt),
  Count: record({ count }),
  Destination: record({
    name: text,
    kind: text,
    enabled: flag,
    state: word(['ready', 'open', 'waiting', 'paused', 'disabled']),
    reason: nullable({ ...text, description: 'what opened it, or what it waits for' }),
    since: nullable(time),
    next_at: nullable({ ...time, description: 'next probe, or end of the wait' }),
    running: { ...count, description: 'requests under way' },
  }),
  DestinationPage: page('Destination'),
  Process: record({
    id,
    role: word(ROLES),
    host: { ...text, description: 'name of its machine' },
    version: text,
    rule_set: { ...text, description: 'fingerprint of the rules it decides by' },
    rule_set_current: { ...flag, description: 'whether the process that answers has the same' },
    leads: { ...flag, description: 'true for the one that does what only one may do' },
    started_at: time,
    seen_at: { ...time, description: 'when it was last heard of' },
  }),
  ProcessPage: page('Process'),
  ...followUpSchemas(delivery),
  Refusal: refusal,
} satisfies Record<string, JsonObject>;
