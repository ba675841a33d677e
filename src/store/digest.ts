import { type StoredReason } from '../domain/delivery.js';
import { type Queries } from './queries/queries.js';
import { toStoredEvent } from './rows.js';
import { type GatheredDigest, type StoredEvent } from './store.js';
import { all, each, first, type Work } from './work.js';

/** One message tells at most so many; what is left makes another one. */
const MOST_TOLD = 500;

const TOLD_BY_ANOTHER: GatheredDigest = { head: false, events: [] };

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
  if (digestKey === null || input !== null) return { head: true, events: yield* digestEvents(queries, id) };
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
  return { head: true, events: yield* digestEvents(queries, id) };
}

/** With whatever was to be told by them. */
function* putUnder(queries: Queries, headId: string, ids: readonly string[], now: number): Work<void> {
  const reason: StoredReason = `digest: ${headId}`;
  const moves = ids.map((id) => ({ id, headId, reason, now }));
  yield* each(queries.putUnderHead, moves);
  yield* each(queries.changeHead, moves);
}

/** Each event once, though more than one delivery of it may be told. */
export function* digestEvents(queries: Queries, headId: string): Work<StoredEvent[]> {
  const rows = yield* all(queries.eventsOfDigest, { id: headId });
  return [...new Map(rows.map((row) => [row.id, toStoredEvent(row)])).values()];
}
