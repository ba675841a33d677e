import { type Decision } from '../domain/decision.js';

const MINUTE_MS = 60_000;
/** How far back "now" reaches. */
export const RECENT_MINUTES = 10;
/** What came before, up to a day, is what is usual. */
export const USUAL_MINUTES = 24 * 60;

/** Fewer are accidents. */
const FEWEST = 5;
const TIMES_USUAL = 3;
/** What is taken for usual while nothing is known: one call in twenty. */
const ASSUMED_SHARE = 0.05;
/**
 * The assumption weighs as much as so many calls of history and fades as real ones come in. Without it the first
 * clean call after a start would make every undecided one unusual.
 */
const ASSUMED_CALLS = 100;

/** How many calls left a rule undecided. */
export interface Share {
  undecided: number;
  calls: number;
}

export interface UndecidedRule extends Share {
  rule: string;
}

/** True when a rule is undecided clearly more often than it used to be: at least five times, and three times as often. */
export function isUnusual(recent: Share, before: Share): boolean {
  if (recent.undecided < FEWEST) return false;
  const usual = (before.undecided + ASSUMED_SHARE * ASSUMED_CALLS) / (before.calls + ASSUMED_CALLS);
  return recent.undecided / recent.calls > TIMES_USUAL * usual;
}

interface Minute {
  calls: number;
  undecided: Map<string, number>;
}

/**
 * Counts undecided calls by rule and minute, for a day, and says which rules have more of them than usual. A
 * rule in shadow sends nothing, so nothing is missed by it. Time is an argument.
 */
export class UndecidedRates {
  readonly #minutes = new Map<number, Minute>();
  readonly #toldAt = new Map<string, number>();
  #current = -1;

  /** Takes the decisions on one stored call. */
  observe(decisions: readonly Decision[], now: number): void {
    const minute = this.#minute(Math.floor(now / MINUTE_MS));
    minute.calls += 1;
    for (const { rule, verdict, shadow } of decisions)
      if (verdict === 'undecided' && !shadow)
        minute.undecided.set(rule, (minute.undecided.get(rule) ?? 0) + 1);
  }

  /** Rules that are undecided above their usual rate now; each is named once per window. */
  takeUnusual(now: number): UndecidedRule[] {
    const current = Math.floor(now / MINUTE_MS);
    const first = current - RECENT_MINUTES + 1;
    const calls = this.#calls(first, current);
    const unusual = [...this.#undecided(first, current)]
      .map(([rule, undecided]) => ({ rule, undecided, calls }))
      .filter(({ rule }) => !this.#wasTold(rule, current))
      .filter((recent) => isUnusual(recent, this.#before(recent.rule, first)));
    for (const { rule } of unusual) this.#toldAt.set(rule, current);
    return unusual;
  }

  #wasTold(rule: string, current: number): boolean {
    const told = this.#toldAt.get(rule);
    return told !== undefined && told <= current && current - told < RECENT_MINUTES;
  }

  #before(rule: string, first: number): Share {
    const since = first - USUAL_MINUTES;
    let undecided = 0;
    for (const [at, minute] of this.#minutes)
      if (at >= since && at < first) undecided += minute.undecided.get(rule) ?? 0;
    return { undecided, calls: this.#calls(since, first - 1) };
  }

  #calls(from: number, to: number): number {
    let calls = 0;
    for (const [at, minute] of this.#minutes) if (at >= from && at <= to) calls += minute.calls;
    return calls;
  }

  #undecided(from: number, to: number): Map<string, number> {
    const counts = new Map<string, number>();
    for (const [at, minute] of this.#minutes) {
      if (at < from || at > to) continue;
      for (const [rule, count] of minute.undecided) counts.set(rule, (counts.get(rule) ?? 0) + count);
    }
    return counts;
  }

  /** The clock may jump: minutes that are out of reach, on either side, are dropped whenever it moves. */
  #minute(at: number): Minute {
    if (at !== this.#current) {
      this.#current = at;
      for (const known of this.#minutes.keys())
        if (known > at || known <= at - RECENT_MINUTES - USUAL_MINUTES) this.#minutes.delete(known);
    }
    const minute = this.#minutes.get(at) ?? { calls: 0, undecided: new Map<string, number>() };
    this.#minutes.set(at, minute);
    return minute;
  }
}
