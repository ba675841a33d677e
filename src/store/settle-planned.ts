import { type DeliveryState, type PlannedDelivery, type StoredReason } from '../domain/delivery.js';
import { onRepeat, type RepeatDecision } from '../domain/on-repeat.js';
import { type DeliveryOwner, type PlannedWith } from './delivery-owner.js';
import { type Queries } from './queries/queries.js';
import { type Hanging } from './settle-others.js';
import { all, each, first, type Work } from './work.js';

/** What is stored of a plan, and which deliveries gave way to it. */
interface SettledPlan {
  planned: PlannedWith[];
  replaced: Hanging[];
}

/**
 * Settles `on_repeat` and `once_per` for what is about to be stored. Both look first and write afterwards. Nobody comes in
 * between: SQLite has one writer; on PostgreSQL the batch holds the lock of the contact and of each key (`locksOf`),
 * taken before anything is looked at, and what touches one contact or key is never run side by side (`inWaves`).
 */
export function* settlePlanned(
  queries: Queries,
  owner: DeliveryOwner,
  asked: readonly PlannedWith[],
): Work<SettledPlan> {
  const plan: SettledPlan = { planned: [], replaced: [] };
  for (const { delivery, supersedes } of asked) {
    const settled = yield* settle(queries, owner, delivery, plan.replaced);
    plan.planned.push({ delivery: settled, supersedes });
  }
  return plan;
}

function* settle(
  queries: Queries,
  owner: DeliveryOwner,
  delivery: PlannedDelivery,
  replaced: Hanging[],
): Work<PlannedDelivery> {
  const decision = yield* decideRepeat(queries, owner, delivery);
  if (decision.is === 'skip') return skipped(delivery, `repeated: ${decision.because}`);
  if (decision.is === 'move') {
    const { id, dueAt } = decision;
    yield* all(queries.moveDelivery, { id, dueAt, now: owner.now });
    yield* all(queries.moveNeeds, { id, dueAt });
    return skipped(delivery, `repeated: ${id}, which moved`);
  }
  const before = yield* takeOnce(queries, owner, delivery, decision.cancel);
  if (before !== null) return skipped(delivery, `once_per: ${before}`);
  const reason: StoredReason = `replaced: ${delivery.id}`;
  const canceled = yield* each(
    queries.cancelDelivery,
    decision.cancel.map((id) => ({ id, reason, now: owner.now })),
  );
  replaced.push(...canceled.flat());
  if (decision.behind === null) return { ...delivery, dueAt: decision.dueAt };
  yield* all(queries.putInOrder, { id: decision.behind });
  return { ...delivery, dueAt: decision.dueAt, ordered: true };
}

function skipped(delivery: PlannedDelivery, reason: StoredReason): PlannedDelivery {
  return { ...delivery, state: 'skipped', reason };
}

function* decideRepeat(
  queries: Queries,
  { scope, contact, now }: DeliveryOwner,
  { rule, action, state, dueAt, onRepeat: policy }: PlannedDelivery,
): Work<RepeatDecision> {
  if (policy === null || contact === null || state !== 'pending')
    return { is: 'plan', dueAt, cancel: [], behind: null };
  const waiting = yield* all(queries.waitingAlike, { scope, contact, rule, action, now });
  return onRepeat(policy, waiting, dueAt);
}

/** States in which nothing has happened, nor will by itself, unless an attempt without an answer did arrive. */
const CAME_TO_NOTHING: readonly (DeliveryState | null)[] = ['canceled', 'skipped', 'dead'];

function hasHappened(
  { id, state, mayHaveArrived }: { id: string; state: DeliveryState | null; mayHaveArrived: number | null },
  givingWay: readonly string[],
): boolean {
  return mayHaveArrived === 1 || !(CAME_TO_NOTHING.includes(state) || givingWay.includes(id));
}

/** Null: it may happen, and is noted. Else the delivery that it happened with; one that retention took counts as well. */
function* takeOnce(
  queries: Queries,
  { scope, now }: DeliveryOwner,
  { id, rule, action, state, once }: PlannedDelivery,
  givingWay: readonly string[],
): Work<string | null> {
  if (once === null || (state !== 'pending' && state !== 'held')) return null;
  const name = { scope, rule, action, key: once.key };
  const holder = yield* first(queries.onceHolder, { ...name, now });
  if (holder !== null && hasHappened(holder, givingWay)) return holder.id;
  yield* all(queries.putOnce, { ...name, deliveryId: id, now, until: now + once.perMs });
  return null;
}
