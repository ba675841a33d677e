import { type Compilable, type Kysely, type SqlBool, sql } from 'kysely';
import { type DeliveryState } from '../../domain/delivery.js';
import { type Dialect } from '../dialect.js';
import { type Database } from '../schema.js';
import { statement } from '../statement.js';
import { type DueDestination } from '../store.js';
import { DELIVERY_COLUMNS } from './delivery-columns.js';
import { FEW_EVENTS } from './list-queries.js';

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

type StateCount = { state: DeliveryState; count: number };

function countAll(db: Kysely<Database>): Compilable<StateCount> {
  return db
    .selectFrom('deliveries')
    .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
    .groupBy('state');
}

/** From so many on, what is over with is estimated: counting ten million rows would keep a server busy for seconds. */
const ESTIMATED_FROM = 200_000;

/**
 * What is still to be done is counted, by its indexes. The rest is counted while the table is small, and then taken from
 * the statistics that PostgreSQL keeps for its planner.
 */
function countByEstimate(db: Kysely<Database>): Compilable<StateCount> {
  const open = sql`('pending', 'sending', 'held', 'dead')`;
  const rows = sql`(select reltuples from pg_class where oid = 'deliveries'::regclass)`;
  const query = sql<StateCount>`
    select state, count(*) as count from deliveries where state in ${open} group by state
    union all
    select state, count(*) from deliveries
      where ${rows} < ${sql.lit(ESTIMATED_FROM)} and state not in ${open} group by state
    union all
    select known.state, (${rows} * known.share)::bigint
      from pg_stats, unnest(most_common_vals::text::text[], most_common_freqs) as known(state, share)
      where schemaname = current_schema() and tablename = 'deliveries' and attname = 'state'
        and ${rows} >= ${sql.lit(ESTIMATED_FROM)} and known.state not in ${open}`;
  return { compile: () => query.compile(db) };
}

/** `not_evaluated` says nothing about the event. */
const eventsOfRule = (db: Kysely<Database>) =>
  statement<{ rule: string }>()((arg) =>
    db
      .selectFrom('decisions')
      .select('event_id as id')
      .where('rule', '=', arg('rule'))
      .where(sql<SqlBool>`verdict in ('fired', 'undecided', 'error')`)
      .limit(sql.lit(FEW_EVENTS + 1)),
  );

/** Looking at deliveries. */
export function lookupQueries(db: Kysely<Database>, dialect: Dialect) {
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
      dialect.name === 'postgres' ? countByEstimate(db) : countAll(db),
    ),
    /** The first events of a rule, {@link FEW_EVENTS} and one more at most. Null where no index leads to them. */
    eventsOfRule: dialect.name === 'postgres' ? eventsOfRule(db) : null,
  };
}
