import { actionKey } from '../domain/delivery.js';
import { type EventStatus } from '../domain/event.js';
import { REVISED, settleRevision } from '../domain/revision.js';
import { type DeliveryOwner } from './delivery-owner.js';
import { insertDecisions, insertDeliveries } from './insert-plan.js';
import { type Queries } from './queries/queries.js';
import { settleOthers } from './settle-others.js';
import { type AcceptResult, type NewEvent } from './store.js';
import { all, each, first, type Work } from './work.js';

/** A call whose identity can be settled. */
type IdentifiedEvent = NewEvent & { callId: string };

/** Settles whether the event is new, and if so stores it with its decisions and deliveries. */
export function* acceptEvent(queries: Queries, event: NewEvent): Work<AcceptResult> {
  if (event.intent !== 'call') return yield* storeEvent(queries, event, event.intent, 1);
  if (event.callId === null) return yield* storeEvent(queries, event, 'accepted', 1);
  return yield* acceptCall(queries, { ...event, callId: event.callId });
}

function* acceptCall(queries: Queries, event: IdentifiedEvent): Work<AcceptResult> {
  const { source, eventKind, callId, contentHash } = event;
  const revisions = yield* all(queries.revisionsOfCall, { source, eventKind, callId });
  const same = revisions.find((revision) => revision.contentHash === contentHash);
  if (same !== undefined) return yield* answerDuplicate(queries, same.id);
  if (revisions.length === 0) return yield* storeEvent(queries, event, 'accepted', 1);
  const latest = Math.max(...revisions.map(({ revision }) => revision));
  return yield* storeRevision(queries, event, latest + 1);
}

function* answerDuplicate(queries: Queries, eventId: string): Work<AcceptResult> {
  const decisions = yield* all(queries.decisionsOfEvent, { eventId });
  const fired = decisions.filter(({ verdict, shadow }) => verdict === 'fired' && shadow === 0);
  return { status: 'duplicate', eventId, fired: fired.map(({ rule }) => rule) };
}

function* storeEvent(
  queries: Queries,
  event: NewEvent,
  status: EventStatus,
  revision: number,
): Work<AcceptResult> {
  yield* insertEvent(queries, event, status, revision);
  const planned = event.deliveries.map((delivery) => ({ delivery, supersedes: null }));
  yield* insertDeliveries(queries, ownerOf(event), planned);
  return { status, eventId: event.id, revision };
}

function* storeRevision(queries: Queries, event: IdentifiedEvent, revision: number): Work<AcceptResult> {
  const { source, eventKind, callId, receivedAt: now } = event;
  const earlier = yield* all(queries.deliveriesOfCall, { source, eventKind, callId });
  const { cancel, insert, stay } = settleRevision(earlier, event.deliveries);
  yield* insertEvent(queries, event, 'revision', revision);
  const canceled = yield* each(
    queries.cancelDelivery,
    cancel.map((id) => ({ id, reason: REVISED, now })),
  );
  const staying = new Map(stay.map((delivery) => [actionKey(delivery), delivery.id]));
  yield* insertDeliveries(queries, ownerOf(event), insert, staying);
  for (const one of canceled.flat()) yield* settleOthers(queries, one, 'canceled', now);
  return { status: 'revision', eventId: event.id, revision };
}

function* insertEvent(queries: Queries, event: NewEvent, status: EventStatus, revision: number): Work<void> {
  yield* all(queries.insertEvent, {
    id: event.id,
    source: event.source,
    eventKind: event.eventKind,
    callId: event.callId,
    contentHash: event.contentHash,
    revision,
    status,
    receivedAt: event.receivedAt,
    scope: event.scope,
    contact: event.contact,
    labels: JSON.stringify(event.labels),
    contentType: event.contentType,
    problems: JSON.stringify(event.problems),
    ruleSet: event.ruleSet,
    raw: event.raw,
    cause: event.cause,
    root: event.root,
    callStatus: event.result.status,
    callMissed: event.result.isMissed ? 1 : 0,
  });
  yield* insertDecisions(queries, event.id, event.decisions);
  if (event.intent === 'call' && event.contact !== null) {
    const { scope, contact: phone, receivedAt: seenAt } = event;
    yield* first(queries.upsertContact, { scope, phone, seenAt });
  }
}

function ownerOf(event: NewEvent): DeliveryOwner {
  const { id: eventId, scope, contact, ruleSet, receivedAt: now } = event;
  return { eventId, scope, contact, ruleSet, now };
}
