import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { type Decision } from '../domain/decision.js';
import { type Delivery, type DeliveryState } from '../domain/delivery.js';
import { type EventRecord } from '../domain/event.js';
import { DELIVERY_COLUMNS } from './queries/delivery-columns.js';
import { type Queries } from './queries/queries.js';
import { toAttempt, toDecision, toFoundEvent } from './rows.js';
import { type Database } from './schema.js';
import { onceStatement } from './statement.js';
import { type Attempt, type DeliveryFilter } from './store.js';
import { all, first, type Work } from './work.js';

/** What is read, as plain data that can cross to another thread. */
export type Read =
  | { get: 'nextDueAt' }
  | { get: 'pendingDestinations' }
  | { get: 'countDeliveries' }
  | { get: 'ruleSet'; fingerprint: string }
  | { get: 'event'; id: string }
  | { get: 'decisions'; eventId: string }
  | { get: 'delivery'; id: string }
  | { get: 'deliveries'; filter: DeliveryFilter }
  | { get: 'attempts'; deliveryId: string };

export interface ReadResults {
  nextDueAt: number | null;
  pendingDestinations: string[];
  countDeliveries: Partial<Record<DeliveryState, number>>;
  ruleSet: string | null;
  event: { event: EventRecord; raw: Uint8Array } | null;
  decisions: Decision[];
  delivery: Delivery | null;
  deliveries: Delivery[];
  attempts: Attempt[];
}

export function* performRead(
  db: Kysely<Database>,
  queries: Queries,
  read: Read,
): Work<ReadResults[Read['get']]> {
  switch (read.get) {
    case 'nextDueAt':
      return (yield* first(queries.nextDueAt, {}))?.dueAt ?? null;
    case 'pendingDestinations':
      return (yield* all(queries.pendingDestinations, {})).map(({ name }) => name);
    case 'countDeliveries':
      return yield* countDeliveries(queries);
    case 'ruleSet':
      return (yield* first(queries.loadRuleSet, read))?.content ?? null;
    case 'event':
      return yield* findEvent(queries, read.id);
    case 'decisions':
      return (yield* all(queries.decisionsOfEvent, read)).map(toDecision);
    case 'delivery':
      return yield* first(queries.findDelivery, read);
    case 'deliveries':
      return yield* all(onceStatement(selectDeliveries(db, read.filter)), {});
    case 'attempts':
      return (yield* all(queries.attemptsOfDelivery, read)).map(toAttempt);
  }
}

function* countDeliveries(queries: Queries): Work<Partial<Record<DeliveryState, number>>> {
  const rows = yield* all(queries.countDeliveries, {});
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
}

function* findEvent(queries: Queries, id: string): Work<ReadResults['event']> {
  const row = yield* first(queries.findEvent, { id });
  return row === null ? null : toFoundEvent(row);
}

function selectDeliveries(db: Kysely<Database>, filter: DeliveryFilter) {
  let query = db.selectFrom('deliveries').select(DELIVERY_COLUMNS);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.rule !== undefined) query = query.where('rule', '=', filter.rule);
  if (filter.destination !== undefined) query = query.where('destination', '=', filter.destination);
  if (filter.contact !== undefined) query = query.where('contact', '=', filter.contact);
  if (filter.eventId !== undefined) query = query.where('event_id', '=', filter.eventId);
  if (filter.since !== undefined) query = query.where('created_at', '>=', filter.since);
  if (filter.until !== undefined) query = query.where('created_at', '<', filter.until);
  if (filter.after !== undefined) query = query.where(isOlderThan(filter.after));
  return query.orderBy('created_at', 'desc').orderBy('seq', 'desc').limit(filter.limit);
}

function isOlderThan(id: string): RawBuilder<SqlBool> {
  return sql`(created_at, seq) < (select created_at, seq from deliveries where id = ${id})`;
}
