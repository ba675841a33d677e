import { type StoredReason } from '../domain/delivery.js';
import { type Queries } from './queries/queries.js';
import { toStoredEvent } from './rows.js';
import { settleOthers } from './settle-others.js';
import { type DigestMember, type GatheredDigest, type LeavesDigest } from './store.js';
import { all, each, first, type Work } from './work.js';

/** One message tells at most so many; what is left makes another one. */
const MOST_TOLD = 500;

const TOLD_BY_ANOTHER: GatheredDigest = { head: false, members: [] };

/**
 * The first of what is due becomes the head, whoever asks; a head stays one. All rows are locked in one order before
 * anything is decided, so that of two that ask at once the second finds itself told by the first.
 */
export function* gatherDigest(
  queries: Queries,
  asked: { id: string; fence: number; now: number },
): Work<GatheredDigest> {
  const { id, now } = asked;
  const own = yield* first(queries.claimedForDigest, asked);
  if (own === null) return TOLD_BY_ANOTHER;
  const { digestKey, input } = own;
  // What is rendered already, or goes out by itself, gathers nothing more.
  if (digestKey === null || input !== null) return { head: true, members: yield* membersOf(queries, id) };
  const due = yield* all(queries.toGather, { ...own, digestKey, limit: MOST_TOLD });
  if ((yield* first(queries.claimedForDigest, asked)) === null) return TOLD_BY_ANOTHER;
  const [head = own] = own.digestHead === id ? [own] : due;
  if (head.id !== id) {
    yield* putUnder(queries, head.id, [id], now);
    return TOLD_BY_ANOTHER;
  }
  const others = due.filter((one) => one.id !== id).map((one) => one.id);
  yield* all(queries.makeHead, { id });
  yield* putUnder(queries, id, others, now);
  return { head: true, members: yield* membersOf(queries, id) };
}

/** With whatever was to be told by them. */
function* putUnder(queries: Queries, headId: string, ids: readonly string[], now: number): Work<void> {
  const reason: StoredReason = `digest: ${headId}`;
  const moves = ids.map((id) => ({ id, headId, reason, now }));
  yield* each(queries.putUnderHead, moves);
  yield* each(queries.changeHead, moves);
}

function* membersOf(queries: Queries, headId: string): Work<DigestMember[]> {
  const rows = yield* all(queries.eventsOfDigest, { id: headId });
  return rows.map(({ deliveryId, release, ...row }) => ({
    ...{ deliveryId, isReleased: release !== null },
    found: toStoredEvent(row),
  }));
}

/** The message is about to be written without them. What needs them is settled after all have left. */
export function* leaveDigest(
  queries: Queries,
  { headId, left, now }: { headId: string; left: readonly LeavesDigest[]; now: number },
): Work<null> {
  const gone = yield* each(
    queries.leaveHead,
    left.map(({ id, state, reason }) => ({ id, headId, state, reason, now })),
  );
  for (const [nth, { state }] of left.entries())
    for (const one of gone[nth] ?? []) yield* settleOthers(queries, one, state, now);
  return null;
}
