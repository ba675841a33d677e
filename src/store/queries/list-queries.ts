import { type Expression, type Kysely, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import { type DeliveryState } from '../../domain/delivery.js';
import { type Database } from '../schema.js';
import { type DeliveryFilter, type EventFilter, type Page } from '../store.js';
import { DELIVERY_COLUMNS, NOT_BY_STATE } from './delivery-columns.js';
import { LISTED_COLUMNS } from './event-queries.js';

/** One page of deliveries, newest first. */
export function selectDeliveries(db: Kysely<Database>, filter: DeliveryFilter & Page) {
  const older = filter.after === undefined ? [] : [isOlderDelivery(filter.after)];
  return db
    .selectFrom('deliveries')
    .select(DELIVERY_COLUMNS)
    .where('seq', 'in', chosenDeliveries(db, filter, older, 'desc', filter.limit))
    .orderBy('created_at', 'desc')
    .orderBy('seq', 'desc');
}

/** The first deliveries that a bulk command takes, by `seq`. */
export function oldestDeliveries(
  db: Kysely<Database>,
  filter: DeliveryFilter,
  further: Expression<SqlBool>[],
  limit: number,
): SelectQueryBuilder<Database, never, { seq: number }> {
  return chosenDeliveries(db, filter, further, 'asc', limit);
}

export function countMatching(db: Kysely<Database>, filter: DeliveryFilter) {
  const states = statesOf(filter);
  const query = db.selectFrom('deliveries').select((eb) => eb.fn.countAll<number>().as('count'));
  const counted = query.where((eb) => eb.and(conditionsOf(filter)));
  return states === null || states.length === 0 ? counted : counted.where('state', 'in', states);
}

/**
 * The first `limit` of each state by themselves, and of those the first `limit` of all: an index gives them in
 * order for one state only, and a million pending deliveries must not be sorted for one page.
 */
function chosenDeliveries(
  db: Kysely<Database>,
  filter: DeliveryFilter,
  further: Expression<SqlBool>[],
  order: 'asc' | 'desc',
  limit: number,
) {
  const chosen = (state: DeliveryState | null) => {
    let query = db.selectFrom('deliveries').select(['seq', 'created_at']);
    if (state !== null)
      query = query.where(filter.eventId === undefined ? sql`state` : NOT_BY_STATE, '=', state);
    return query
      .where((eb) => eb.and([...conditionsOf(filter), ...further]))
      .orderBy('created_at', order)
      .orderBy('seq', order)
      .limit(limit);
  };
  const wrapped = (state: DeliveryState | null) =>
    db.selectFrom(chosen(state).as('of_state')).select(['seq', 'created_at']);
  const [one = null, ...others] = statesOf(filter) ?? [];
  const union = others.reduce((query, state) => query.unionAll(wrapped(state)), wrapped(one));
  return db
    .selectFrom(union.as('chosen'))
    .select('seq')
    .orderBy('created_at', order)
    .orderBy('seq', order)
    .limit(limit);
}

/** Null: all of them. */
function statesOf({ state }: DeliveryFilter): readonly DeliveryState[] | null {
  if (state === undefined) return null;
  return typeof state === 'string' ? [state] : state;
}

/** Everything but the state. */
function conditionsOf(filter: DeliveryFilter): Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = [];
  const { rule, destination, contact, eventId, scope, since, until, dueAfter } = filter;
  if (statesOf(filter)?.length === 0) conditions.push(sql`1 = 0`);
  if (rule !== undefined) conditions.push(sql`rule = ${rule}`);
  if (destination !== undefined) conditions.push(sql`destination = ${destination}`);
  if (contact !== undefined) conditions.push(sql`contact = ${contact}`);
  if (eventId !== undefined) conditions.push(sql`event_id = ${eventId}`);
  if (scope !== undefined) conditions.push(sql`scope = ${scope}`);
  if (dueAfter !== undefined) conditions.push(sql`due_at > ${dueAfter}`);
  if (since !== undefined) conditions.push(sql`created_at >= ${since}`);
  if (until !== undefined) conditions.push(sql`created_at < ${until}`);
  return conditions;
}

function isOlderDelivery(id: string): Expression<SqlBool> {
  return sql`(created_at, seq) < (select created_at, seq from deliveries where id = ${id})`;
}

/** Beyond so many, walking from the newest event finds a page sooner than looking each of them up. */
export const FEW_EVENTS = 1_000;

/** Ids of events that have a delivery as asked, {@link FEW_EVENTS} and one more at most. */
export function selectEventsWith(db: Kysely<Database>, { state, destination }: EventFilter) {
  let query = db.selectFrom('deliveries').select('event_id as id');
  if (state !== undefined) query = query.where('state', '=', state);
  if (destination !== undefined) query = query.where('destination', '=', destination);
  return query.limit(FEW_EVENTS + 1);
}

/**
 * One page of events, newest first.
 * @param few the only events that have a delivery or a decision as asked, where they are few; else null
 */
export function selectEvents(
  db: Kysely<Database>,
  filter: EventFilter & Page,
  few: readonly string[] | null,
) {
  const conditions = eventConditions(filter);
  if (few !== null) conditions.push(few.length === 0 ? sql`1 = 0` : sql`id in (${sql.join(few)})`);
  else if (asksForDelivery(filter)) conditions.push(hasDelivery(filter));
  return db
    .selectFrom('events')
    .select(LISTED_COLUMNS)
    .where((eb) => eb.and(conditions))
    .orderBy('received_at', 'desc')
    .orderBy('seq', 'desc')
    .limit(filter.limit);
}

export function asksForDelivery({ state, destination }: EventFilter): boolean {
  return state !== undefined || destination !== undefined;
}

function eventConditions(filter: EventFilter & Page): Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = [];
  const { source, status, callId, contact, rule, since, until, after } = filter;
  if (source !== undefined) conditions.push(sql`source = ${source}`);
  if (status !== undefined) conditions.push(sql`status = ${status}`);
  if (callId !== undefined) conditions.push(sql`call_id = ${callId}`);
  if (contact !== undefined) conditions.push(sql`contact = ${contact}`);
  if (since !== undefined) conditions.push(sql`received_at >= ${since}`);
  if (until !== undefined) conditions.push(sql`received_at < ${until}`);
  if (rule !== undefined) conditions.push(hasDecision(rule));
  if (after !== undefined)
    conditions.push(sql`(received_at, seq) < (select received_at, seq from events where id = ${after})`);
  return conditions;
}

/** `not_evaluated` says nothing about the event. */
function hasDecision(rule: string): Expression<SqlBool> {
  return sql`exists (select 1 from decisions where event_id = events.id and rule = ${rule}
    and verdict in ('fired', 'undecided', 'error'))`;
}

function hasDelivery({ state, destination }: EventFilter): Expression<SqlBool> {
  const asked = [sql`event_id = events.id`];
  if (state !== undefined) asked.push(sql`${NOT_BY_STATE} = ${state}`);
  if (destination !== undefined) asked.push(sql`destination = ${destination}`);
  return sql`exists (select 1 from deliveries where ${sql.join(asked, sql` and `)})`;
}

/** Newest first. */
export function selectStops(db: Kysely<Database>, { scope, limit }: { scope?: string; limit: number }) {
  const query = db.selectFrom('stops').select(['scope', 'contact', 'since', 'reason']);
  const asked = scope === undefined ? query : query.where('scope', '=', scope);
  return asked.orderBy('since', 'desc').orderBy('contact').limit(limit);
}
