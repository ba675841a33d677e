import { type Operation } from '../adapters/adapter.js';
import { type Prepared, prepareDelivery } from '../adapters/prepare-delivery.js';
import { type DestinationConfig } from '../config/config.js';
import { type CompiledAction, type CompiledRuleSet } from '../config/live.js';
import { type Delivery, type ReleaseChanges, type StoredReason } from '../domain/delivery.js';
import { type JsonObject } from '../lib/json.js';
import { withDigest } from '../plan/with-digest.js';
import { type ClaimedDelivery } from '../store/store.js';
import { gatherDigest } from './gather-digest.js';
import { judgeLateness } from './judge-lateness.js';
import { readCallNow } from './read-call-now.js';
import { type SendTools } from './send-tools.js';

/** Rule set and action as they were planned; gone when their rule set is. */
export interface Given {
  ruleSet: CompiledRuleSet | null;
  action: CompiledAction | undefined;
  operation: Operation;
  destination: DestinationConfig;
}

type Whole = Given & { ruleSet: CompiledRuleSet; action: CompiledAction };

export type FoundInput =
  | { state: 'ready'; input: JsonObject; receipts: JsonObject }
  | { state: 'skipped' | 'held'; reason: StoredReason }
  /** Found long after its time, or outside its window: due again at `dueAt`. */
  | { state: 'later'; dueAt: number; reason: StoredReason }
  /** What it needs is not there yet: a person brought it forward. */
  | { state: 'too_early' }
  /** Somebody else holds the delivery by now, or tells it. */
  | { state: 'lost' };

/** As it was rendered before the first attempt, or rendered now. */
export async function findInput(
  tools: SendTools,
  claimed: ClaimedDelivery,
  given: Given,
): Promise<FoundInput> {
  const { delivery } = claimed;
  const { ruleSet, action } = given;
  if (delivery.input !== null) return readInput(tools, delivery, delivery.input, action);
  if (!ruleSet || !action) return { state: 'held', reason: 'rule_set_gone' };
  const late = judgeLateness(tools, claimed, ruleSet, action.content);
  if (late !== null) return late;
  const receipts = await findReceipts(tools, delivery, action);
  if (receipts === null) return { state: 'too_early' };
  const whole: Whole = { ...given, ruleSet, action };
  if (delivery.digestKey !== null) return renderDigest(tools, claimed, whole);
  const data = await readCallNow(tools, claimed, ruleSet);
  if (data === null) return { state: 'held', reason: 'event_unreadable' };
  // Without a key it is the vendor's test, which is told by itself.
  const told = action.content.digest ? withDigest(data) : data;
  return withReceipts(prepare(claimed, whole, { ...told, actions: receipts }), receipts);
}

async function readInput(
  tools: SendTools,
  delivery: Delivery,
  text: string,
  action: CompiledAction | undefined,
): Promise<FoundInput> {
  // Whose clock counts may stand in the answer of a CRM.
  const receipts = delivery.channel && action ? await findReceipts(tools, delivery, action) : null;
  return { state: 'ready', input: JSON.parse(text) as JsonObject, receipts: receipts ?? {} };
}

function withReceipts(prepared: Prepared, receipts: JsonObject): FoundInput {
  return prepared.state === 'ready' ? { ...prepared, receipts } : prepared;
}

/** One message for all that is due with it. `only_if` was asked of each. */
async function renderDigest(tools: SendTools, claimed: ClaimedDelivery, given: Whole): Promise<FoundInput> {
  const gathered = await gatherDigest(tools, claimed, given);
  if (gathered.is === 'told_by_another') return { state: 'lost' };
  if (gathered.is === 'refused') return { state: gathered.state, reason: gathered.reason };
  const action = { ...given.action, onlyIf: null };
  return withReceipts(prepare(claimed, { ...given, action }, gathered.data), {});
}

function prepare({ delivery, event }: ClaimedDelivery, given: Whole, data: JsonObject): Prepared {
  const { content, onlyIf } = given.action;
  return prepareDelivery({
    action: content,
    onlyIf,
    operation: given.operation,
    templates: given.ruleSet.templates,
    data,
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
