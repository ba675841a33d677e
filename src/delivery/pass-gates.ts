import { type Operation, ifUnknownOf } from '../adapters/adapter.js';
import { type DestinationConfig } from '../config/config.js';
import { type CompiledAction } from '../config/live.js';
import { type Delivery, type PlannedDelivery, type StoredReason } from '../domain/delivery.js';
import { fenceRefuses } from '../domain/fence.js';
import { type JsonObject } from '../lib/json.js';
import { planNextTry } from '../plan/plan-next-try.js';
import { readStoredCall } from '../plan/read-stored-call.js';
import { type ClaimedDelivery } from '../store/store.js';
import { findInput, type FoundInput, type Given } from './find-input.js';
import { findTakeBack } from './find-take-back.js';
import { reachContact } from './reach-contact.js';
import { type SendTools, type Terms } from './send-tools.js';

/** A gate's answer: the delivery goes on with its input, or ends here in another state. */
export type Gated =
  | {
      state: 'ready';
      destination: DestinationConfig;
      input: JsonObject;
      terms: Terms;
      /**
       * Asked in the slot of the lane, right before the attempt: its input is kept, unless a later call or a stop came in
       * while it waited there. Null: it may go. Left null where nothing of the kind can happen: then it is kept already.
       */
      lastGate: (() => Promise<Gated | null>) | null;
      /** What is planned once this one is delivered, e.g. the next of `call_tries`; null: nothing. */
      planNext: (now: number) => PlannedDelivery | null;
    }
  | { state: 'canceled'; reason: StoredReason }
  | { state: 'pending'; reason: StoredReason }
  | Exclude<FoundInput, { state: 'ready' }>;

/**
 * Gates in order: is the destination there, may this client's calls reach it, was it perhaps sent before a crash, has
 * a later call taken it back; for what is not rendered yet: is its time over, is what it needs there, does `only_if`
 * hold; then the input is rendered, once, and stored before anything is sent, so that every attempt sends the same.
 * Last, in the slot of the lane and before every attempt, the contact gate says whether the contact may be reached now.
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
  if (isInDoubt(delivery) && terms.ifUnknown === 'hold')
    return { state: 'held', reason: 'unknown: interrupted' };
  const takeBack = action ? await findTakeBack(tools, claimed, action) : null;
  if (takeBack !== null && takeBack.reason !== null) return { state: 'canceled', reason: takeBack.reason };
  const given: Given = { ruleSet, action, operation, destination };
  const found = await findInput(tools, claimed, given);
  if (found.state !== 'ready') return found;
  const keep = () => keepInput(tools, claimed, given, { ...found, seenUntil: takeBack?.seenUntil });
  const mayChange = delivery.channel !== null || takeBack !== null;
  const other = mayChange ? null : await keep();
  if (other !== null) return other;
  const planNext = (now: number) => nextTry(tools, claimed, given, now);
  const ready = { state: 'ready', destination, terms, input: found.input, planNext } as const;
  return { ...ready, lastGate: mayChange ? keep : null };
}

/** A person who moved it to a later time has not said that it may be sent again. */
function isInDoubt({ reason, lastOutcome, release }: Delivery): boolean {
  return reason === 'unknown' || (reason === 'snoozed' && lastOutcome === 'unknown' && release === null);
}

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

interface Kept {
  input: JsonObject;
  receipts: JsonObject;
  /**
   * The last event that was looked at for taking the delivery back; a call that came in behind it has to be looked at
   * first. Left out where nothing can.
   */
  seenUntil: string | undefined;
}

/** Null: it is on disk, and the delivery may go. */
async function keepInput(
  tools: SendTools,
  claimed: ClaimedDelivery,
  given: Given,
  kept: Kept,
): Promise<Gated | null> {
  const { delivery } = claimed;
  const text = JSON.stringify(kept.input);
  if (delivery.input === null && delivery.supersedes !== null) {
    const earlier = await tools.store.findDelivery(delivery.supersedes);
    if (earlier?.input === text) return { state: 'skipped', reason: 'unchanged' };
  }
  if (delivery.channel !== null) return askContactGate(tools, claimed, given, kept);
  if (delivery.input !== null && kept.seenUntil === undefined) return null;
  const isKept = await tools.store.saveInput(delivery.id, delivery.fence, text, kept.seenUntil);
  return isKept ? null : lookAgain(tools, claimed, kept.seenUntil);
}

async function askContactGate(
  tools: SendTools,
  claimed: ClaimedDelivery,
  { ruleSet, action, operation }: Given,
  kept: Kept,
): Promise<Gated | null> {
  const { channel } = claimed.delivery;
  if (!ruleSet || !action || channel === null) return { state: 'held', reason: 'rule_set_gone' };
  const verdict = await reachContact(tools, claimed, { ruleSet, action, operation, channel, ...kept });
  switch (verdict.is) {
    case 'go':
      return null;
    case 'wait':
      return { state: 'later', dueAt: verdict.until, reason: verdict.reason };
    case 'lost':
      return lookAgain(tools, claimed, kept.seenUntil);
    default:
      return { state: verdict.is, reason: verdict.reason };
  }
}

/** A call came in meanwhile, and may take it back; or somebody else holds the delivery by now. */
async function lookAgain(
  tools: SendTools,
  claimed: ClaimedDelivery,
  seenUntil: string | undefined,
): Promise<Gated> {
  const later = seenUntil === undefined ? [] : await tools.store.laterCalls(claimed.delivery.eventId);
  return later.at(-1)?.event.id === seenUntil || later.length === 0
    ? { state: 'lost' }
    : passGates(tools, claimed);
}

function nextTry(
  { live }: SendTools,
  { delivery, event, raw }: ClaimedDelivery,
  { ruleSet, action }: Given,
  now: number,
): PlannedDelivery | null {
  if (!ruleSet || !action?.content.callTries) return null;
  const { config } = live.current();
  const source = config.sources.get(event.source);
  const data = readStoredCall(config, event, raw);
  return source && data ? planNextTry(ruleSet, action, delivery, { source, data, now }) : null;
}
