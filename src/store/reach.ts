import { type ContactVerdict, mayReach } from '../domain/contact-gate.js';
import { longestLimitMs } from '../domain/contact-limits.js';
import { mayCauseCall } from '../domain/loop-guard.js';
import { type Queries } from './queries/queries.js';
import { type ReachRequest, type ReachResult } from './store.js';
import { all, each, first, type Work } from './work.js';

/**
 * Asks the gate for every contact and notes them when the delivery may go. Nothing stops or reaches one of them in between:
 * SQLite has one writer; on PostgreSQL the batch holds the locks of all of them (`locksOf`).
 */
export function* reach(queries: Queries, request: ReachRequest): Work<ReachResult> {
  const verdict = strictest(yield* askGate(queries, request));
  if (verdict.is !== 'go') return verdict;
  const { id, chain } = request;
  if (chain !== null) {
    const caused = yield* first(queries.callsCaused, { root: chain.root, butId: id });
    const allowed = mayCauseCall(Number(caused?.count ?? 0), chain.max);
    // It is a rule that has to be mended, and not the contact's time that has to come.
    if (allowed.is === 'refused') return { is: 'held', reason: allowed.reason };
  }
  if (!(yield* saveInput(queries, request))) return { is: 'lost' };
  yield* noteReaches(queries, request);
  return verdict;
}

/** In the order of the contacts, each once. */
function* askGate(queries: Queries, { id, scope, contacts, question }: ReachRequest): Work<ContactVerdict[]> {
  const names = [...new Set(contacts)].map((contact) => ({ scope, contact }));
  const since = question.now - longestLimitMs(question.limits);
  const stops = yield* each(queries.stopsOf, names);
  const reaches = yield* each(
    queries.reachesOf,
    names.map((name) => ({ ...name, since, butId: id })),
  );
  return names.map((_, nth) =>
    mayReach({ ...question, stopped: (stops[nth] ?? []).length > 0, reached: reaches[nth] ?? [] }),
  );
}

/** What no waiting cures counts before what a person may still allow, and that before the longest wait. */
function strictest(verdicts: readonly ContactVerdict[]): ContactVerdict {
  const refusal = verdicts.find(({ is }) => is === 'skipped') ?? verdicts.find(({ is }) => is === 'held');
  if (refusal !== undefined) return refusal;
  const waits = verdicts.filter((verdict) => verdict.is === 'wait').sort((a, b) => b.until - a.until);
  const [verdict] = [...waits, ...verdicts];
  if (verdict === undefined) throw new TypeError('a delivery that reaches nobody asks no gate');
  return verdict;
}

/** False when the delivery is not ours any more, or another call has come in, see {@link ReachRequest.seenUntil}. */
export function* saveInput(
  queries: Queries,
  { id, fence, input, seenUntil }: { id: string; fence: number; input: string; seenUntil?: string },
): Work<boolean> {
  const saved =
    seenUntil === undefined
      ? yield* all(queries.saveInput, { id, fence, input })
      : yield* all(queries.saveInputUnlessCalled, { id, fence, input, seenUntil });
  return saved.length > 0;
}

function* noteReaches(queries: Queries, request: ReachRequest): Work<void> {
  const { id: deliveryId, scope, contacts, question, chain } = request;
  const { channel, now: at } = question;
  yield* each(
    queries.putReach,
    [...new Set(contacts)].map((contact) => {
      return { deliveryId, scope, contact, channel, at, root: chain?.root ?? null };
    }),
  );
}
