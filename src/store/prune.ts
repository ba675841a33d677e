import { type DeliveryState } from '../domain/delivery.js';
import { type Queries } from './queries/queries.js';
import { type PruneRequest, type PruneResult } from './store.js';
import { all, type Work } from './work.js';

/** States in which something is still to be done. */
const OPEN: readonly DeliveryState[] = ['pending', 'sending', 'held'];

/**
 * More than the events of a batch leave behind, and not so many that a batch takes long where there are a million: after
 * a shorter retention was set, say. What is left goes with a later batch.
 */
const MANY = 1_000;

/** One batch of a pass over the events, oldest first. What still has something to be done is passed by. */
export function* prune(queries: Queries, request: PruneRequest): Work<PruneResult> {
  const { eventsBefore, bodiesBefore, now, limit, after } = request;
  yield* removeLoose(queries, request);
  const before = Math.max(eventsBefore ?? 0, bodiesBefore ?? 0);
  const { receivedAt: afterTime, seq: afterSeq } = after ?? { receivedAt: -1, seq: 0 };
  const old = yield* all(queries.oldEvents, { before, afterTime, afterSeq, limit });
  const result: PruneResult = { events: 0, bodies: 0, next: null };
  for (const event of old) {
    if (yield* isOpen(queries, event.id)) continue;
    if (eventsBefore !== null && event.receivedAt < eventsBefore) {
      yield* removeEvent(queries, event);
      result.events += 1;
    } else if (event.bodyPrunedAt === null) {
      yield* removeBody(queries, event.id, now);
      result.bodies += 1;
    }
  }
  const last = old.at(-1);
  if (last !== undefined && old.length === limit)
    result.next = { receivedAt: last.receivedAt, seq: last.seq };
  return result;
}

/** What hangs on no event. */
function* removeLoose(
  queries: Queries,
  { eventsBefore, reachesBefore, now, after }: PruneRequest,
): Work<void> {
  yield* all(queries.deleteOldOnce, { now, limit: MANY });
  if (reachesBefore !== null) yield* all(queries.deleteOldReaches, { before: reachesBefore, limit: MANY });
  if (eventsBefore === null || after !== null) return;
  yield* all(queries.deleteSettledAlerts, { before: eventsBefore });
  yield* all(queries.deleteOldLinks, { before: eventsBefore });
}

/** A message that others wait for is still to be sent, or given up by a person. */
function* isOpen(queries: Queries, eventId: string): Work<boolean> {
  const deliveries = yield* all(queries.statesOfEvent, { eventId });
  if (deliveries.some(({ state }) => OPEN.includes(state))) return true;
  for (const { id, digestKey } of deliveries)
    if (digestKey !== null && (yield* all(queries.digestMembers, { headId: id })).length > 0) return true;
  return false;
}

function* removeEvent(
  queries: Queries,
  { id, scope, contact }: { id: string; scope: string; contact: string | null },
): Work<void> {
  yield* all(queries.deleteAttempts, { eventId: id });
  yield* all(queries.deleteNeeds, { eventId: id });
  yield* all(queries.deleteDeliveries, { eventId: id });
  yield* all(queries.deleteDecisions, { eventId: id });
  yield* all(queries.deleteEvent, { id });
  if (contact !== null) yield* all(queries.deleteContact, { scope, phone: contact });
}

function* removeBody(queries: Queries, id: string, now: number): Work<void> {
  yield* all(queries.dropBytes, { id, now });
  yield* all(queries.dropInputs, { eventId: id });
  yield* all(queries.dropReceipts, { eventId: id });
}
