import { type LiveConfig, type LiveRuleSet } from '../config/live.js';
import { type Delivery, type PlannedDelivery } from '../domain/delivery.js';
import { type Clock } from '../lib/clock.js';
import { type RuleSetCache } from '../plan/rule-set-cache.js';
import { type EventFilter, type ReplayRequest, type Store, type StoredEvent } from '../store/store.js';
import { DeskError } from './desk-error.js';
import { identityOf, isUnchanged, planReplay } from './plan-replay.js';
import { type BulkOptions, type ReplayOptions, type ReplayRules } from './queries.js';
import { readEvent } from './read-event.js';
import { type BulkReplayView, type ReplayView } from './views.js';

export interface ReplayTools {
  store: Store;
  live: LiveConfig;
  ruleSets: RuleSetCache;
  clock: Clock;
  /** Oldest first. */
  deliveriesOf: (eventId: string) => Promise<Delivery[]>;
  wake: (destinations: readonly string[]) => void;
}

/**
 * Decides one event anew, puts that on record and wakes what has something to send.
 * @throws {DeskError} where its bytes, source or rules are gone, or it reads as a copy of another event.
 */
export async function replayEvent(
  tools: ReplayTools,
  found: StoredEvent,
  { rules = 'then', send = 'undelivered' }: ReplayOptions,
): Promise<ReplayView> {
  const { source, reading } = readEvent(tools.live.current().config, found);
  const { event } = found;
  const now = tools.clock.now();
  const ruleSet = await chooseRuleSet(tools, found, rules);
  const replayed = { event, source, reading, ruleSet, now };
  const decided = planReplay(replayed);
  const stored = await tools.deliveriesOf(event.id);
  const { decisions, deliveries } = decided;
  const result = await putOnRecord(tools, {
    ...{ eventId: event.id, now, send, decisions, deliveries, ruleSet: ruleSet.fingerprint },
    unchanged: await unchangedOf(tools, stored, deliveries, ruleSet),
    identity: event.status === 'quarantined' ? identityOf(replayed, decided) : null,
  });
  wakeFor(tools, [...deliveries, ...stored], [...result.planned, ...result.retried]);
  const fired = decisions.filter(({ verdict, shadow }) => verdict === 'fired' && !shadow);
  return { event_id: event.id, fired: fired.map(({ rule }) => rule), ...result };
}

async function putOnRecord(
  { store }: ReplayTools,
  request: ReplayRequest,
): Promise<Pick<ReplayView, 'planned' | 'retried' | 'canceled' | 'left'>> {
  const result = await store.replay(request);
  if (!result) throw new DeskError('not_found', 'this event was removed meanwhile');
  const { duplicateOf, ...ids } = result;
  if (duplicateOf === null) return ids;
  throw new DeskError('conflict', `it reads as a copy of event ${duplicateOf}; nothing was changed`);
}

/** Destinations are always those of today: there is nowhere else to send to. */
async function chooseRuleSet(
  { live, ruleSets }: ReplayTools,
  { event, ruleSet }: StoredEvent,
  rules: ReplayRules,
): Promise<LiveRuleSet> {
  const current = live.current();
  if (rules === 'now') return current;
  const then = await ruleSets.find(ruleSet);
  if (then) return { ...then, config: current.config };
  if (event.status === 'quarantined') return current;
  throw new DeskError('conflict', 'the rule set that decided this event is gone; replay it with rules: now');
}

async function unchangedOf(
  { ruleSets }: ReplayTools,
  stored: readonly Delivery[],
  planned: readonly PlannedDelivery[],
  chosen: LiveRuleSet,
): Promise<string[]> {
  const unchanged: string[] = [];
  for (const delivery of stored.filter(({ state }) => state === 'dead')) {
    const same = planned.find(({ rule, action }) => rule === delivery.rule && action === delivery.action);
    const then = await ruleSets.find(delivery.ruleSet);
    if (isUnchanged(delivery, same, then, chosen)) unchanged.push(delivery.id);
  }
  return unchanged;
}

function wakeFor(
  { wake }: ReplayTools,
  deliveries: readonly Pick<Delivery, 'id' | 'destination'>[],
  ids: readonly string[],
): void {
  const concerned = deliveries.filter(({ id }) => ids.includes(id));
  wake([...new Set(concerned.map(({ destination }) => destination))]);
}

/** How many events are looked up at a time. */
const PAGE = 500;
/** Their ids are kept in memory, and whoever asked waits for the answer. */
const MAX_EVENTS = 100_000;
const MAX_REFUSALS = 20;

/**
 * Replays, oldest first, every event received until now that the filter matches. One that cannot be replayed
 * stops no other.
 * @throws {DeskError} where the filter matches more than can be done at once.
 */
export async function replayEach(
  tools: ReplayTools,
  filter: EventFilter,
  { dry_run = false, ...options }: ReplayOptions & BulkOptions,
): Promise<BulkReplayView> {
  const ids = await matchingEvents(tools, filter);
  const answer: BulkReplayView = { count: dry_run ? ids.length : 0, refused: 0, refusals: [] };
  if (dry_run) return answer;
  for (const id of ids.reverse()) {
    const message = await replayOrExplain(tools, id, options);
    if (message === null) answer.count += 1;
    else {
      answer.refused += 1;
      if (answer.refusals.length < MAX_REFUSALS) answer.refusals.push({ event_id: id, message });
    }
  }
  return answer;
}

/** Why it could not be replayed, or null. */
async function replayOrExplain(
  tools: ReplayTools,
  id: string,
  options: ReplayOptions,
): Promise<string | null> {
  try {
    const found = await tools.store.findEvent(id);
    if (!found) return 'this event was removed meanwhile';
    await replayEvent(tools, found, options);
    return null;
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
    return error.message;
  }
}

/** Newest first. What comes in meanwhile is not part of it. */
async function matchingEvents({ store, clock }: ReplayTools, filter: EventFilter): Promise<string[]> {
  const until = Math.min(filter.until ?? Infinity, clock.now() + 1);
  const ids: string[] = [];
  for (;;) {
    const after = ids.at(-1);
    const page = await store.listEvents({
      ...filter,
      until,
      limit: PAGE,
      ...(after !== undefined && { after }),
    });
    ids.push(...page.map(({ id }) => id));
    if (page.length < PAGE) return ids;
    if (ids.length >= MAX_EVENTS)
      throw new DeskError(
        'bad_request',
        `more than ${MAX_EVENTS} events match; narrow it with since and until`,
      );
  }
}
