import { type Kysely, type SqlBool, sql } from 'kysely';
import { type EventStatus } from '../../domain/event.js';
import { type Database } from '../schema.js';
import { statement } from '../statement.js';

/** What names a call. */
export type CallKey = { source: string; eventKind: string; callId: string };

/**
 * Columns of an `EventRecord` as lists show it, under its field names. All of them stand before the bytes, behind which
 * SQLite comes only by reading through them.
 */
export const LISTED_COLUMNS = [
  'id',
  'source',
  'event_kind as eventKind',
  'call_id as callId',
  'revision',
  'status',
  'received_at as receivedAt',
  'scope',
  'contact',
  'labels',
  'content_type as contentType',
  'problems',
] as const;

/** Columns of an `EventRecord`, for who reads its bytes as well. */
export const EVENT_COLUMNS = [...LISTED_COLUMNS, 'cause', 'root'] as const;

/** Events and the contacts they show. */
export function eventQueries(db: Kysely<Database>) {
  return {
    revisionsOfCall: statement<CallKey>()((arg) =>
      db
        .selectFrom('events')
        .select(['id', 'revision', 'content_hash as contentHash'])
        .where('call_id', '=', arg('callId'))
        .where('source', '=', arg('source'))
        .where('event_kind', '=', arg('eventKind')),
    ),
    insertEvent: statement<{
      id: string;
      source: string;
      eventKind: string;
      callId: string | null;
      contentHash: string;
      revision: number;
      status: EventStatus;
      receivedAt: number;
      scope: string;
      contact: string | null;
      labels: string;
      contentType: string | null;
      problems: string;
      ruleSet: string;
      raw: Uint8Array;
      cause: string | null;
      root: string | null;
      callStatus: string | null;
      callMissed: number;
    }>()((arg) =>
      db.insertInto('events').values({
        id: arg('id'),
        source: arg('source'),
        event_kind: arg('eventKind'),
        call_id: arg('callId'),
        content_hash: arg('contentHash'),
        revision: arg('revision'),
        status: arg('status'),
        received_at: arg('receivedAt'),
        scope: arg('scope'),
        contact: arg('contact'),
        labels: arg('labels'),
        content_type: arg('contentType'),
        problems: arg('problems'),
        rule_set: arg('ruleSet'),
        raw: arg('raw'),
        cause: arg('cause'),
        root: arg('root'),
        call_status: arg('callStatus'),
        call_missed: arg('callMissed'),
      }),
    ),
    upsertContact: statement<{ scope: string; phone: string; seenAt: number }>()((arg) =>
      db
        .insertInto('contacts')
        .values({
          scope: arg('scope'),
          phone: arg('phone'),
          first_seen_at: arg('seenAt'),
          last_seen_at: arg('seenAt'),
        })
        .onConflict((conflict) =>
          conflict
            .columns(['scope', 'phone'])
            .doUpdateSet({ last_seen_at: (eb) => eb.ref('excluded.last_seen_at') })
            .whereRef('contacts.last_seen_at', '<', 'excluded.last_seen_at'),
        ),
    ),
    /** Other calls of the same contact and scope that came in after an event, newest first. */
    laterCalls: statement<{ id: string; limit: number }>()((arg) =>
      db
        .selectFrom('events as own')
        .innerJoin('events', (join) =>
          join
            .onRef('events.contact', '=', 'own.contact')
            .onRef('events.scope', '=', 'own.scope')
            .onRef('events.seq', '>', 'own.seq'),
        )
        .select(EVENT_COLUMNS.map((column) => `events.${column}` as const))
        .select(['events.rule_set as ruleSet', 'events.raw', 'events.body_pruned_at as bodyPrunedAt'])
        .where('own.id', '=', arg('id'))
        .where('events.status', 'in', [sql.lit<EventStatus>('accepted'), sql.lit<EventStatus>('revision')])
        .where(sql<SqlBool>`events.call_id is distinct from own.call_id`)
        .orderBy('events.seq', 'desc')
        .limit(arg('limit')),
    ),
    findEvent: statement<{ id: string }>()((arg) =>
      db
        .selectFrom('events')
        .select(EVENT_COLUMNS)
        .select(['rule_set as ruleSet', 'raw', 'body_pruned_at as bodyPrunedAt'])
        .where('id', '=', arg('id')),
    ),
  };
}
