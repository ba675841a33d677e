import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { type Outcome } from '../../domain/attempt.js';
import { type DeliveryReason, type DeliveryState } from '../../domain/delivery.js';
import { type Dialect } from '../dialect.js';
import { type Database } from '../schema.js';
import { statement } from '../statement.js';
import { DELIVERY_COLUMNS, PENDING, SENDING } from './delivery-columns.js';

/**
 * What an ordered delivery waits for: an earlier one for the same contact and destination that is under way, was
 * tried before, or is due as well. One without a contact equals no other and waits for nothing.
 */
function waitsForEarlier(now: RawBuilder<number>): RawBuilder<SqlBool> {
  return sql`exists (select 1 from deliveries as earlier
    where earlier.destination = deliveries.destination and earlier.scope = deliveries.scope
      and earlier.contact = deliveries.contact and earlier.seq < deliveries.seq
      and earlier.ordered = 1 and earlier.state in ('pending', 'sending')
      and (earlier.state = 'sending' or earlier.attempt_count > 0 or earlier.due_at <= ${now}))`;
}

const leaseUntil = (now: RawBuilder<number>, leaseMs: RawBuilder<number>) => sql<number>`${now} + ${leaseMs}`;

/** Claiming deliveries and recording what became of them. */
export function sendingQueries(db: Kysely<Database>, { clock, leaseEnded, skipLocked }: Dialect) {
  return {
    claim: statement<{ destination: string; slots: number; leaseMs: number; now: number }>()((arg) =>
      db
        // Apart from the update, and once: PostgreSQL might else look for more of them again and again.
        .with(
          (cte) => cte('chosen').materialized(),
          (chosen) =>
            chosen
              .selectFrom('deliveries')
              .select('seq')
              .where('state', '=', PENDING)
              .where('destination', '=', arg('destination'))
              .where('due_at', '<=', arg('now'))
              .where((each) => each.or([each('ordered', '=', 0), each.not(waitsForEarlier(arg('now')))]))
              .orderBy('due_at')
              .orderBy('seq')
              .limit(arg('slots'))
              .modifyEnd(skipLocked),
        )
        .updateTable('deliveries')
        .set((eb) => ({
          state: 'sending',
          fence: eb('fence', '+', 1),
          lease_until: leaseUntil(clock(arg('now')), arg('leaseMs')),
          updated_at: arg('now'),
        }))
        .where('seq', 'in', (eb) => eb.selectFrom('chosen').select('seq'))
        .returning(['seq', ...DELIVERY_COLUMNS]),
    ),
    renew: statement<{ id: string; fence: number; leaseMs: number; now: number }>()((arg) =>
      db
        .updateTable('deliveries')
        .set({ lease_until: leaseUntil(clock(arg('now')), arg('leaseMs')) })
        .where('id', '=', arg('id'))
        .where('fence', '=', arg('fence'))
        .where('state', '=', SENDING)
        .returning('id'),
    ),
    saveInput: statement<{ id: string; fence: number; input: string }>()((arg) =>
      db
        .updateTable('deliveries')
        .set({ input: arg('input') })
        .where('id', '=', arg('id'))
        .where('fence', '=', arg('fence'))
        .where('state', '=', SENDING)
        .returning('id'),
    ),
    /** Unless another call of the same contact has come in after the event `seenUntil`. */
    saveInputUnlessCalled: statement<{ id: string; fence: number; input: string; seenUntil: string }>()(
      (arg) =>
        db
          .updateTable('deliveries')
          .set({ input: arg('input') })
          .where('id', '=', arg('id'))
          .where('fence', '=', arg('fence'))
          .where('state', '=', SENDING)
          .where(
            sql<SqlBool>`not exists (select 1 from events as own
            join events as seen on seen.id = ${arg('seenUntil')}
            join events as later on later.contact = own.contact and later.scope = own.scope
              and later.seq > seen.seq and later.call_id is distinct from own.call_id
              and later.status in ('accepted', 'revision')
            where own.id = deliveries.event_id)`,
          )
          .returning('id'),
    ),
    updateDelivery: statement<{
      id: string;
      fence: number;
      state: DeliveryState;
      reason: string | null;
      dueAt: number;
      now: number;
      made: number;
      charged: number;
      outcome: Outcome | null;
      progress: string | null;
      /** 1: it was sent and had no answer. */
      arrived: number;
    }>()((arg) =>
      db
        .updateTable('deliveries')
        .set((eb) => ({
          state: arg('state'),
          reason: arg('reason'),
          due_at: arg('dueAt'),
          updated_at: arg('now'),
          lease_until: null,
          attempt_count: eb('attempt_count', '+', arg('made')),
          charged_count: eb('charged_count', '+', arg('charged')),
          last_outcome: eb.fn.coalesce(arg('outcome'), 'last_outcome'),
          progress: eb.fn.coalesce(arg('progress'), 'progress'),
          may_have_arrived: sql<number>`case when ${arg('arrived')} = 1 then 1 else may_have_arrived end`,
        }))
        .where('id', '=', arg('id'))
        .where('fence', '=', arg('fence'))
        .where('state', '=', SENDING)
        .returning(['id', 'event_id as eventId', 'scope', 'contact', 'destination', 'rule_set as ruleSet'])
        .returning(['attempt_count as attemptCount', 'may_have_arrived as mayHaveArrived', 'channel'])
        .returning(['needed', 'digest_key as digestKey']),
    ),
    insertAttempt: statement<{
      deliveryId: string;
      number: number;
      startedAt: number;
      durationMs: number;
      outcome: Outcome;
      reason: string | null;
      message: string | null;
      httpStatus: number | null;
      receipt: string | null;
    }>()((arg) =>
      db.insertInto('attempts').values({
        delivery_id: arg('deliveryId'),
        number: arg('number'),
        started_at: arg('startedAt'),
        duration_ms: arg('durationMs'),
        outcome: arg('outcome'),
        reason: arg('reason'),
        message: arg('message'),
        http_status: arg('httpStatus'),
        receipt: arg('receipt'),
      }),
    ),
    // Where its input was rendered, bytes may have left before the crash: nobody knows. What was not keeps its time, by
    // which it may be late by now.
    recover: statement<{ now: number }>()((arg) =>
      db
        .updateTable('deliveries')
        .set((eb) => ({
          state: 'pending',
          due_at: eb.case().when('input', 'is', null).then(eb.ref('due_at')).else(arg('now')).end(),
          updated_at: arg('now'),
          lease_until: null,
          last_outcome: eb
            .case()
            .when('input', 'is', null)
            .then(eb.ref('last_outcome'))
            .else(sql.lit<Outcome>('unknown'))
            .end(),
          reason: eb
            .case()
            .when('input', 'is', null)
            .then(eb.ref('reason'))
            .else(sql.lit<DeliveryReason>('unknown'))
            .end(),
          may_have_arrived: eb
            .case()
            .when('input', 'is', null)
            .then(eb.ref('may_have_arrived'))
            .else(sql.lit(1))
            .end(),
        }))
        .where('state', '=', SENDING)
        .where(leaseEnded)
        .returning('destination'),
    ),
    giveBack: statement<{ id: string; fence: number }>()((arg) =>
      db
        .updateTable('deliveries')
        .set({ state: 'pending', lease_until: null })
        .where('id', '=', arg('id'))
        .where('fence', '=', arg('fence'))
        .where('state', '=', SENDING),
    ),
  };
}
