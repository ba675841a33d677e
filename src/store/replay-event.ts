import { type Kysely } from 'kysely';
import { actionKey, type DeliveryState } from '../domain/delivery.js';
import { REPLAYED, settleReplay, type StoredDelivery } from '../domain/replay.js';
import { REVISED } from '../domain/revision.js';
import { type DeliveryOwner } from './delivery-owner.js';
import { insertDecisions, insertDeliveries } from './insert-plan.js';
import { commandOne } from './queries/command-queries.js';
import { type Queries } from './queries/queries.js';
import { type Database } from './schema.js';
import { type Hanging, settleOthers } from './settle-others.js';
import { onceStatement } from './statement.js';
import { type EventIdentity, type ReplayRequest, type ReplayResult } from './store.js';
import { all, each, first, type Work } from './work.js';

const NOTHING: ReplayResult = { planned: [], retried: [], canceled: [], left: [], duplicateOf: null };

/** Puts on record what deciding an old event anew came to; null when there is no such event. */
export function* replayEvent(
  db: Kysely<Database>,
  queries: Queries,
  request: ReplayRequest,
): Work<ReplayResult | null> {
  const { eventId, identity, send } = request;
  const event = yield* first(queries.eventToReplay, { id: eventId });
  if (event === null) return null;
  const found = event.status === 'quarantined' ? identity : null;
  if (found !== null) {
    const duplicateOf = yield* findCopy(queries, event.source, found);
    if (duplicateOf !== null) return { ...NOTHING, duplicateOf };
  }
  if (send === 'none') return NOTHING;
  if (found !== null) yield* identify(queries, eventId, event, found);
  yield* replaceDecisions(queries, request);
  const { scope, contact } = found ?? event;
  return yield* sendAgain(db, queries, request, { scope, contact });
}

function* findCopy(queries: Queries, source: string, identity: EventIdentity): Work<string | null> {
  const { eventKind, callId, contentHash } = identity;
  if (callId === null) return null;
  const revisions = yield* all(queries.revisionsOfCall, { source, eventKind, callId });
  return revisions.find((revision) => revision.contentHash === contentHash)?.id ?? null;
}

/** As when it is accepted: the first or a further content of its call. Without a call id it is the vendor's sample. */
function* identify(
  queries: Queries,
  id: string,
  { source, receivedAt }: { source: string; receivedAt: number },
  { problems, result, ...identity }: EventIdentity,
): Work<void> {
  const { eventKind, callId, scope, contact } = identity;
  const revisions = callId === null ? [] : yield* all(queries.revisionsOfCall, { source, eventKind, callId });
  const revision = 1 + Math.max(0, ...revisions.map((each) => each.revision));
  const status = callId === null ? 'test' : revision === 1 ? 'accepted' : 'revision';
  yield* all(queries.identifyEvent, {
    ...{ id, ...identity, revision, status },
    problems: JSON.stringify(problems),
    callStatus: result.status,
    callMissed: result.isMissed ? 1 : 0,
  });
  if (contact !== null && status !== 'test')
    yield* all(queries.upsertContact, { scope, phone: contact, seenAt: receivedAt });
}

function* replaceDecisions(queries: Queries, { eventId, decisions, ruleSet }: ReplayRequest): Work<void> {
  yield* all(queries.deleteDecisions, { eventId });
  yield* insertDecisions(queries, eventId, decisions);
  yield* all(queries.setRuleSet, { id: eventId, ruleSet });
}

function* sendAgain(
  db: Kysely<Database>,
  queries: Queries,
  request: ReplayRequest,
  who: { scope: string; contact: string | null },
): Work<ReplayResult> {
  const { eventId, ruleSet, now, send } = request;
  const stored = (yield* all(queries.deliveriesToReplay, { id: eventId })).map(asSeenByReplay);
  const unchanged = new Set(request.unchanged);
  const { retry, cancel, insert, leave } = settleReplay(stored, request.deliveries, { send, unchanged });
  const canceled = yield* each(
    queries.cancelDelivery,
    cancel.map((id) => ({ id, reason: REPLAYED, now })),
  );
  const staying = new Map(stored.map((delivery) => [actionKey(delivery), delivery.id]));
  const retried: Hanging[] = [];
  for (const id of retry)
    retried.push(...(yield* all(onceStatement(commandOne(db, id, { do: 'retry' }, now)), {})));
  const owner: DeliveryOwner = { eventId, ...who, ruleSet, now };
  yield* insertDeliveries(
    queries,
    owner,
    insert.map((delivery) => ({ delivery, supersedes: null })),
    staying,
  );
  for (const one of canceled.flat()) yield* settleOthers(queries, one, 'canceled', now);
  for (const one of retried) yield* settleOthers(queries, one, 'pending', now);
  const planned = insert.map(({ id }) => id);
  return { planned, retried: retry, canceled: cancel, left: leave, duplicateOf: null };
}

/** A delivery of the event or of another revision of its call. */
interface CallDelivery extends StoredDelivery {
  reason: string | null;
  revision: number;
  replayedRevision: number;
}

/**
 * One action of a call is sent once, whichever revision planned it. So what another revision delivered counts as
 * delivered, what a later one has dead or held is left to that one, and what a revision took back is done with.
 */
function asSeenByReplay({ reason, revision, replayedRevision, ...delivery }: CallDelivery): StoredDelivery {
  const { state } = delivery;
  const isLaterTrouble = revision > replayedRevision && (state === 'dead' || state === 'held');
  const seen: DeliveryState = isLaterTrouble ? 'pending' : state;
  return { ...delivery, state: seen === 'canceled' && reason === REVISED ? 'delivered' : seen };
}
