import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { type Dialect } from '../dialect.js';
import { type Database } from '../schema.js';
import { statement } from '../statement.js';

/** Removing what is old. Foreign keys want attempts gone before deliveries, and those before their event. */
export function pruneQueries(db: Kysely<Database>, { lockRows, noBytes }: Dialect) {
  const deliveriesOf = (eventId: RawBuilder<string>) =>
    db.selectFrom('deliveries').select('id').where('event_id', '=', eventId);
  return {
    /** Events by age. */
    oldEvents: statement<{ before: number; afterTime: number; afterSeq: number; limit: number }>()((arg) =>
      db
        .selectFrom('events')
        .select(['id', 'seq', 'scope', 'contact', 'received_at as receivedAt'])
        .select('body_pruned_at as bodyPrunedAt')
        .where('received_at', '<', arg('before'))
        .where(sql<SqlBool>`(received_at, seq) > (${arg('afterTime')}, ${arg('afterSeq')})`)
        .orderBy('received_at')
        .orderBy('seq')
        .limit(arg('limit')),
    ),
    /** Until the transaction has ended nobody makes one of them due again. */
    statesOfEvent: statement<{ eventId: string }>()((arg) =>
      db
        .selectFrom('deliveries')
        .select(['id', 'state', 'digest_key as digestKey'])
        .where('event_id', '=', arg('eventId'))
        .modifyEnd(lockRows('deliveries')),
    ),
    deleteAttempts: statement<{ eventId: string }>()((arg) =>
      db.deleteFrom('attempts').where('delivery_id', 'in', deliveriesOf(arg('eventId'))),
    ),
    /** Those of another revision of the call as well, whatever they still needed. */
    deleteNeeds: statement<{ eventId: string }>()((arg) =>
      db
        .deleteFrom('needs')
        .where((eb) =>
          eb.or([
            eb('delivery_id', 'in', deliveriesOf(arg('eventId'))),
            eb('needed_id', 'in', deliveriesOf(arg('eventId'))),
          ]),
        ),
    ),
    deleteDeliveries: statement<{ eventId: string }>()((arg) =>
      db.deleteFrom('deliveries').where('event_id', '=', arg('eventId')),
    ),
    deleteEvent: statement<{ id: string }>()((arg) => db.deleteFrom('events').where('id', '=', arg('id'))),
    /** Unless another event still shows it. */
    deleteContact: statement<{ scope: string; phone: string }>()((arg) =>
      db
        .deleteFrom('contacts')
        .where('scope', '=', arg('scope'))
        .where('phone', '=', arg('phone'))
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('events')
                .select('id')
                .where('contact', '=', arg('phone'))
                .where('scope', '=', arg('scope')),
            ),
          ),
        ),
    ),
    dropBytes: statement<{ id: string; now: number }>()((arg) =>
      db
        .updateTable('events')
        .set({ raw: noBytes, body_pruned_at: arg('now') })
        .where('id', '=', arg('id')),
    ),
    dropInputs: statement<{ eventId: string }>()((arg) =>
      db
        .updateTable('deliveries')
        .set({ input: null, progress: null, release: null })
        .where('event_id', '=', arg('eventId')),
    ),
    dropReceipts: statement<{ eventId: string }>()((arg) =>
      db
        .updateTable('attempts')
        .set({ receipt: null })
        .where('delivery_id', 'in', deliveriesOf(arg('eventId'))),
    ),
    deleteSettledAlerts: statement<{ before: number }>()((arg) =>
      db.deleteFrom('alerts').where('settled_at', '<', arg('before')),
    ),
  };
}
