import { type LiveConfig, type LiveRuleSet } from '../config/live.js';
import { type Delivery, type PlannedDelivery } from '../domain/delivery.js';
import { type Clock } from '../lib/clock.js';
import { type RuleSetCache } from '../plan/rule-set-cache.js';
import { type EventFilter, type ReplayRequest, type Store, type StoredEvent } from '../store/store.js';
import { DeskError } from './desk-error.js';
import { findBackgroundAgain } from './find-background-again.js';
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
  options: ReplayOptions,
): Promise<ReplayView> {
  return putOnRecord(tools, await prepare(tools, found, options));
}

/** An event that was decided anew, not on record yet. */
interface Prepared {
  request: ReplayRequest;
  /** What the event has already, oldest first. */
  stored: Delivery[];
}

async function prepare(
  tools: ReplayTools,
  found: StoredEvent,
  { rules = 'then', send = 'undelivered' }: ReplayOptions,
): Promise<Prepared> {
  const { source, reading } = readEvent(tools.live.current().config, found);
  const { event } = found;
  const now = tools.clock.now();
  const ruleSet = await chooseRuleSet(tools, found, rules);
  const background = await findBackgroundAgain(tools.store, ruleSet, { event, source, reading });
  const replayed = { event, source, reading, background, ruleSet, now };
  const decided = planReplay(replayed);
  const stored = await tools.deliveriesOf(event.id);
  const { decisions, deliveries } = decided;
  const request: ReplayRequest = {
    ...{ eventId: event.id, now, send, decisions, deliveries, ruleSet: ruleSet.fingerprint },
    unchanged: await unchangedOf(tools, stored, deliveries, ruleSet),
    identity: event.status === 'quarantined' ? identityOf(replayed, decided) : null,
  };
  return { request, stored };
}

async function putOnRecord(tools: ReplayTools, { request, stored }: Prepared): Promise<ReplayView> {
  const result = await tools.store.replay(request);
  if (!result) throw new DeskError('not_found', 'this event was removed meanwhile');
  const { duplicateOf, ...ids } = result;
  if (duplicateOf !== null)
    throw new DeskError('conflict', `it reads as a copy of event ${duplicateOf}; nothing was changed`);
  const { eventId, decisions, deliveries } = request;
  wakeFor(tools, [...deliveries, ...stored], [...ids.planned, ...ids.retried]);
  const fired = decisions.filter(({ verdict, shadow }) => verdict === 'fired' && !shadow);
  return { event_id: eventId, fired: fired.map(({ rule }) => rule), ...ids };
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
/** How many are decided at a time and share a sync; few, because the longest calls take megabytes. */
const TOGETHER = 20;
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
  const ids = (await matchingEvents(tools, filter)).reverse();
  const answer: BulkReplayView = { count: dry_run ? ids.length : 0, refused: 0, refusals: [] };
  if (dry_run) return answer;
  for (let from = 0; from < ids.length; from += TOGETHER) {
    const some = ids.slice(from, from + TOGETHER);
    const prepared = await Promise.all(some.map((id) => orRefusal(prepareById(tools, id, options))));
    // Handed over in their order, which is the one they are kept in.
    const results = await Promise.all(
      prepared.map((one) =>
        one instanceof DeskError ? Promise.resolve(one) : orRefusal(putOnRecord(tools, one)),
      ),
    );
    results.forEach((result, i) => note(answer, some[i] ?? '', result));
  }
  return answer;
}

function note(answer: BulkReplayView, id: string, result: ReplayView | DeskError): void {
  if (!(result instanceof DeskError)) answer.count += 1;
  else {
    answer.refused += 1;
    if (answer.refusals.length < MAX_REFUSALS)
      answer.refusals.push({ event_id: id, message: result.message });
  }
}

async function prepareById(tools: ReplayTools, id: string, options: ReplayOptions): Promise<Prepared> {
  const found = await tools.store.findEvent(id);
  if (!found) throw new DeskError('not_found', 'this event was removed meanwhile');
  return prepare(tools, found, options);
}

/** What cannot be done is an answer here; anything else ends the whole. */
async function orRefusal<T>(work: Promise<T>): Promise<T | DeskError> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DeskError) return error;
    throw error;
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
