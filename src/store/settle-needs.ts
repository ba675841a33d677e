import { type DeliveryReason, NOT_YET } from '../domain/delivery.js';
import { judgeNeeds } from '../domain/needs.js';
import { type Queries } from './queries/queries.js';
import { all, type Work } from './work.js';

/** A delivery that waits for others, or was skipped because of one of them. */
interface Waiting {
  id: string;
  destination: string;
  /** 1: others need it in turn. */
  needed: number;
  /** When it is due at the earliest. */
  dueAt: number;
}

/** Something has become of this delivery. Answers the destinations for which something is due now because of it. */
export function* settleDependents(queries: Queries, neededId: string, now: number): Work<string[]> {
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

const FOLLOW_UP: DeliveryReason = 'follow_up';

function* settle(queries: Queries, waiting: Waiting, now: number): Work<string[]> {
  const { id, destination, needed } = waiting;
  const verdict = judgeNeeds(yield* all(queries.needsOf, { id }));
  if (verdict.is === 'due') {
    const { dueAt } = waiting;
    // Without a reason it would be taken for one that a person brought forward.
    const reason = dueAt > now ? FOLLOW_UP : null;
    const settled = yield* all(queries.settleWaiting, { id, state: 'pending', reason, dueAt, now });
    return settled.length > 0 && dueAt <= now ? [destination] : [];
  }
  const state = verdict.is === 'skipped' ? 'skipped' : 'pending';
  const dueAt = state === 'skipped' ? now : NOT_YET;
  yield* all(queries.settleWaiting, { id, state, reason: verdict.reason, dueAt, now });
  return needed === 1 ? yield* settleDependents(queries, id, now) : [];
}
