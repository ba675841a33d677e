import { type CompiledAction, type CompiledRuleSet } from '../config/live.js';
import { type SourceConfig } from '../config/config.js';
import { ORDINARY, type Delivery, type PlannedDelivery } from '../domain/delivery.js';
import { type Call } from '../domain/event.js';
import { planDue } from '../domain/plan-due.js';
import { newId } from '../lib/ids.js';
import { windowsOf } from './plan-timing.js';

/**
 * The next of `call_tries`, once a try was made; null when it was the last, or the action asks for one only. It waits
 * for `every`, and then for the window of the action; a later call that `until` holds for takes it back.
 */
export function planNextTry(
  ruleSet: Pick<CompiledRuleSet, 'content'>,
  { content }: CompiledAction,
  delivery: Delivery,
  { source, data, now }: { source: SourceConfig; data: Call; now: number },
): PlannedDelivery | null {
  const { callTries, during = [] } = content;
  if (!callTries || delivery.tryNumber >= callTries.max) return null;
  const { timezone } = ruleSet.content;
  const due = planDue({
    timing: { after: callTries.every },
    ...{ from: now, now, timezone },
    during: windowsOf(ruleSet, { source, data }, during),
  });
  const tryNumber = delivery.tryNumber + 1;
  const { rule, action, destination, kind, operation, onRevision, ordered, channel } = delivery;
  const planned: PlannedDelivery = {
    ...{ id: newId(), rule, action, destination, kind, operation, onRevision, ordered, needs: [] },
    ...{ state: 'pending', reason: null, dueAt: now, input: null },
    ...{ ...ORDINARY, channel, tryNumber },
  };
  if (due.is !== 'due') return { ...planned, state: due.is, reason: due.reason };
  const { dueAt, why } = due;
  return { ...planned, dueAt, reason: `follow_up: try ${tryNumber} of ${callTries.max}, ${why}` };
}
