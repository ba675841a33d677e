import { type Outcome } from '../domain/attempt.js';
import { type Decision } from '../domain/decision.js';
import { type Delivery, type DeliveryState, idempotencyKeyOf, NOT_YET } from '../domain/delivery.js';
import { type EventRecord, type EventStatus, type Problem } from '../domain/event.js';
import { type Json, type JsonObject } from '../lib/json.js';
import { type ExplainNode } from '../rules/condition.js';
import { type Attempt } from '../store/store.js';

/** One page of a list, newest first. `next` is the cursor of the page behind it, null on the last one. */
export interface ListView<Item> {
  items: Item[];
  next: string | null;
}

/** Times in views are ISO 8601, UTC, with milliseconds. */
export interface EventView {
  id: string;
  source: string;
  call_id: string | null;
  revision: number;
  status: EventStatus;
  received_at: string;
  contact: string | null;
}

export interface EventDetails extends EventView {
  labels: Record<string, string>;
  problems: Problem[];
  /** What rules and templates saw; null where the bytes were removed or cannot be read. */
  call: JsonObject | null;
  decisions: Decision[];
  /** Oldest first. */
  deliveries: DeliveryView[];
}

export interface DeliveryView {
  id: string;
  event_id: string;
  rule: string;
  action: string;
  /** Empty where a table led nowhere. */
  destination: string;
  kind: string;
  operation: string;
  state: DeliveryState;
  /** Null while it waits for what it needs. */
  due_at: string | null;
  attempt_count: number;
  /** Why it is in this state; for `pending` also why its destination takes nothing at the moment. */
  reason: string | null;
  idempotency_key: string;
}

export interface DeliveryDetails extends DeliveryView {
  contact: string | null;
  created_at: string;
  updated_at: string;
  /** As every attempt sends it; null until it is rendered, and after its retention. */
  input: Json;
  attempts: AttemptView[];
}

export interface AttemptView {
  number: number;
  started_at: string;
  duration_ms: number;
  outcome: Outcome;
  reason: string | null;
  http_status: number | null;
  /** For a person: no secrets, no personal data. */
  message: string | null;
  /** What the destination answered when it took it, e.g. the id of a record; null elsewhere. */
  receipt: Json;
}

/** One rule's verdict, computed again, with every value its condition saw. */
export interface ExplainedRule extends Decision {
  /** Null only where the rule has none. */
  condition: ExplainNode | null;
}

export interface ExplainView {
  event: EventView;
  rules: ExplainedRule[];
}

/** Ids of deliveries. */
export interface ReplayView {
  event_id: string;
  /** Live rules that fired this time. */
  fired: string[];
  planned: string[];
  retried: string[];
  canceled: string[];
  /** Still on their way, or perhaps delivered. */
  left: string[];
}

export interface CountView {
  count: number;
}

export interface BulkReplayView extends CountView {
  /** Events that could not be replayed. */
  refused: number;
  /** The first 20 of them. */
  refusals: { event_id: string; message: string }[];
}

export function eventView(event: EventRecord): EventView {
  return {
    id: event.id,
    source: event.source,
    call_id: event.callId,
    revision: event.revision,
    status: event.status,
    received_at: isoTime(event.receivedAt),
    contact: event.contact,
  };
}

/** @param laneReason why the destination takes nothing at the moment, or null. */
export function deliveryView(
  delivery: Delivery,
  laneReason: (destination: string) => string | null,
): DeliveryView {
  const { state, destination } = delivery;
  return {
    id: delivery.id,
    event_id: delivery.eventId,
    rule: delivery.rule,
    action: delivery.action,
    destination,
    kind: delivery.kind,
    operation: delivery.operation,
    state,
    due_at: delivery.dueAt === NOT_YET ? null : isoTime(delivery.dueAt),
    attempt_count: delivery.attemptCount,
    reason: delivery.reason ?? (state === 'pending' ? laneReason(destination) : null),
    idempotency_key: idempotencyKeyOf(delivery.id),
  };
}

export function deliveryDetails(
  delivery: Delivery,
  view: DeliveryView,
  attempts: Attempt[],
): DeliveryDetails {
  return {
    ...view,
    contact: delivery.contact,
    created_at: isoTime(delivery.createdAt),
    updated_at: isoTime(delivery.updatedAt),
    input: delivery.input === null ? null : (JSON.parse(delivery.input) as Json),
    attempts: attempts.map(attemptView),
  };
}

function attemptView(attempt: Attempt): AttemptView {
  return {
    number: attempt.number,
    started_at: isoTime(attempt.startedAt),
    duration_ms: attempt.durationMs,
    outcome: attempt.outcome,
    reason: attempt.reason,
    http_status: attempt.httpStatus,
    message: attempt.message,
    receipt: attempt.receipt ?? null,
  };
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
