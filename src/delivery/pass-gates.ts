import { type Operation, ifUnknownOf } from '../adapters/adapter.js';
import { type Prepared, prepareDelivery } from '../adapters/prepare-delivery.js';
import { type DestinationConfig } from '../config/config.js';
import { type CompiledAction, type CompiledRuleSet } from '../config/live.js';
import { type Delivery, type ReleaseChanges, type StoredReason } from '../domain/delivery.js';
import { fenceRefuses } from '../domain/fence.js';
import { type JsonObject } from '../lib/json.js';
import { readStoredCall } from '../plan/read-stored-call.js';
import { type ClaimedDelivery } from '../store/store.js';
import { findTakeBack } from './find-take-back.js';
import { judgeLateness } from './judge-lateness.js';
import { type SendTools, type Terms } from './send-tools.js';

/** A gate's answer: the delivery goes on with its input, or ends here in another state. */
export type Gated =
  | { state: 'ready'; destination: DestinationConfig; input: JsonObject; terms: Terms }
  | { state: 'skipped' | 'held' | 'canceled'; reason: StoredReason }
  | { state: 'pending'; reason: StoredReason }
  /** Found long after its time, or outside its window: due again at `dueAt`. */
  | { state: 'later'; dueAt: number; reason: StoredReason }
  /** What it needs is not there yet: a person brought it forward. */
  | { state: 'too_early' }
  /** Somebody else holds the delivery by now. */
  | { state: 'lost' };

/**
 * Gates in order: is the destination there, may this client's calls reach it, was it perhaps sent before a crash, has
 * a later call taken it back; for what is not rendered yet: is its time over, is what it needs there, does `only_if`
 * hold; then the input is rendered, once, and stored before anything is sent, so that every attempt sends the same.
 */
export async function passGates(tools: SendTools, claimed: ClaimedDelivery): Promise<Gated> {
  const { delivery, event } = claimed;
  const destination = tools.live.current().config.destinations.get(delivery.destination);
  if (!destination) return { state: 'held', reason: 'destination_gone' };
  if (!destination.enabled) return { state: 'pending', reason: 'destination_disabled' };
  if (fenceRefuses(destination.only, event.labels)) return { state: 'skipped', reason: 'fenced' };
  const operation = destination.operations[delivery.operation];
  if (!operation) return { state: 'held', reason: `unknown_operation: ${delivery.operation}` };
  const ruleSet = await tools.ruleSets.find(delivery.ruleSet);
  const action = ruleSet?.actions.get(`${delivery.rule}.${delivery.action}`);
  const terms = termsOf(action, operation, destination);
  // What was under way in a crash may have arrived: `recover` leaves it with this reason.
  if (delivery.reason === 'unknown' && terms.ifUnknown === 'hold')
    return { state: 'held', reason: 'unknown: interrupted' };
  const takeBack = action ? await findTakeBack(tools, claimed, action) : null;
  if (takeBack !== null && takeBack.reason !== null) return { state: 'canceled', reason: takeBack.reason };
  const input = await findInput(tools, claimed, { ruleSet, action, operation });
  if (input.state !== 'ready') return input;
  const ready: Ready = { state: 'ready', destination, terms, input: input.input };
  return keepInput(tools, claimed, ready, takeBack?.seenUntil);
}

/** As it was rendered before the first attempt, or rendered now. */
async function findInput(
  tools: SendTools,
  claimed: ClaimedDelivery,
  { ruleSet, action, operation }: Given,
): Promise<Prepared | Exclude<Gated, { state: 'ready' }>> {
  const { delivery } = claimed;
  if (delivery.input !== null) return { state: 'ready', input: JSON.parse(delivery.input) as JsonObject };
  if (!ruleSet || !action) return { state: 'held', reason: 'rule_set_gone' };
  const late = judgeLateness(tools, claimed, ruleSet, action.content);
  if (late !== null) return late;
  const receipts = await findReceipts(tools, delivery, action);
  if (receipts === null) return { state: 'too_early' };
  return prepare(tools, claimed, { ruleSet, action, operation, receipts });
}

/** Rule set and action as they were planned; gone when their rule set is. */
interface Given {
  ruleSet: CompiledRuleSet | null;
  action: CompiledAction | undefined;
  operation: Operation;
}

type Ready = Extract<Gated, { state: 'ready' }>;

function termsOf(
  action: CompiledAction | undefined,
  operation: Operation,
  destination: DestinationConfig,
): Terms {
  return {
    retryWaitsMs: action?.content.retryWaitsMs ?? destination.retryWaitsMs,
    timeoutMs: action?.content.timeoutMs ?? destination.timeoutMs,
    ifUnknown: ifUnknownOf(action?.content ?? {}, operation),
  };
}

function prepare(
  { live }: SendTools,
  { delivery, event, raw }: ClaimedDelivery,
  given: { ruleSet: CompiledRuleSet; action: CompiledAction; operation: Operation; receipts: JsonObject },
): Prepared {
  const data = readStoredCall(live.current().config, event, raw);
  if (!data) return { state: 'held', reason: 'event_unreadable' };
  const { content, onlyIf } = given.action;
  return prepareDelivery({
    action: content,
    onlyIf,
    operation: given.operation,
    templates: given.ruleSet.templates,
    data: { ...data, actions: given.receipts },
    isTest: event.status === 'test',
    release: delivery.release === null ? null : (JSON.parse(delivery.release) as ReleaseChanges),
  });
}

/** By action, for `{{ actions.crm.id }}`; null while one of them has not been delivered. */
async function findReceipts(
  { store }: SendTools,
  { id }: Delivery,
  { content }: CompiledAction,
): Promise<JsonObject | null> {
  if (!content.needs?.length) return {};
  const needed = await store.findReceipts(id);
  if (needed.some(({ state }) => state !== 'delivered')) return null;
  return Object.fromEntries(needed.map(({ action, receipt }) => [action, receipt]));
}

/**
 * @param seenUntil the last event that was looked at for taking the delivery back; a call that came in behind it has to
 * be looked at first. Left out where nothing can.
 */
async function keepInput(
  tools: SendTools,
  claimed: ClaimedDelivery,
  ready: Ready,
  seenUntil: string | undefined,
): Promise<Gated> {
  const { delivery } = claimed;
  if (delivery.input !== null && seenUntil === undefined) return ready;
  const text = JSON.stringify(ready.input);
  if (delivery.input === null && delivery.supersedes !== null) {
    const earlier = await tools.store.findDelivery(delivery.supersedes);
    if (earlier?.input === text) return { state: 'skipped', reason: 'unchanged' };
  }
  const kept = await tools.store.saveInput(delivery.id, delivery.fence, text, seenUntil);
  if (kept) return ready;
  const later = seenUntil === undefined ? [] : await tools.store.laterCalls(delivery.eventId);
  return later.at(-1)?.event.id === seenUntil || later.length === 0
    ? { state: 'lost' }
    : passGates(tools, claimed);
}
