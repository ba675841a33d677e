import { type Kysely, sql } from 'kysely';
import { type Database } from '../schema.js';
import { statement } from '../statement.js';
import { DEAD, HELD } from './delivery-columns.js';

/** More than this is told in the next round: one message holds no more. */
const MAX_DUE_ALERTS = 500;

/** What went wrong, and what is told about it. */
export function alertQueries(db: Kysely<Database>) {
  // Literals, not arguments: only then do the partial indexes apply.
  const PENDING_ALERT = sql.lit<'pending'>('pending');
  return {
    deadOrHeld: statement<{ since: number; until: number }>()((arg) =>
      db
        .selectFrom('deliveries')
        .select(['state', 'destination', 'rule', 'reason'])
        .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.min<string>('id').as('exampleId')])
        .where('state', 'in', [DEAD, HELD])
        .where('updated_at', '>=', arg('since'))
        .where('updated_at', '<', arg('until'))
        // A person asked for what a replay holds.
        .where((eb) =>
          eb.or([
            eb('reason', 'is', null),
            eb.and([eb('reason', '!=', 'replayed'), eb('reason', 'not like', 'replayed:%')]),
          ]),
        )
        .groupBy(['state', 'destination', 'rule', 'reason'])
        .orderBy('exampleId'),
    ),
    quarantined: statement<{ since: number; until: number }>()((arg) =>
      db
        .selectFrom('events')
        .select('source')
        .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.min<string>('id').as('exampleId')])
        .where('status', '=', sql.lit<'quarantined'>('quarantined'))
        .where('received_at', '>=', arg('since'))
        .where('received_at', '<', arg('until'))
        .groupBy('source')
        .orderBy('exampleId'),
    ),
    lastEventAt: statement<{ source: string; since: number }>()((arg) =>
      db
        .selectFrom('events')
        .select('received_at as receivedAt')
        .where('source', '=', arg('source'))
        .where('received_at', '>=', arg('since'))
        .orderBy('received_at', 'desc')
        .orderBy('seq', 'desc')
        .limit(sql.lit(1)),
    ),
    latestAlert: statement<{ entry: number; cause: string; now: number }>()((arg) =>
      db
        .selectFrom('alerts')
        .select(['id', 'created_at as createdAt', 'passed_over as passedOver'])
        .where('entry', '=', arg('entry'))
        .where('cause', '=', arg('cause'))
        // After the clock was set back, an alert of the time to come must not keep others silent.
        .where('created_at', '<=', arg('now'))
        .orderBy('created_at', 'desc')
        .limit(sql.lit(1)),
    ),
    passOver: statement<{ id: string; count: number }>()((arg) =>
      db
        .updateTable('alerts')
        .set((eb) => ({ passed_over: eb('passed_over', '+', arg('count')) }))
        .where('id', '=', arg('id')),
    ),
    insertAlert: statement<{
      id: string;
      entry: number;
      destination: string;
      cause: string;
      reason: string;
      line: string;
      count: number;
      passedBefore: number;
      now: number;
    }>()((arg) =>
      db.insertInto('alerts').values({
        id: arg('id'),
        entry: arg('entry'),
        destination: arg('destination'),
        cause: arg('cause'),
        reason: arg('reason'),
        line: arg('line'),
        count: arg('count'),
        passed_before: arg('passedBefore'),
        passed_over: 0,
        created_at: arg('now'),
        due_at: arg('now'),
        attempt_count: 0,
        state: 'pending',
        settled_at: null,
      }),
    ),
    dueAlerts: statement<{ now: number }>()((arg) =>
      db
        .selectFrom('alerts')
        .select(['id', 'entry', 'destination', 'cause', 'reason', 'line', 'count'])
        .select(['created_at as createdAt', 'due_at as dueAt', 'attempt_count as attemptCount'])
        .select('passed_before as passedOver')
        .where('state', '=', PENDING_ALERT)
        .where('due_at', '<=', arg('now'))
        .orderBy('created_at')
        .orderBy('id')
        .limit(sql.lit(MAX_DUE_ALERTS)),
    ),
    settleAlert: statement<{
      id: string;
      state: 'pending' | 'sent' | 'gave_up';
      dueAt: number;
      settledAt: number | null;
    }>()((arg) =>
      db
        .updateTable('alerts')
        .set((eb) => ({
          state: arg('state'),
          due_at: arg('dueAt'),
          settled_at: arg('settledAt'),
          attempt_count: eb('attempt_count', '+', 1),
        }))
        .where('id', '=', arg('id'))
        .where('state', '=', PENDING_ALERT),
    ),
  };
}
