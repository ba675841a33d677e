import { type JsonObject } from '../lib/json.js';

interface Counts {
  calls: number;
  missed: number;
}

/** What is known of a contact from its other calls. Times are milliseconds since the epoch. */
export interface ContactHistory extends Counts {
  /** The same for windows, by the word that stands for them: `24h`. */
  within: ReadonlyMap<string, Counts & { windowMs: number }>;
  /** In the vendor's word; null where there was no call, or it did not say. */
  lastStatus: string | null;
  lastAt: number | null;
  openFollowUps: number;
}

/** The call for which it is asked. */
export interface FactsOf {
  isMissed: boolean;
  /** How long ago it was received. */
  ageMs: number;
}

/**
 * The facts as rules and templates see them under `contact`: `calls`, `missed`, `calls_24h`, … count the call itself
 * as well; `last_status` and `last_at` are those of the latest other call.
 */
export function contactFacts(history: ContactHistory, own: FactsOf): JsonObject {
  const { lastStatus, lastAt, openFollowUps } = history;
  const facts: JsonObject = {
    ...counted('', history, own),
    last_status: lastStatus,
    last_at: lastAt === null ? null : new Date(lastAt).toISOString(),
    open_follow_ups: openFollowUps,
  };
  for (const [word, counts] of history.within)
    Object.assign(facts, counted(`_${word}`, counts, own.ageMs < counts.windowMs ? own : null));
  return facts;
}

function counted(suffix: string, { calls, missed }: Counts, own: FactsOf | null): JsonObject {
  return {
    [`calls${suffix}`]: calls + (own ? 1 : 0),
    [`missed${suffix}`]: missed + (own?.isMissed ? 1 : 0),
  };
}
