import { type Kysely, type SqlBool, sql } from 'kysely';
import { NOT_YET } from '../../domain/delivery.js';
import { type Dialect } from '../dialect.js';
import { type Database } from '../schema.js';
import { statement } from '../statement.js';
import { NOT_BY_STATE, PENDING } from './delivery-columns.js';

type OnceName = { scope: string; rule: string; action: string; key: string };

/** `once_per` and `on_repeat`. */
export function repeatQueries(db: Kysely<Database>, { lockRows }: Dialect) {
  return {
    /** `state` is null where the delivery is gone by now. */
    onceHolder: statement<OnceName & { now: number }>()((arg) =>
      db
        .selectFrom('once')
        .leftJoin('deliveries', 'deliveries.id', 'once.delivery_id')
        .select(['once.delivery_id as id', 'deliveries.state'])
        .select('deliveries.may_have_arrived as mayHaveArrived')
        .where('once.scope', '=', arg('scope'))
        .where('once.rule', '=', arg('rule'))
        .where('once.action', '=', arg('action'))
        .where('once.key', '=', arg('key'))
        .where('once.until_at', '>', arg('now')),
    ),
    putOnce: statement<OnceName & { deliveryId: string; now: number; until: number }>()((arg) =>
      db
        .insertInto('once')
        .values({
          scope: arg('scope'),
          rule: arg('rule'),
          action: arg('action'),
          key: arg('key'),
          delivery_id: arg('deliveryId'),
          at: arg('now'),
          until_at: arg('until'),
        })
        .onConflict((conflict) =>
          conflict.columns(['scope', 'rule', 'action', 'key']).doUpdateSet((eb) => ({
            delivery_id: eb.ref('excluded.delivery_id'),
            at: eb.ref('excluded.at'),
            until_at: eb.ref('excluded.until_at'),
          })),
        ),
    ),
    /** What says nothing any more, so many at most. */
    deleteOldOnce: statement<{ now: number; limit: number }>()((arg) => ({
      compile: () =>
        sql`delete from once where (scope, rule, action, key) in (select scope, rule, action, key from once
          where until_at < ${arg('now')} order by until_at limit ${arg('limit')})`.compile(db),
    })),
    /**
     * Of the same contact and action, due later. One that waits for another delivery is due, at the earliest, when its
     * own time has come. What a digest tells is as good as gone.
     */
    waitingAlike: statement<{ scope: string; contact: string; rule: string; action: string; now: number }>()(
      (arg) =>
        db
          .selectFrom('deliveries')
          .select([
            'id',
            sql<number>`case when due_at < ${sql.lit(NOT_YET)} then due_at else coalesce((select max(needs.due_at)
              from needs where needs.delivery_id = deliveries.id), due_at) end`.as('dueAt'),
          ])
          .where('contact', '=', arg('contact'))
          .where('scope', '=', arg('scope'))
          .where('rule', '=', arg('rule'))
          .where('action', '=', arg('action'))
          .where(NOT_BY_STATE, '=', PENDING)
          .where('due_at', '>', arg('now'))
          .where(sql<SqlBool>`digest_head is null`)
          .orderBy('seq')
          .modifyEnd(lockRows('deliveries')),
    ),
    /** One that waits for another delivery goes on waiting; {@link moveNeeds} says when it is due then. */
    moveDelivery: statement<{ id: string; dueAt: number; now: number }>()((arg) =>
      db
        .updateTable('deliveries')
        .set({
          due_at: sql<number>`case when due_at = ${sql.lit(NOT_YET)} then due_at else ${arg('dueAt')} end`,
          updated_at: arg('now'),
        })
        .where('id', '=', arg('id')),
    ),
    moveNeeds: statement<{ id: string; dueAt: number }>()((arg) =>
      db
        .updateTable('needs')
        .set({ due_at: arg('dueAt') })
        .where('delivery_id', '=', arg('id')),
    ),
    putInOrder: statement<{ id: string }>()((arg) =>
      db.updateTable('deliveries').set({ ordered: 1 }).where('id', '=', arg('id')),
    ),
  };
}
