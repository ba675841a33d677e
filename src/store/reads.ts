import { type Kysely } from 'kysely';
import { type Decision } from '../domain/decision.js';
import { contactKey } from '../domain/contact-list.js';
import { type Delivery, type DeliveryState } from '../domain/delivery.js';
import { type EventRecord } from '../domain/event.js';
import { type Json } from '../lib/json.js';
import { findTrouble } from './alerts.js';
import { contactFacts, findChain } from './contact-facts.js';
import { listProcesses } from './fleet.js';
import {
  asksForDelivery,
  countMatching,
  FEW_EVENTS,
  selectDeliveries,
  selectEvents,
  selectEventsWith,
  selectStops,
} from './queries/list-queries.js';
import { type Queries } from './queries/queries.js';
import { toAttempt, toDecision, toDelivery, toListedEvent, toReceipt, toStoredEvent } from './rows.js';
import { type Database } from './schema.js';
import { onceStatement } from './statement.js';
import {
  type Attempt,
  type Chain,
  type ContactFacts,
  type ContactFactsRequest,
  type DeliveryFilter,
  type DueDestination,
  type EventFilter,
  type LinkPlace,
  type NeededReceipt,
  type Page,
  type Stop,
  type StoredAlert,
  type StoredEvent,
  type StoredProcess,
  type Trouble,
} from './store.js';
import { all, first, type Work } from './work.js';

/** What is read, as plain data that can cross to another thread. */
export type Read =
  | { get: 'nextDueAt' }
  | { get: 'pendingDestinations' }
  | { get: 'dueDestinations'; dueBefore: number }
  | { get: 'processes'; silentMs: number; now: number }
  | { get: 'countDeliveries' }
  | { get: 'ruleSet'; fingerprint: string }
  | { get: 'event'; id: string }
  | { get: 'laterCalls'; eventId: string }
  | { get: 'stop'; scope: string; contact: string }
  | { get: 'stops'; scope?: string; limit: number }
  | { get: 'contactFacts'; request: ContactFactsRequest }
  | { get: 'chain'; deliveryId: string }
  | { get: 'decisions'; eventId: string }
  | { get: 'delivery'; id: string }
  | { get: 'events'; filter: EventFilter & Page }
  | { get: 'deliveries'; filter: DeliveryFilter & Page }
  | { get: 'countMatching'; filter: DeliveryFilter }
  | { get: 'attempts'; deliveryId: string }
  | { get: 'receipts'; deliveryId: string }
  | { get: 'link'; place: LinkPlace }
  | { get: 'trouble'; since: number; until: number }
  | { get: 'dueAlerts'; now: number }
  | { get: 'lastEventAt'; source: string; since: number }
  | { get: 'settings'; prefix: string };

/**
 * What a person or a monitor asks for and may take long on a million rows: in a thread of its own it keeps no
 * event waiting.
 */
const LONG_READS: ReadonlySet<Read['get']> = new Set<Read['get']>([
  ...(['countDeliveries', 'events', 'deliveries', 'countMatching', 'trouble', 'lastEventAt'] as const),
  'stops',
]);

export function mayTakeLong(read: Read): boolean {
  return LONG_READS.has(read.get);
}

export interface ReadResults {
  nextDueAt: number | null;
  pendingDestinations: string[];
  dueDestinations: DueDestination[];
  processes: StoredProcess[];
  countDeliveries: Partial<Record<DeliveryState, number>>;
  ruleSet: string | null;
  event: StoredEvent | null;
  laterCalls: StoredEvent[];
  stop: Stop | null;
  stops: Stop[];
  contactFacts: ContactFacts;
  chain: Chain | null;
  decisions: Decision[];
  delivery: Delivery | null;
  events: EventRecord[];
  deliveries: Delivery[];
  countMatching: number;
  attempts: Attempt[];
  receipts: NeededReceipt[];
  link: Json;
  trouble: Trouble[];
  dueAlerts: StoredAlert[];
  lastEventAt: number | null;
  settings: Record<string, string>;
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
    case 'dueDestinations':
      return yield* all(queries.dueDestinations, read);
    case 'processes':
      return yield* listProcesses(queries, read);
    case 'countDeliveries':
      return yield* countDeliveries(queries);
    case 'ruleSet':
      return (yield* first(queries.loadRuleSet, read))?.content ?? null;
    case 'event':
      return yield* findEvent(queries, read.id);
    case 'laterCalls':
      return yield* laterCalls(queries, read.eventId);
    case 'stop':
      return yield* first(queries.findStop, { scope: read.scope, contact: contactKey(read.contact) });
    case 'stops':
      return yield* all(onceStatement(selectStops(db, read)), {});
    case 'contactFacts':
      return yield* contactFacts(queries, read.request);
    case 'chain':
      return yield* findChain(queries, read.deliveryId);
    case 'decisions':
      return (yield* all(queries.decisionsOfEvent, read)).map(toDecision);
    case 'delivery':
      return yield* findDelivery(queries, read.id);
    case 'events':
      return yield* listEvents(db, queries, read.filter);
    case 'deliveries':
      return (yield* all(onceStatement(selectDeliveries(db, read.filter)), {})).map(toDelivery);
    case 'countMatching':
      return Number((yield* first(onceStatement(countMatching(db, read.filter)), {}))?.count ?? 0);
    case 'attempts':
      return (yield* all(queries.attemptsOfDelivery, read)).map(toAttempt);
    case 'receipts':
      return (yield* all(queries.receiptsOf, { id: read.deliveryId })).map(toReceipt);
    case 'link':
      return JSON.parse((yield* first(queries.findLink, read.place))?.value ?? 'null') as Json;
    case 'trouble':
      return yield* findTrouble(queries, read);
    case 'dueAlerts':
      return yield* all(queries.dueAlerts, read);
    case 'lastEventAt':
      return (yield* first(queries.lastEventAt, read))?.receivedAt ?? null;
    case 'settings':
      return yield* findSettings(queries, read.prefix);
  }
}

/** More calls hardly come while a follow-up waits; what is passed over was looked at when it arrived. */
const MOST_LATER_CALLS = 100;

function* laterCalls(queries: Queries, id: string): Work<StoredEvent[]> {
  const newestFirst = yield* all(queries.laterCalls, { id, limit: MOST_LATER_CALLS });
  return newestFirst.reverse().map(toStoredEvent);
}

function* countDeliveries(queries: Queries): Work<Partial<Record<DeliveryState, number>>> {
  const rows = yield* all(queries.countDeliveries, {});
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
}

function* findEvent(queries: Queries, id: string): Work<ReadResults['event']> {
  const row = yield* first(queries.findEvent, { id });
  return row === null ? null : toStoredEvent(row);
}

function* listEvents(
  db: Kysely<Database>,
  queries: Queries,
  filter: EventFilter & Page,
): Work<EventRecord[]> {
  const found = yield* findAsked(db, queries, filter);
  const few = found === null || found.length > FEW_EVENTS ? null : found.map(({ id }) => id);
  return (yield* all(onceStatement(selectEvents(db, filter, few)), {})).map(toListedEvent);
}

/** Ids of events that a delivery or a decision leads to; null where nothing does. */
function* findAsked(
  db: Kysely<Database>,
  { eventsOfRule }: Queries,
  filter: EventFilter,
): Work<{ id: string }[] | null> {
  if (asksForDelivery(filter)) return yield* all(onceStatement(selectEventsWith(db, filter)), {});
  if (filter.rule === undefined || eventsOfRule === null) return null;
  return yield* all(eventsOfRule, { rule: filter.rule });
}

function* findDelivery(queries: Queries, id: string): Work<Delivery | null> {
  const row = yield* first(queries.findDelivery, { id });
  return row === null ? null : toDelivery(row);
}

function* findSettings(queries: Queries, prefix: string): Work<Record<string, string>> {
  const rows = yield* all(queries.findSettings, { prefix });
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}
