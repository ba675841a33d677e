import { prepareDelivery } from '../adapters/prepare-delivery.js';
import { type DestinationConfig } from '../config/config.js';
import { type CompiledAction, type LiveRuleSet } from '../config/live.js';
import { BUILT_IN, isContactChange } from '../domain/contact-list.js';
import { type Decision } from '../domain/decision.js';
import { ORDINARY, type PlannedDelivery, type StoredReason } from '../domain/delivery.js';
import { type Call } from '../domain/event.js';
import { fenceRefuses } from '../domain/fence.js';
import { newId } from '../lib/ids.js';
import { isJsonObject } from '../lib/json.js';
import { type ActionContent, type RuleContent, type To } from '../rules/rule.js';
import { TemplateError } from '../templates/template-error.js';
import { type DecidedEvent } from './decided-event.js';
import { withExpectedReceipts } from './expected-receipts.js';
import { phoneOf } from './contact-of-call.js';
import { repeatingOf } from './plan-repeat.js';
import { planTiming } from './plan-timing.js';
import { resolveDestination } from './resolve-destination.js';
import { withDigest } from './with-digest.js';

export interface ActionToPlan {
  rule: RuleContent;
  action: CompiledAction;
  /** The call ended longer ago than the rule looks at. */
  tooOld: boolean;
  shadow: boolean;
  /** Of the same call: what takes back an older one of its kind makes room for this one. */
  decisions: readonly Decision[];
}

/**
 * Plans one action of a rule that fired: where it goes, when it is due, or why it is not. Never throws: a template that
 * cannot be rendered holds its own action, and neither the call nor what else follows from it is lost.
 */
export function planAction(
  live: LiveRuleSet,
  event: DecidedEvent,
  data: Call,
  plan: ActionToPlan,
): PlannedDelivery {
  if (isContactChange(plan.action.content.do)) return planContactChange(event, data, plan);
  try {
    return planDelivery(live, event, data, plan);
  } catch (error) {
    return unplanned(live, event, plan, error);
  }
}

function planDelivery(
  live: LiveRuleSet,
  event: DecidedEvent,
  data: Call,
  plan: ActionToPlan,
): PlannedDelivery {
  const { action, decisions } = plan;
  const { content } = action;
  const name = resolveDestination(live, content.to, data);
  const destination = name === null ? undefined : live.config.destinations.get(name);
  const addressed = addressTo(destination, { ...blank(event, plan), destination: name ?? '' }, content);
  if (!destination)
    return { ...addressed, state: heldIn(event, plan), reason: missingDestination(content.to, name) };
  if (plan.tooOld) return { ...addressed, state: 'skipped', reason: 'too_old' };
  if (fenceRefuses(destination.only, event.labels))
    return { ...addressed, state: 'skipped', reason: 'fenced' };
  const due = planTiming(live, { ...event, data }, content);
  const timed = due?.is === 'due' ? { ...addressed, dueAt: due.dueAt, reason: followUp(due.why) } : addressed;
  const { audience } = destination.operations[addressed.operation] ?? {};
  const renderOnly = plan.shadow || (event.isTest && audience !== 'colleagues');
  if (renderOnly) return renderShadow(live, timed, action, destination, data, event.isTest);
  // The vendor's sample takes part in nothing that counts.
  const repeating = event.isTest
    ? {}
    : repeatingOf(live, { eventId: event.eventId, data, decisions }, action);
  const delivery = { ...timed, ...repeating };
  if (due !== null && due.is !== 'due') return { ...delivery, state: due.is, reason: due.reason };
  return destination.enabled ? delivery : { ...delivery, reason: 'destination_disabled' };
}

function addressTo(
  destination: DestinationConfig | undefined,
  delivery: PlannedDelivery,
  content: ActionContent,
): PlannedDelivery {
  const operationName = content.do ?? destination?.defaultOperation ?? '';
  const operation = destination?.operations[operationName];
  return {
    ...delivery,
    kind: destination?.adapter.kind ?? '',
    operation: operationName,
    ordered: content.ordered ?? operation?.isOrdered?.(content.with) ?? false,
    channel: content.audience === 'staff' ? null : (operation?.reaches?.channel ?? null),
  };
}

/** What is only rendered must not become held: released, it would be sent. */
function heldIn({ isTest }: DecidedEvent, { shadow }: ActionToPlan): 'shadow' | 'held' {
  return shadow || isTest ? 'shadow' : 'held';
}

/** The message stays here: it may quote the call. */
function unplanned(
  live: LiveRuleSet,
  event: DecidedEvent,
  plan: ActionToPlan,
  error: unknown,
): PlannedDelivery {
  const { content } = plan.action;
  const destination = typeof content.to === 'string' ? live.config.destinations.get(content.to) : undefined;
  const what = error instanceof TemplateError ? ('invalid_input' as const) : ('internal' as const);
  const reason: StoredReason = `${what}: a template of this action could not be rendered; mend the rule and replay the event`;
  const to = { ...blank(event, plan), destination: destination?.name ?? '' };
  return { ...addressTo(destination, to, content), state: heldIn(event, plan), reason };
}

/** A delivery to nowhere yet, due at once. */
function blank({ receivedAt }: DecidedEvent, { rule, action: { content } }: ActionToPlan): PlannedDelivery {
  return {
    id: newId(),
    rule: rule.id,
    action: content.id,
    destination: '',
    kind: '',
    operation: '',
    state: 'pending',
    reason: null,
    dueAt: receivedAt,
    onRevision: content.onRevision,
    ordered: false,
    input: null,
    needs: content.needs ?? [],
    ...ORDINARY,
  };
}

/**
 * Done when the event is stored, so it is on record as delivered at once. However old the call is: who asked not to be
 * reached must not be, and being told late changes nothing of that.
 */
function planContactChange(event: DecidedEvent, data: Call, plan: ActionToPlan): PlannedDelivery {
  const operation = plan.action.content.do ?? '';
  // Said when the call ended: an old one that is told again takes back nothing that was said since.
  const dueAt = event.source.source.endedAt(data) ?? event.receivedAt;
  const change = { ...blank(event, plan), destination: BUILT_IN, kind: BUILT_IN, operation, dueAt };
  if (plan.shadow || event.isTest)
    return { ...change, state: 'shadow', reason: event.isTest ? 'test' : null, input: '{}' };
  if (phoneOf(data) === null) return { ...change, state: 'held', reason: 'no_contact' };
  return { ...change, state: 'delivered' };
}

function followUp(why: string): StoredReason {
  return `follow_up: ${why}`;
}

/** A shadow rule decides and renders like a live one, so that its text can be read before it counts. */
function renderShadow(
  live: LiveRuleSet,
  delivery: PlannedDelivery,
  action: CompiledAction,
  destination: DestinationConfig,
  data: Call,
  isTest: boolean,
): PlannedDelivery {
  const operation = destination.operations[delivery.operation];
  if (!operation) return { ...delivery, state: 'shadow', reason: `unknown_operation: ${delivery.operation}` };
  const { content, onlyIf } = action;
  const prepared = prepareDelivery({
    action: content,
    onlyIf,
    operation,
    templates: live.templates,
    data: withExpectedReceipts(live, delivery.rule, delivery.needs, content.digest ? withDigest(data) : data),
    isTest,
    isPreview: true,
  });
  if (prepared.state === 'ready')
    return {
      ...delivery,
      state: 'shadow',
      reason: isTest ? 'test' : null,
      input: JSON.stringify(prepared.input),
    };
  return { ...delivery, state: 'shadow', reason: prepared.reason };
}

/** Never quotes the key: it may be a phone number. */
function missingDestination(to: To, name: string | null): StoredReason {
  if (isJsonObject(to) && name === null) return `no_row: ${String(to.table)}`;
  return 'destination_gone';
}
