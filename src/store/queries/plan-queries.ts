import { type Kysely, sql } from 'kysely';
import { type ContactChannel } from '../../domain/contact-limits.js';
import { type Verdict } from '../../domain/decision.js';
import { type DeliveryState, type OnRevision } from '../../domain/delivery.js';
import { type Dialect } from '../dialect.js';
import { type Database } from '../schema.js';
import { statement } from '../statement.js';
import { type CallKey } from './event-queries.js';

/** Decisions and planned deliveries. */
export function planQueries(db: Kysely<Database>, { lockRows }: Dialect) {
  return {
    insertDecision: statement<{
      eventId: string;
      position: number;
      rule: string;
      verdict: Verdict;
      shadow: number;
      because: string;
    }>()((arg) =>
      db.insertInto('decisions').values({
        event_id: arg('eventId'),
        position: arg('position'),
        rule: arg('rule'),
        verdict: arg('verdict'),
        shadow: arg('shadow'),
        because: arg('because'),
      }),
    ),
    decisionsOfEvent: statement<{ eventId: string }>()((arg) =>
      db
        .selectFrom('decisions')
        .select(['rule', 'verdict', 'shadow', 'because'])
        .where('event_id', '=', arg('eventId'))
        .orderBy('position'),
    ),
    deliveriesOfCall: statement<CallKey>()((arg) =>
      db
        .selectFrom('events')
        .innerJoin('deliveries', 'deliveries.event_id', 'events.id')
        .leftJoin('deliveries as head', 'head.id', 'deliveries.digest_head')
        .select(['deliveries.id', 'deliveries.rule', 'deliveries.action'])
        // What waits to be told is on its way as soon as the message is written that tells it.
        .select(
          sql<DeliveryState>`case when deliveries.state = 'pending' and head.id <> deliveries.id
            and head.input is not null then 'sending' else deliveries.state end`.as('state'),
        )
        .select(['deliveries.reason', 'deliveries.last_outcome as lastOutcome', 'deliveries.supersedes'])
        .select(['deliveries.on_revision as onRevision', 'deliveries.try_number as tryNumber'])
        .where('events.call_id', '=', arg('callId'))
        .where('events.source', '=', arg('source'))
        .where('events.event_kind', '=', arg('eventKind'))
        .orderBy('deliveries.seq')
        .modifyEnd(lockRows('deliveries')),
    ),
    insertDelivery: statement<{
      id: string;
      eventId: string;
      rule: string;
      action: string;
      destination: string;
      kind: string;
      operation: string;
      state: DeliveryState;
      reason: string | null;
      dueAt: number;
      onRevision: OnRevision;
      ordered: number;
      scope: string;
      contact: string | null;
      ruleSet: string;
      supersedes: string | null;
      now: number;
      input: string | null;
      channel: ContactChannel | null;
      tryNumber: number;
      digestKey: string | null;
    }>()((arg) =>
      db.insertInto('deliveries').values({
        id: arg('id'),
        event_id: arg('eventId'),
        rule: arg('rule'),
        action: arg('action'),
        destination: arg('destination'),
        kind: arg('kind'),
        operation: arg('operation'),
        state: arg('state'),
        reason: arg('reason'),
        due_at: arg('dueAt'),
        on_revision: arg('onRevision'),
        ordered: arg('ordered'),
        scope: arg('scope'),
        contact: arg('contact'),
        attempt_count: 0,
        charged_count: 0,
        rule_set: arg('ruleSet'),
        fence: 0,
        supersedes: arg('supersedes'),
        created_at: arg('now'),
        updated_at: arg('now'),
        input: arg('input'),
        channel: arg('channel'),
        try_number: arg('tryNumber'),
        digest_key: arg('digestKey'),
      }),
    ),
    cancelDelivery: statement<{ id: string; reason: string; now: number }>()((arg) =>
      db
        .updateTable('deliveries')
        .set({ state: 'canceled', reason: arg('reason'), updated_at: arg('now') })
        .where('id', '=', arg('id'))
        .returning(['id', 'needed', 'digest_key as digestKey']),
    ),
  };
}
