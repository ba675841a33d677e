import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { type DeliveryState, NOT_YET } from '../../domain/delivery.js';
import { type Dialect } from '../dialect.js';
import { type Database } from '../schema.js';
import { statement } from '../statement.js';
import { NOT_BY_STATE, PENDING, SENDING } from './delivery-columns.js';
import { EVENT_COLUMNS } from './event-queries.js';

/**
 * Deliveries that one message tells. `digest_head` names the delivery whose message it is. The head names itself once it
 * has gathered: what becomes due after that is not put under a message that may be written already.
 */
export function digestQueries(db: Kysely<Database>, { lockRows }: Dialect) {
  const park = (head: RawBuilder<string>, reason: RawBuilder<string>, now: RawBuilder<number>) =>
    db.updateTable('deliveries').set((eb) => ({
      state: 'pending',
      due_at: sql.lit(NOT_YET),
      digest_head: head,
      reason,
      // Whoever has claimed it meanwhile finds that it is no longer theirs.
      fence: eb('fence', '+', 1),
      lease_until: null,
      updated_at: now,
    }));
  return {
    claimedForDigest: statement<{ id: string; fence: number }>()((arg) =>
      db
        .selectFrom('deliveries')
        .select(['id', 'scope', 'rule', 'action', 'destination', 'input', 'due_at as dueAt'])
        .select(['digest_key as digestKey', 'digest_head as digestHead'])
        .where('id', '=', arg('id'))
        .where('fence', '=', arg('fence'))
        .where('state', '=', SENDING),
    ),
    /** What is due and untold, in the order in which everybody locks it; of those that have gathered only `id` itself. */
    toGather: statement<{
      id: string;
      scope: string;
      rule: string;
      action: string;
      destination: string;
      digestKey: string;
      dueAt: number;
      limit: number;
    }>()((arg) =>
      db
        .selectFrom('deliveries')
        .select(['id', 'state', 'fence'])
        .where('rule', '=', arg('rule'))
        .where('action', '=', arg('action'))
        .where('digest_key', '=', arg('digestKey'))
        .where('due_at', '<=', arg('dueAt'))
        .where('state', 'in', [PENDING, SENDING])
        .where('scope', '=', arg('scope'))
        .where('destination', '=', arg('destination'))
        .where('input', 'is', null)
        .where(sql<SqlBool>`(digest_head is null or id = ${arg('id')})`)
        .orderBy('seq')
        .limit(arg('limit'))
        .modifyEnd(lockRows('deliveries')),
    ),
    putUnderHead: statement<{ id: string; headId: string; reason: string; now: number }>()((arg) =>
      park(arg('headId'), arg('reason'), arg('now')).where('id', '=', arg('id')),
    ),
    /** What waited for one that is no head any more. */
    changeHead: statement<{ id: string; headId: string; reason: string }>()((arg) =>
      db
        .updateTable('deliveries')
        .set({ digest_head: arg('headId'), reason: arg('reason') })
        .where('digest_head', '=', arg('id'))
        .where('id', '<>', arg('id')),
    ),
    makeHead: statement<{ id: string }>()((arg) =>
      db
        .updateTable('deliveries')
        .set({ digest_head: arg('id') })
        .where('id', '=', arg('id')),
    ),
    eventsOfDigest: statement<{ id: string }>()((arg) =>
      db
        .selectFrom('deliveries')
        .innerJoin('events', 'events.id', 'deliveries.event_id')
        .select(EVENT_COLUMNS.map((column) => `events.${column}` as const))
        .select(['events.rule_set as ruleSet', 'events.raw', 'events.body_pruned_at as bodyPrunedAt'])
        .select(['deliveries.id as deliveryId', 'deliveries.release'])
        .where((eb) =>
          eb.or([
            eb('deliveries.id', '=', arg('id')),
            eb.and([eb('deliveries.digest_head', '=', arg('id')), eb(sql`deliveries.state`, '=', PENDING)]),
          ]),
        )
        .orderBy(sql`case when deliveries.id = ${arg('id')} then 0 else 1 end`)
        .orderBy('deliveries.seq'),
    ),
    digestMembers: statement<{ headId: string }>()((arg) =>
      db
        .selectFrom('deliveries')
        .select(['id', 'destination', 'needed'])
        .where('digest_head', '=', arg('headId'))
        .where('id', '<>', arg('headId'))
        .where(NOT_BY_STATE, '=', PENDING)
        .orderBy('seq')
        .modifyEnd(lockRows('deliveries')),
    ),
    /** Its head is written without it. */
    leaveHead: statement<{
      id: string;
      headId: string;
      state: DeliveryState;
      reason: string;
      now: number;
    }>()((arg) =>
      db
        .updateTable('deliveries')
        .set({ state: arg('state'), reason: arg('reason'), digest_head: null })
        .set({ due_at: arg('now'), updated_at: arg('now') })
        .where('id', '=', arg('id'))
        .where('id', '<>', arg('headId'))
        .where('digest_head', '=', arg('headId'))
        .where(NOT_BY_STATE, '=', PENDING)
        .returning(['id', 'needed', 'digest_key as digestKey']),
    ),
    /** Its head has told it. */
    deliverMember: statement<{ id: string; reason: string; now: number }>()((arg) =>
      db
        .updateTable('deliveries')
        .set({ state: 'delivered', reason: arg('reason'), due_at: arg('now'), updated_at: arg('now') })
        .where('id', '=', arg('id')),
    ),
    /** Its head will not tell it. */
    freeMember: statement<{ id: string; reason: string; now: number }>()((arg) =>
      db
        .updateTable('deliveries')
        .set({ digest_head: null, due_at: arg('now'), reason: arg('reason'), updated_at: arg('now') })
        .where('id', '=', arg('id')),
    ),
  };
}
