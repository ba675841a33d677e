import { type Config } from '../config/config.js';
import { type CompiledRuleSet, type LiveConfig } from '../config/live.js';
import { type CalendarContent } from '../domain/calendar.js';
import { type Delivery, type StoredReason } from '../domain/delivery.js';
import { DEFAULT_LATE_POLICY, judgeLate, spread } from '../domain/late.js';
import { type Clock } from '../lib/clock.js';
import { readStoredCall } from '../plan/read-stored-call.js';
import { windowOf } from '../plan/plan-timing.js';
import { type ActionContent, type RuleSetContent } from '../rules/rule.js';
import { type ClaimedDelivery } from '../store/store.js';

/** Over so long what a stopped server left behind is spread, so that it does not go at once. */
const SPREAD_MS = 5 * 60_000;

type Lateness =
  | { state: 'later'; dueAt: number; reason: StoredReason }
  | { state: 'skipped' | 'held'; reason: StoredReason };

/**
 * What becomes of a follow-up that is found after its time, because nothing ran or its destination was away; null when
 * it goes on. Only before the first attempt: later ones are due when the schedule of retries says.
 */
export function judgeLateness(
  tools: { live: LiveConfig; clock: Clock },
  { delivery, event, raw }: ClaimedDelivery,
  { content: ruleSet }: Pick<CompiledRuleSet, 'content'>,
  { timing = null, during = [], late }: ActionContent,
): Lateness | null {
  if ((timing === null && during.length === 0) || delivery.attemptCount > 0) return null;
  if (ignoresWindow(delivery, late)) return null;
  const { dueAt, id } = delivery;
  const now = tools.clock.now();
  const window = findWindow(tools.live.current().config, ruleSet, { event, raw }, during);
  const verdict = judgeLate({ dueAt, now, window }, late ?? DEFAULT_LATE_POLICY);
  if (verdict.is === 'dropped') return { state: 'skipped', reason: verdict.reason };
  if (verdict.is === 'held') return { state: 'held', reason: verdict.reason };
  const isSpread = verdict.isLate && maySpread(delivery);
  const againAt = isSpread ? spread(verdict.dueAt, id, SPREAD_MS) : verdict.dueAt;
  const reason = isSpread ? FOUND_LATE : OPENS_AGAIN;
  return againAt <= now ? null : { state: 'later', dueAt: againAt, reason };
}

export const FOUND_LATE: StoredReason = 'follow_up: found late, spread out';
const OPENS_AGAIN: StoredReason = 'follow_up: its window opens again then';

/**
 * Once: a lane that is slower than its backlog would else put it off again and again. What keeps an order or goes out in
 * one message with others stays together.
 */
function maySpread({ reason, ordered, digestKey }: Delivery): boolean {
  return reason !== FOUND_LATE && !ordered && digestKey === null;
}

/**
 * A follow-up waits with a reason as long as nobody brings it forward by hand; then it goes, whatever its window says.
 * So does one that was found late with `if_late: now`, when its turn has come.
 */
export function ignoresWindow({ reason }: Pick<Delivery, 'reason'>, late: ActionContent['late']): boolean {
  return reason === null || (reason === FOUND_LATE && late?.ifLate === 'now');
}

/** By the calendars with which it was planned; the call is read only where a window asks for it. */
function findWindow(
  config: Config,
  content: RuleSetContent,
  { event, raw }: Pick<ClaimedDelivery, 'event' | 'raw'>,
  during: readonly string[],
): CalendarContent | null {
  const source = config.sources.get(event.source);
  const data = during.length === 0 ? null : readStoredCall(config, event, raw);
  return source && data ? windowOf({ content }, { source, data }, during) : null;
}
