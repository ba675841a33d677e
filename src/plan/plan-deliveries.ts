import { prepareDelivery } from '../adapters/prepare-delivery.js';
import { type DestinationConfig, type SourceConfig } from '../config/config.js';
import { type CompiledAction, type LiveRuleSet } from '../config/live.js';
import { callData } from '../domain/call-data.js';
import { type Decision } from '../domain/decision.js';
import { ORDINARY, type PlannedDelivery, type StoredReason } from '../domain/delivery.js';
import { type Call } from '../domain/event.js';
import { fenceRefuses } from '../domain/fence.js';
import { newId } from '../lib/ids.js';
import { isJsonObject } from '../lib/json.js';
import { type RuleContent, type To } from '../rules/rule.js';
import { withExpectedReceipts } from './expected-receipts.js';
import { planTiming } from './plan-timing.js';
import { resolveDestination } from './resolve-destination.js';

/** What is being decided. `callEndedAt` is null where the source cannot tell. */
export interface DecidedEvent {
  source: SourceConfig;
  eventId: string;
  receivedAt: number;
  isTest: boolean;
  labels: Record<string, string>;
  call: Call;
}

export interface DecidedCall {
  data: Call;
  decisions: Decision[];
  deliveries: PlannedDelivery[];
  scope: string;
}

/**
 * Decides every rule on a call and plans one delivery per action of each fired rule. Pure but for the
 * delivery ids; stores nothing, sends nothing. `all` also lists the rules that did not match.
 */
export function decideCall(
  live: LiveRuleSet,
  event: DecidedEvent,
  options: { all?: boolean } = {},
): DecidedCall {
  const { source, labels, eventId, receivedAt } = event;
  const data = callData(event.call, { source: source.name, labels, eventId, receivedAt });
  const decisions = live.book.decide(data, { name: source.name, labels }, options);
  const deliveries = decisions
    .filter((decision) => decision.verdict === 'fired')
    .flatMap((decision) => planRule(live, event, data, decision));
  return { data, decisions, deliveries, scope: scopeOf(live, labels) };
}

/** Client scope of an event: the label that `contacts.scope` names, `''` without one. */
function scopeOf(live: LiveRuleSet, labels: Record<string, string>): string {
  const label = live.config.scopeLabel;
  return label === null ? '' : (labels[label] ?? '');
}

function planRule(live: LiveRuleSet, event: DecidedEvent, data: Call, decision: Decision): PlannedDelivery[] {
  const rule = live.rules.get(decision.rule);
  if (!rule) return [];
  const tooOld = isTooOld(rule, event, data);
  return rule.actions.flatMap(({ id }) => {
    const action = live.actions.get(`${rule.id}.${id}`);
    return action ? [planAction(live, event, data, { rule, action, tooOld, shadow: decision.shadow })] : [];
  });
}

function isTooOld(rule: RuleContent, event: DecidedEvent, data: Call): boolean {
  if (rule.maxAgeMs === null) return false;
  const endedAt = event.source.source.endedAt(data);
  return endedAt !== null && event.receivedAt - endedAt > rule.maxAgeMs;
}

interface ActionToPlan {
  rule: RuleContent;
  action: CompiledAction;
  tooOld: boolean;
  shadow: boolean;
}

function planAction(live: LiveRuleSet, event: DecidedEvent, data: Call, plan: ActionToPlan): PlannedDelivery {
  const { rule, action, tooOld } = plan;
  const { content } = action;
  const name = resolveDestination(live, content.to, data);
  const destination = name === null ? undefined : live.config.destinations.get(name);
  const operationName = content.do ?? destination?.defaultOperation ?? '';
  const operation = destination?.operations[operationName];
  const delivery: PlannedDelivery = {
    id: newId(),
    rule: rule.id,
    action: content.id,
    destination: name ?? '',
    kind: destination?.adapter.kind ?? '',
    operation: operationName,
    state: 'pending',
    reason: null,
    dueAt: event.receivedAt,
    onRevision: content.onRevision,
    ordered: content.ordered ?? operation?.isOrdered?.(content.with) ?? false,
    input: null,
    needs: content.needs ?? [],
    ...ORDINARY,
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
