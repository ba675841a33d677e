import { type Kysely, sql } from 'kysely';
import { type Database } from '../schema.js';
import { statement } from '../statement.js';
import { type DueDestination } from '../store.js';
import { DELIVERY_COLUMNS } from './delivery-columns.js';

/**
 * Hops from destination to destination over the index of pending deliveries: the cost follows the number
 * of destinations, not the million deliveries that may be waiting.
 */
const DESTINATIONS = sql`with recursive hop(name) as (
  select (select destination from deliveries where state = 'pending' order by destination limit 1)
  union all
  select (select destination from deliveries where state = 'pending' and destination > hop.name
    order by destination limit 1)
  from hop where hop.name is not null)`;

/** What is due next, and for whom. */
export function dueQueries(db: Kysely<Database>) {
  return {
    nextDueAt: statement<Record<never, never>>()(() => ({
      compile: () =>
        sql<{ dueAt: number | null }>`${DESTINATIONS} select min((select min(due_at) from deliveries
          where state = 'pending' and destination = hop.name)) as "dueAt" from hop`.compile(db),
    })),
    dueDestinations: statement<{ dueBefore: number }>()((arg) => ({
      compile: () =>
        sql<DueDestination>`${DESTINATIONS} select destination, id as "deliveryId",
          attempt_count as "attemptCount", due_at as "dueAt" from hop
          join deliveries on seq = (select seq from deliveries where state = 'pending'
            and destination = hop.name and due_at <= ${arg('dueBefore')} order by due_at, seq limit 1)`.compile(
          db,
        ),
    })),
    pendingDestinations: statement<Record<never, never>>()(() => ({
      compile: () =>
        sql<{ name: string }>`${DESTINATIONS} select name from hop where name is not null`.compile(db),
    })),
  };
}

/** Looking at deliveries. */
export function lookupQueries(db: Kysely<Database>) {
  return {
    findDelivery: statement<{ id: string }>()((arg) =>
      db.selectFrom('deliveries').select(DELIVERY_COLUMNS).where('id', '=', arg('id')),
    ),
    attemptsOfDelivery: statement<{ deliveryId: string }>()((arg) =>
      db
        .selectFrom('attempts')
        .select(['number', 'started_at as startedAt', 'duration_ms as durationMs', 'outcome'])
        .select(['reason', 'message', 'http_status as httpStatus', 'receipt'])
        .where('delivery_id', '=', arg('deliveryId'))
        .orderBy('number'),
    ),
    countDeliveries: statement<Record<never, never>>()(() =>
      db
        .selectFrom('deliveries')
        .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
        .groupBy('state'),
    ),
  };
}
