import { type Decision } from '../domain/decision.js';
import { type PlannedDelivery } from '../domain/delivery.js';
import { type Queries } from './queries/queries.js';
import { all, type Work } from './work.js';

export function* insertDecisions(
  queries: Queries,
  eventId: string,
  decisions: readonly Decision[],
): Work<void> {
  for (const [position, decision] of decisions.entries()) {
    yield* all(queries.insertDecision, {
      eventId,
      position,
      rule: decision.rule,
      verdict: decision.verdict,
      shadow: decision.shadow ? 1 : 0,
      because: JSON.stringify(decision.because),
    });
  }
}

/** What a delivery takes over from its event, and when it is planned. */
export interface DeliveryOwner {
  eventId: string;
  scope: string;
  contact: string | null;
  ruleSet: string;
  now: number;
}

/** @param supersedes the delivery of an earlier revision whose text this one is compared with. */
export function* insertDelivery(
  queries: Queries,
  owner: DeliveryOwner,
  delivery: PlannedDelivery,
  supersedes: string | null,
): Work<void> {
  yield* all(queries.insertDelivery, {
    id: delivery.id,
    eventId: owner.eventId,
    rule: delivery.rule,
    action: delivery.action,
    destination: delivery.destination,
    kind: delivery.kind,
    operation: delivery.operation,
    state: delivery.state,
    reason: delivery.reason,
    dueAt: delivery.dueAt,
    onRevision: delivery.onRevision,
    ordered: delivery.ordered ? 1 : 0,
    scope: owner.scope,
    contact: owner.contact,
    ruleSet: owner.ruleSet,
    supersedes,
    now: owner.now,
    input: delivery.input,
  });
}
