import { type Decision } from '../domain/decision.js';
import { type PlannedDelivery } from '../domain/delivery.js';
import { type Queries } from './queries/queries.js';
import { each, type Work } from './work.js';

export function* insertDecisions(
  queries: Queries,
  eventId: string,
  decisions: readonly Decision[],
): Work<void> {
  const rows = decisions.map((decision, position) => ({
    eventId,
    position,
    rule: decision.rule,
    verdict: decision.verdict,
    shadow: decision.shadow ? 1 : 0,
    because: JSON.stringify(decision.because),
  }));
  yield* each(queries.insertDecision, rows);
}

/** What a delivery takes over from its event, and when it is planned. */
export interface DeliveryOwner {
  eventId: string;
  scope: string;
  contact: string | null;
  ruleSet: string;
  now: number;
}

/** A planned delivery, and the one of an earlier revision whose text it is compared with. */
export interface PlannedWith {
  delivery: PlannedDelivery;
  supersedes: string | null;
}

export function* insertDeliveries(
  queries: Queries,
  owner: DeliveryOwner,
  planned: readonly PlannedWith[],
): Work<void> {
  yield* each(
    queries.insertDelivery,
    planned.map((one) => rowOf(owner, one)),
  );
}

function rowOf(owner: DeliveryOwner, { delivery, supersedes }: PlannedWith) {
  return {
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
  };
}
