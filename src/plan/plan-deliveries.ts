import { type LiveRuleSet } from '../config/live.js';
import { callData } from '../domain/call-data.js';
import { type Decision } from '../domain/decision.js';
import { type PlannedDelivery } from '../domain/delivery.js';
import { type Call } from '../domain/event.js';
import { type RuleContent } from '../rules/rule.js';
import { type DecidedEvent } from './decided-event.js';
import { planAction } from './plan-action.js';
import { scopeOf } from './scope-of.js';

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
  const { contactFacts, causedBy } = event;
  const data = callData(event.call, { source: source.name, labels, eventId, receivedAt, contactFacts });
  const decisions = live.book.decide(data, { name: source.name, labels }, { ...options, causedBy });
  const deliveries = decisions
    .filter((decision) => decision.verdict === 'fired')
    .flatMap((decision) => planRule(live, event, data, { decision, decisions }));
  return { data, decisions, deliveries, scope: scopeOf(live.config, labels) };
}

function planRule(
  live: LiveRuleSet,
  event: DecidedEvent,
  data: Call,
  { decision, decisions }: { decision: Decision; decisions: readonly Decision[] },
): PlannedDelivery[] {
  const rule = live.rules.get(decision.rule);
  if (!rule) return [];
  const tooOld = isTooOld(rule, event, data);
  return rule.actions.flatMap(({ id }) => {
    const action = live.actions.get(`${rule.id}.${id}`);
    const { shadow } = decision;
    return action ? [planAction(live, event, data, { rule, action, tooOld, shadow, decisions })] : [];
  });
}

function isTooOld(rule: RuleContent, event: DecidedEvent, data: Call): boolean {
  if (rule.maxAgeMs === null) return false;
  const endedAt = event.source.source.endedAt(data);
  return endedAt !== null && event.receivedAt - endedAt > rule.maxAgeMs;
}
