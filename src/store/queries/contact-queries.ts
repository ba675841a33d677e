import { type Kysely, type SqlBool, sql } from 'kysely';
import { type ContactChannel } from '../../domain/contact-limits.js';
import { type EventStatus } from '../../domain/event.js';
import { type Database } from '../schema.js';
import { statement } from '../statement.js';
import { HELD, NOT_BY_STATE, PENDING } from './delivery-columns.js';

type ContactName = { scope: string; contact: string };

/** Who may not be reached, who was, and what is known of a contact. */
export function contactQueries(db: Kysely<Database>) {
  return {
    /** Of two stops the one that was said later stays. */
    stopContact: statement<ContactName & { since: number; reason: string }>()((arg) =>
      db
        .insertInto('stops')
        .values({
          scope: arg('scope'),
          contact: arg('contact'),
          since: arg('since'),
          reason: arg('reason'),
        })
        .onConflict((conflict) =>
          conflict
            .columns(['scope', 'contact'])
            .doUpdateSet((eb) => ({ since: eb.ref('excluded.since'), reason: eb.ref('excluded.reason') }))
            .whereRef('stops.since', '<', 'excluded.since'),
        ),
    ),
    /** Unless it was stopped after that. */
    allowContact: statement<ContactName & { saidAt: number }>()((arg) =>
      db
        .deleteFrom('stops')
        .where('contact', '=', arg('contact'))
        .where('scope', '=', arg('scope'))
        .where('since', '<=', arg('saidAt'))
        .returning('contact'),
    ),
    findStop: statement<ContactName>()((arg) =>
      db
        .selectFrom('stops')
        .select(['scope', 'contact', 'since', 'reason'])
        .where('contact', '=', arg('contact'))
        .where('scope', '=', arg('scope')),
    ),
    /** Those of no scope as well: they were made before there were any, and count for every client. */
    stopsOf: statement<ContactName>()((arg) =>
      db
        .selectFrom('stops')
        .select('since')
        .where('contact', '=', arg('contact'))
        .where('scope', 'in', [arg('scope'), sql.lit('')]),
    ),
    /** What would reach the contact and is not on its way yet. */
    cancelWaiting: statement<ContactName & { reason: string; now: number }>()((arg) =>
      db
        .updateTable('deliveries')
        .set({ state: 'canceled', reason: arg('reason'), updated_at: arg('now'), lease_until: null })
        .where('contact', '=', arg('contact'))
        .where('scope', '=', arg('scope'))
        .where(NOT_BY_STATE, 'in', [PENDING, HELD])
        .where('channel', 'is not', null)
        .returning(['id', 'needed', 'digest_key as digestKey', 'destination']),
    ),
    reachesOf: statement<ContactName & { since: number; butId: string }>()((arg) =>
      db
        .selectFrom('reaches')
        .select(['at', 'channel'])
        .where('contact', '=', arg('contact'))
        .where('scope', '=', arg('scope'))
        .where('at', '>', arg('since'))
        .where('delivery_id', '<>', arg('butId')),
    ),
    /** How many calls an event has led to, however far. */
    callsCaused: statement<{ root: string; butId: string }>()((arg) =>
      db
        .selectFrom('reaches')
        .select((eb) => eb.fn.count<number>('delivery_id').distinct().as('count'))
        .where('root', '=', arg('root'))
        .where('delivery_id', '<>', arg('butId')),
    ),
    putReach: statement<
      ContactName & { deliveryId: string; channel: ContactChannel; at: number; root: string | null }
    >()((arg) =>
      db
        .insertInto('reaches')
        .values({
          delivery_id: arg('deliveryId'),
          scope: arg('scope'),
          contact: arg('contact'),
          channel: arg('channel'),
          at: arg('at'),
          root: arg('root'),
        })
        .onConflict((conflict) =>
          conflict.columns(['delivery_id', 'contact']).doUpdateSet((eb) => ({
            at: eb.ref('excluded.at'),
            root: eb.ref('excluded.root'),
          })),
        ),
    ),
    removeReaches: statement<{ deliveryId: string }>()((arg) =>
      db.deleteFrom('reaches').where('delivery_id', '=', arg('deliveryId')),
    ),
    /** The latest content of each call but one, newest first. `seq` stands in every index: no row is read for it. */
    callsOfContact: statement<
      ContactName & { until: number; exceptSource: string; exceptCallId: string | null; limit: number }
    >()((arg) =>
      db
        .selectFrom('events')
        .select(['received_at as receivedAt', 'call_status as status', 'call_missed as missed'])
        .where('contact', '=', arg('contact'))
        .where('scope', '=', arg('scope'))
        .where('received_at', '<=', arg('until'))
        .where('status', 'in', [sql.lit<EventStatus>('accepted'), sql.lit<EventStatus>('revision')])
        .where(
          sql<SqlBool>`not exists (select 1 from events as later where later.call_id = events.call_id
            and later.source = events.source and later.event_kind = events.event_kind
            and later.seq <> events.seq and later.revision > events.revision)`,
        )
        .where(
          sql<SqlBool>`(source <> ${arg('exceptSource')} or call_id is distinct from ${arg('exceptCallId')})`,
        )
        .orderBy('received_at', 'desc')
        .orderBy('seq', 'desc')
        .limit(arg('limit')),
    ),
    openFollowUps: statement<ContactName & { now: number }>()((arg) =>
      db
        .selectFrom('deliveries')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('contact', '=', arg('contact'))
        .where('scope', '=', arg('scope'))
        .where(NOT_BY_STATE, '=', PENDING)
        .where('due_at', '>', arg('now')),
    ),
    /** The delivery, then the one that caused its call, and so on back; at most 20 of them. */
    chainOf: statement<{ id: string }>()((arg) => ({
      compile: () =>
        sql<{ rule: string; eventId: string; root: string | null }>`
          with recursive chain(depth, rule, event_id, root, cause) as (
            select 1, deliveries.rule, events.id, events.root, events.cause from deliveries
              join events on events.id = deliveries.event_id where deliveries.id = ${arg('id')}
            union all
            select chain.depth + 1, deliveries.rule, events.id, events.root, events.cause from chain
              join deliveries on deliveries.id = chain.cause
              join events on events.id = deliveries.event_id where chain.depth < 20)
          select rule, event_id as "eventId", root from chain order by depth`.compile(db),
    })),
    /** The oldest, so many at most. */
    deleteOldReaches: statement<{ before: number; limit: number }>()((arg) => ({
      compile: () =>
        sql`delete from reaches where (delivery_id, contact) in (select delivery_id, contact from reaches
          where at < ${arg('before')} order by at limit ${arg('limit')})`.compile(db),
    })),
  };
}
