import { type Kysely, type SqlBool, sql } from 'kysely';
import { type DeliveryState, NOT_YET } from '../../domain/delivery.js';
import { type Dialect } from '../dialect.js';
import { type Database } from '../schema.js';
import { statement } from '../statement.js';
import { SPEAKS_FOR_ITSELF } from './delivery-columns.js';

/** Deliveries that need others, and the links of adapters. */
export function resultQueries(db: Kysely<Database>, { lockRows }: Dialect) {
  return {
    insertNeed: statement<{ deliveryId: string; neededId: string; dueAt: number }>()((arg) =>
      db
        .insertInto('needs')
        .values({ delivery_id: arg('deliveryId'), needed_id: arg('neededId'), due_at: arg('dueAt') })
        .onConflict((conflict) => conflict.doNothing()),
    ),
    markNeeded: statement<{ id: string }>()((arg) =>
      db.updateTable('deliveries').set({ needed: 1 }).where('id', '=', arg('id')),
    ),
    /**
     * Those that wait for it, and those that were skipped because of it. Locked: of two that are delivered at the
     * same moment, the second one then sees the first.
     */
    dependents: statement<{ neededId: string }>()((arg) =>
      db
        .selectFrom('needs')
        .innerJoin('deliveries', 'deliveries.id', 'needs.delivery_id')
        .select(['deliveries.id', 'deliveries.destination', 'deliveries.needed', 'needs.due_at as dueAt'])
        .select('deliveries.digest_key as digestKey')
        .where('needs.needed_id', '=', arg('neededId'))
        .where(isWaiting)
        .orderBy('deliveries.seq')
        .modifyEnd(lockRows('deliveries')),
    ),
    waiting: statement<{ id: string }>()((arg) =>
      db
        .selectFrom('needs')
        .innerJoin('deliveries', 'deliveries.id', 'needs.delivery_id')
        .select(['deliveries.id', 'deliveries.destination', 'deliveries.needed', 'needs.due_at as dueAt'])
        .select('deliveries.digest_key as digestKey')
        .where('deliveries.id', '=', arg('id'))
        .where(isWaiting)
        .modifyEnd(lockRows('deliveries')),
    ),
    needsOf: statement<{ id: string }>()((arg) =>
      db
        .selectFrom('needs')
        .innerJoin('deliveries', 'deliveries.id', 'needs.needed_id')
        .select(['deliveries.action', 'deliveries.state'])
        .where('needs.delivery_id', '=', arg('id'))
        .orderBy('deliveries.seq'),
    ),
    receiptsOf: statement<{ id: string }>()((arg) =>
      db
        .selectFrom('needs')
        .innerJoin('deliveries', 'deliveries.id', 'needs.needed_id')
        .leftJoin('attempts', (join) =>
          join
            .onRef('attempts.delivery_id', '=', 'deliveries.id')
            .on('attempts.outcome', '=', sql.lit('delivered')),
        )
        .select(['deliveries.action', 'deliveries.state', 'attempts.receipt'])
        .where('needs.delivery_id', '=', arg('id'))
        .orderBy('deliveries.seq'),
    ),
    settleWaiting: statement<{
      id: string;
      state: DeliveryState;
      reason: string | null;
      dueAt: number;
      now: number;
    }>()((arg) =>
      db
        .updateTable('deliveries')
        .set({ state: arg('state'), reason: arg('reason'), due_at: arg('dueAt'), updated_at: arg('now') })
        .where('id', '=', arg('id'))
        // Another write of the same transaction may have settled it, or taken it back, since it was looked at.
        .where(isWaiting)
        .returning('id'),
    ),
    putLink: statement<{ scope: string; destination: string; key: string; value: string; now: number }>()(
      (arg) =>
        db
          .insertInto('links')
          .values({
            scope: arg('scope'),
            destination: arg('destination'),
            key: arg('key'),
            value: arg('value'),
            updated_at: arg('now'),
          })
          .onConflict((conflict) =>
            conflict.columns(['scope', 'destination', 'key']).doUpdateSet((eb) => ({
              value: eb.ref('excluded.value'),
              updated_at: eb.ref('excluded.updated_at'),
            })),
          ),
    ),
    findLink: statement<{ scope: string; destination: string; key: string }>()((arg) =>
      db
        .selectFrom('links')
        .select('value')
        .where('scope', '=', arg('scope'))
        .where('destination', '=', arg('destination'))
        .where('key', '=', arg('key')),
    ),
    deleteOldLinks: statement<{ before: number }>()((arg) =>
      db.deleteFrom('links').where('updated_at', '<', arg('before')),
    ),
  };
}

const isWaiting = sql<SqlBool>`((deliveries.state = 'pending' and deliveries.due_at = ${sql.lit(NOT_YET)}
    and ${SPEAKS_FOR_ITSELF})
  or (deliveries.state = 'skipped' and deliveries.reason like 'needed:%'))`;
