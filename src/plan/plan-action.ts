import { prepareDelivery } from '../adapters/prepare-delivery.js';
import { type DestinationConfig } from '../config/config.js';
import { type CompiledAction, type LiveRuleSet } from '../config/live.js';
import { BUILT_IN, isContactChange } from '../domain/contact-list.js';
import { ORDINARY, type PlannedDelivery, type StoredReason } from '../domain/delivery.js';
import { type Call } from '../domain/event.js';
import { fenceRefuses } from '../domain/fence.js';
import { newId } from '../lib/ids.js';
import { isJsonObject } from '../lib/json.js';
import { type RuleContent, type To } from '../rules/rule.js';
import { type DecidedEvent } from './decided-event.js';
import { withExpectedReceipts } from './expected-receipts.js';
import { phoneOf } from './contact-of-call.js';
import { repeatingOf } from './plan-repeat.js';
import { planTiming } from './plan-timing.js';
import { resolveDestination } from './resolve-destination.js';

export interface ActionToPlan {
  rule: RuleContent;
  action: CompiledAction;
  /** The call ended longer ago than the rule looks at. */
  tooOld: boolean;
  shadow: boolean;
}

/** Plans one action of a rule that fired: where it goes, when it is due, or why it is not. */
export function planAction(
  live: LiveRuleSet,
  event: DecidedEvent,
  data: Call,
  plan: ActionToPlan,
): PlannedDelivery {
  const { action, tooOld } = plan;
  const { content } = action;
  if (isContactChange(content.do)) return planContactChange(event, data, plan);
  const name = resolveDestination(live, content.to, data);
  const destination = name === null ? undefined : live.config.destinations.get(name);
  const operationName = content.do ?? destination?.defaultOperation ?? '';
  const operation = destination?.operations[operationName];
  const delivery: PlannedDelivery = {
    ...blank(event, plan),
    destination: name ?? '',
    kind: destination?.adapter.kind ?? '',
    operation: operationName,
    ordered: content.ordered ?? operation?.isOrdered?.(content.with) ?? false,
    channel: content.audience === 'staff' ? null : (operation?.reaches?.channel ?? null),
    ...repeatingOf(live, data, content),
  };
  // What is only rendered must not become held: released, it would be sent.
  const held = plan.shadow || event.isTest ? ('shadow' as const) : ('held' as const);
  if (!destination) return { ...delivery, state: held, reason: missingDestination(content.to, name) };
  if (tooOld) return { ...delivery, state: 'skipped', reason: 'too_old' };
  if (fenceRefuses(destination.only, event.labels))
    return { ...delivery, state: 'skipped', reason: 'fenced' };
  const due = planTiming(live, { ...event, data }, content);
  const timed = due?.is === 'due' ? { ...delivery, dueAt: due.dueAt, reason: followUp(due.why) } : delivery;
  const renderOnly = plan.shadow || (event.isTest && operation?.audience !== 'colleagues');
  if (renderOnly) return renderShadow(live, timed, action, destination, data, event.isTest);
  if (due !== null && due.is !== 'due') return { ...delivery, state: due.is, reason: due.reason };
  return destination.enabled ? timed : { ...timed, reason: 'destination_disabled' };
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
  const change = { ...blank(event, plan), destination: BUILT_IN, kind: BUILT_IN, operation };
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
    data: withExpectedReceipts(live, delivery.rule, delivery.needs, data),
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
