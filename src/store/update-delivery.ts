import { type Link } from '../domain/attempt.js';
import { canMove, NOT_YET } from '../domain/delivery.js';
import { insertDeliveries } from './insert-plan.js';
import { type Queries } from './queries/queries.js';
import { settleNeeds, settleOthers } from './settle-others.js';
import { type DeliveryUpdate, type UpdateResult } from './store.js';
import { all, each, first, type Work } from './work.js';

const NOT_KEPT: UpdateResult = { kept: false, due: [] };

/** The row after the update. */
type Updated = NonNullable<Queries['updateDelivery']['row']>;

type MadeAttempt = NonNullable<DeliveryUpdate['attempt']>;

/** Puts an attempt or a gate's answer on record, with all that follows from it. */
export function* updateDelivery(queries: Queries, update: DeliveryUpdate): Work<UpdateResult> {
  const { id, fence, state, reason, dueAt, now, attempt } = update;
  if (!canMove('sending', state)) throw new TypeError(`a delivery cannot go from sending to ${state}`);
  const row = yield* first(queries.updateDelivery, {
    ...{ id, fence, state, reason, dueAt, now },
    made: attempt === undefined ? 0 : 1,
    charged: attempt?.charged === true ? 1 : 0,
    outcome: attempt?.result.outcome ?? null,
    progress: progressOf(attempt),
    arrived: attempt?.result.outcome === 'unknown' ? 1 : 0,
  });
  if (row === null) return NOT_KEPT;
  if (attempt !== undefined) yield* recordAttempt(queries, id, row.attemptCount, attempt);
  yield* putLinks(queries, row, attempt?.result.links ?? [], now);
  if (!mayHaveReached(row, state)) yield* all(queries.removeReaches, { deliveryId: id });
  const due = yield* settleAround(queries, row, update);
  return { kept: true, due: [...due, ...(yield* planNext(queries, row, update))] };
}

/** What failed, and what a gate refused after the contact gate had let it go, uses up no limit of the contact's. */
function mayHaveReached({ channel, mayHaveArrived }: Updated, state: DeliveryUpdate['state']): boolean {
  return channel === null || mayHaveArrived === 1 || state === 'delivered';
}

function* settleAround(
  queries: Queries,
  row: Updated,
  { state, dueAt, now }: DeliveryUpdate,
): Work<string[]> {
  if (state !== 'pending') return yield* settleOthers(queries, row, state, now);
  return dueAt === NOT_YET ? yield* settleNeeds(queries, row.id, now) : [];
}

function* planNext(queries: Queries, row: Updated, { next, now }: DeliveryUpdate): Work<string[]> {
  if (next === undefined) return [];
  const { eventId, scope, contact, ruleSet } = row;
  const owner = { eventId, scope, contact, ruleSet, now };
  yield* insertDeliveries(queries, owner, [{ delivery: next, supersedes: null }]);
  return next.state === 'pending' && next.dueAt <= now ? [next.destination] : [];
}

function* putLinks(
  queries: Queries,
  { scope, destination }: { scope: string; destination: string },
  links: readonly Link[],
  now: number,
): Work<void> {
  yield* each(
    queries.putLink,
    links.map(({ key, value }) => ({ scope, destination, key, value: JSON.stringify(value), now })),
  );
}

/** Null keeps what an earlier attempt left: one that never got through has nothing newer to say. */
function progressOf(attempt: MadeAttempt | undefined): string | null {
  if (attempt === undefined || attempt.result.outcome === 'delivered') return null;
  return attempt.result.progress === undefined ? null : JSON.stringify(attempt.result.progress);
}

function* recordAttempt(
  queries: Queries,
  deliveryId: string,
  number: number,
  attempt: MadeAttempt,
): Work<void> {
  const { result, startedAt, durationMs } = attempt;
  const failure = result.outcome === 'delivered' ? null : result;
  const receipt = result.outcome === 'delivered' ? result.receipt : undefined;
  yield* all(queries.insertAttempt, {
    deliveryId,
    number,
    startedAt,
    durationMs,
    outcome: result.outcome,
    reason: failure?.reason ?? null,
    message: failure?.message ?? null,
    httpStatus: result.httpStatus ?? null,
    receipt: receipt === undefined ? null : JSON.stringify(receipt),
  });
}
