import { type Json, type JsonObject } from '../lib/json.js';
import { type SchemaName } from './schemas.js';

const EVENT_ID = '019468ca-7f4e-7c3a-9a1b-2f0c64d5e6f7';
const DELIVERY_ID = '019468ca-7f4e-7e21-8d0f-5b1c2a3d4e5f';
const CURSOR = 'MDE5NDY4Y2EtN2Y0ZS03YzNhLTlhMWItMmYwYzY0ZDVlNmY3';

const event: JsonObject = {
  ...{ id: EVENT_ID, source: 'autocalls', call_id: '12345', revision: 1, status: 'accepted' },
  ...{ received_at: '2025-01-15T10:35:00.000Z', contact: '+1987654321' },
};

const decision: JsonObject = { rule: 'hot-lead', verdict: 'fired', shadow: false, because: [] };

const delivery: JsonObject = {
  ...{ id: DELIVERY_ID, event_id: EVENT_ID, rule: 'hot-lead', action: 'tell-sales' },
  ...{ destination: 'sales-slack', kind: 'slack', operation: 'message', state: 'dead' },
  ...{ due_at: '2025-01-15T10:35:00.000Z', attempt_count: 1, reason: 'client_error' },
  idempotency_key: `aftercall-${DELIVERY_ID}`,
};

const attempt: JsonObject = {
  ...{ number: 1, started_at: '2025-01-15T10:35:00.120Z', duration_ms: 84, outcome: 'rejected' },
  ...{ reason: 'client_error', http_status: 404, message: 'no_service', receipt: null },
};

const node: JsonObject = {
  ...{ operator: 'var', path: 'status', result: 'true', value: 'completed' },
  ...{ error: null, operands: [], item: null, deciding: true },
};

const destination: JsonObject = {
  ...{ name: 'sales-slack', kind: 'slack', enabled: true, state: 'open', reason: 'server_error' },
  ...{ since: '2025-01-15T10:35:00.000Z', next_at: '2025-01-15T10:36:20.000Z', running: 0 },
};

const process: JsonObject = {
  ...{ id: '019468c9-0b1e-7a55-8c1d-6e2f3a4b5c6d', role: 'worker', host: 'node-2', version: '0.1.0' },
  ...{ rule_set: '5f0e3a9c1b7d', rule_set_current: true, leads: true },
  ...{ started_at: '2025-01-15T08:00:00.000Z', seen_at: '2025-01-15T10:35:02.000Z' },
};

const followUp: JsonObject = {
  ...{ ...delivery, rule: 'offer', action: 'reminder', state: 'pending', attempt_count: 0 },
  ...{ due_at: '2025-01-17T10:35:00.000Z', contact: '+1987654321', scope: '', rule_set: '5f0e3a9c1b7d' },
  reason: 'follow_up: 2 business days after the call: 2025-01-17 11:35 in Europe/Vienna',
};

const stopped: JsonObject = { since: '2025-01-15T12:00:00.000Z', reason: 'by_person' };
const stop: JsonObject = { contact: '+1987654321', scope: '', ...stopped };

const timelineEntry: JsonObject = { is: 'event', at: '2025-01-15T10:35:00.000Z', event };

/** One answer of each form, shown in the OpenAPI document. */
export const EXAMPLES: Record<SchemaName, Json> = {
  Event: event,
  EventPage: { items: [event], next: CURSOR },
  EventDetails: {
    ...event,
    ...{ labels: { client: 'acme' }, problems: [], decisions: [decision], deliveries: [delivery] },
    call: { id: 12345, status: 'completed', duration: 94 },
  },
  Decision: decision,
  Explanation: { event, rules: [{ ...decision, condition: node }] },
  ExplainNode: node,
  Replay: {
    ...{ event_id: EVENT_ID, fired: ['hot-lead'], planned: [], retried: [DELIVERY_ID] },
    ...{ canceled: [], left: [] },
  },
  BulkReplay: {
    ...{ count: 118, refused: 1 },
    refusals: [{ event_id: EVENT_ID, message: 'the bytes of this event are gone: retention removed them' }],
  },
  Delivery: delivery,
  DeliveryPage: { items: [delivery], next: null },
  DeliveryDetails: {
    ...delivery,
    ...{ contact: '+1987654321', created_at: '2025-01-15T10:35:00.000Z' },
    ...{ updated_at: '2025-01-15T10:35:00.204Z', input: { text: '*Ada*: wants a demo' } },
    attempts: [attempt],
  },
  Attempt: attempt,
  Count: { count: 312 },
  Destination: destination,
  DestinationPage: { items: [destination], next: null },
  Process: process,
  ProcessPage: { items: [process], next: null },
  FollowUp: followUp,
  FollowUpPage: { items: [followUp], next: null },
  Contact: {
    ...{ contact: '+1987654321', scope: '', stopped: null, calls: 3, missed: 1, last_status: 'completed' },
    ...{ last_at: '2025-01-15T10:35:00.000Z', open_follow_ups: 1, follow_ups: [followUp] },
  },
  ContactChange: {
    ...{ contact: '+1987654321', scope: '', stopped: true, changed: true },
    canceled: [{ ...delivery, state: 'canceled', reason: 'stopped' }],
  },
  TimelineEntry: timelineEntry,
  TimelinePage: {
    items: [{ is: 'delivery', at: '2025-01-15T10:35:00.000Z', delivery }, timelineEntry],
    next: null,
  },
  Stop: stop,
  StopPage: { items: [stop], next: null },
  RulePlan: {
    ...{ rule_set: '5f0e3a9c1b7d', compared_with: 'a81c66f2d004', waiting: 12 },
    rules: [
      {
        ...{ rule: 'offer', change: 'changed', what: ['condition'] },
        actions: [{ action: 'reminder', change: 'changed', what: ['text', 'time'] }],
      },
    ],
    follow_ups: [
      {
        ...{ rule: 'offer', action: 'reminder', waiting: 12, unchanged: 0, changed: 10, gone: 2, stays: 0 },
        examples: [
          {
            ...{ id: DELIVERY_ID, contact: '+1987654321', due_at: '2025-01-17T10:35:00.000Z', is: 'changed' },
            ...{ why: 'text, time', new_due_at: '2025-01-16T10:35:00.000Z' },
          },
        ],
      },
    ],
  },
  AppliedRules: { rule_set: '5f0e3a9c1b7d', count: 12, migrated: 10, canceled: 2, kept: 0 },
  Refusal: { status: 'not_found', message: `there is no event "${EVENT_ID}"` },
};
