import { type DeliveryReason, type DeliveryState, NOT_YET, type StoredReason } from '../domain/delivery.js';
import { judgeNeeds } from '../domain/needs.js';
import { type Queries } from './queries/queries.js';
import { all, each, type Work } from './work.js';

/** What tells whether others hang on a delivery. */
export interface Hanging {
  id: string;
  /** 1: others need it. */
  needed: number;
  /** Null: no others wait for its message. */
  digestKey: string | null;
}

/** A delivery that waits for others, or was skipped because of one of them. */
interface Waiting extends Hanging {
  destination: string;
  /** When it is due at the earliest. */
  dueAt: number;
}

/** What may become of a delivery; `moved`: it is due at another time now. */
type Became = DeliveryState | 'moved';

/**
 * Something has become of this delivery: what needs it goes on or is skipped, and what its message was to tell is told
 * with it or becomes due by itself. Answers the destinations for which something is due now because of it.
 */
export function* settleOthers(
  queries: Queries,
  { id, needed, digestKey }: Hanging,
  became: Became,
  now: number,
): Work<string[]> {
  const due = needed === 1 ? yield* settleDependents(queries, id, now) : [];
  if (digestKey !== null) due.push(...(yield* settleMembers(queries, id, became, now)));
  return due;
}

function* settleDependents(queries: Queries, neededId: string, now: number): Work<string[]> {
  const due: string[] = [];
  for (const waiting of yield* all(queries.dependents, { neededId }))
    due.push(...(yield* settle(queries, waiting, now)));
  return due;
}

/** The same for one that has just been planned, or turned out to be too early. */
export function* settleNeeds(queries: Queries, id: string, now: number): Work<string[]> {
  const [waiting] = yield* all(queries.waiting, { id });
  return waiting === undefined ? [] : yield* settle(queries, waiting, now);
}

/** Without a reason it would be taken for one that a person brought forward, which no window keeps. */
const FOLLOW_UP: DeliveryReason = 'follow_up';

function* settle(queries: Queries, waiting: Waiting, now: number): Work<string[]> {
  const { id, destination } = waiting;
  const verdict = judgeNeeds(yield* all(queries.needsOf, { id }));
  if (verdict.is === 'due') {
    // When it was to go it could not: it is not late for that.
    const dueAt = Math.max(waiting.dueAt, now);
    const settled = yield* all(queries.settleWaiting, {
      id,
      state: 'pending',
      reason: FOLLOW_UP,
      dueAt,
      now,
    });
    return settled.length > 0 && dueAt <= now ? [destination] : [];
  }
  const state = verdict.is === 'skipped' ? 'skipped' : 'pending';
  const dueAt = state === 'skipped' ? now : NOT_YET;
  yield* all(queries.settleWaiting, { id, state, reason: verdict.reason, dueAt, now });
  return yield* settleOthers(queries, waiting, state, now);
}

/** Of a digest. While its head may still be sent, by itself or by a person, they wait on. */
function* settleMembers(queries: Queries, headId: string, became: Became, now: number): Work<string[]> {
  const isTold = became === 'delivered';
  if (!isTold && became !== 'skipped' && became !== 'canceled' && became !== 'moved') return [];
  const members = yield* all(queries.digestMembers, { headId });
  if (!isTold) {
    yield* each(
      queries.freeMember,
      members.map(({ id }) => ({ id, reason: FOLLOW_UP, now })),
    );
    return [...new Set(members.map(({ destination }) => destination))];
  }
  const reason: StoredReason = `digest: ${headId}`;
  yield* each(
    queries.deliverMember,
    members.map(({ id }) => ({ id, reason, now })),
  );
  const due: string[] = [];
  for (const { id, needed } of members)
    if (needed === 1) due.push(...(yield* settleDependents(queries, id, now)));
  return due;
}
