import { type Kysely } from 'kysely';
import { type EventStatus } from '../../domain/event.js';
import { type Dialect } from '../dialect.js';
import { type Database } from '../schema.js';
import { statement } from '../statement.js';

/** Deciding an old event anew. */
export function replayQueries(db: Kysely<Database>, { lockRows }: Dialect) {
  return {
    eventToReplay: statement<{ id: string }>()((arg) =>
      db
        .selectFrom('events')
        .select(['source', 'status', 'scope', 'contact', 'received_at as receivedAt'])
        .where('id', '=', arg('id')),
    ),
    /** Of every revision of the event's call, or of the event alone when it has none; oldest first. */
    deliveriesToReplay: statement<{ id: string }>()((arg) =>
      db
        .selectFrom('events as replayed')
        .innerJoin('events as revisions', (join) =>
          join.on((eb) =>
            eb.or([
              eb('revisions.id', '=', eb.ref('replayed.id')),
              eb.and([
                eb('revisions.call_id', '=', eb.ref('replayed.call_id')),
                eb('revisions.source', '=', eb.ref('replayed.source')),
                eb('revisions.event_kind', '=', eb.ref('replayed.event_kind')),
              ]),
            ]),
          ),
        )
        .innerJoin('deliveries', 'deliveries.event_id', 'revisions.id')
        .select(['deliveries.id', 'deliveries.rule', 'deliveries.action', 'deliveries.state'])
        .select(['deliveries.reason', 'deliveries.last_outcome as lastOutcome', 'revisions.revision'])
        .select('replayed.revision as replayedRevision')
        .where('replayed.id', '=', arg('id'))
        .orderBy('deliveries.seq')
        .modifyEnd(lockRows('deliveries')),
    ),
    deleteDecisions: statement<{ eventId: string }>()((arg) =>
      db.deleteFrom('decisions').where('event_id', '=', arg('eventId')),
    ),
    setRuleSet: statement<{ id: string; ruleSet: string }>()((arg) =>
      db
        .updateTable('events')
        .set({ rule_set: arg('ruleSet') })
        .where('id', '=', arg('id')),
    ),
    identifyEvent: statement<{
      id: string;
      eventKind: string;
      callId: string | null;
      contentHash: string;
      revision: number;
      status: EventStatus;
      scope: string;
      contact: string | null;
      problems: string;
      cause: string | null;
      root: string | null;
      callStatus: string | null;
      callMissed: number;
    }>()((arg) =>
      db
        .updateTable('events')
        .set({
          event_kind: arg('eventKind'),
          call_id: arg('callId'),
          content_hash: arg('contentHash'),
          revision: arg('revision'),
          status: arg('status'),
          scope: arg('scope'),
          contact: arg('contact'),
          problems: arg('problems'),
          cause: arg('cause'),
          root: arg('root'),
          call_status: arg('callStatus'),
          call_missed: arg('callMissed'),
        })
        .where('id', '=', arg('id')),
    ),
  };
}
