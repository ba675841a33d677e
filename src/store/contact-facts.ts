import { type Queries } from './queries/queries.js';
import { type Chain, type ContactFacts, type ContactFactsRequest } from './store.js';
import { all, first, type Work } from './work.js';

/** Beyond so many calls of one contact nobody counts on: a number for tests must not keep every event waiting. */
const MOST_CALLS = 1_000;

export function* contactFacts(queries: Queries, request: ContactFactsRequest): Work<ContactFacts> {
  const { scope, contact, now, windowsMs, except } = request;
  const exceptions = { exceptSource: except?.source ?? '', exceptCallId: except?.callId ?? null };
  const name = { scope, contact };
  const calls = yield* all(queries.callsOfContact, { ...name, ...exceptions, until: now, limit: MOST_CALLS });
  const open = yield* first(queries.openFollowUps, { ...name, now });
  const [last] = calls;
  return {
    ...countOf(calls),
    within: windowsMs.map((windowMs) => ({
      windowMs,
      ...countOf(calls.filter(({ receivedAt }) => receivedAt > now - windowMs)),
    })),
    lastStatus: last?.status ?? null,
    lastAt: last?.receivedAt ?? null,
    openFollowUps: Number(open?.count ?? 0),
  };
}

function countOf(calls: readonly { missed: number }[]): { calls: number; missed: number } {
  return { calls: calls.length, missed: calls.filter(({ missed }) => missed === 1).length };
}

export function* findChain(queries: Queries, deliveryId: string): Work<Chain | null> {
  const links = yield* all(queries.chainOf, { id: deliveryId });
  const [own] = links;
  if (own === undefined) return null;
  return { root: own.root ?? own.eventId, rules: links.map(({ rule }) => rule) };
}
