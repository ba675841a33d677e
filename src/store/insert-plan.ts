import { type Decision } from '../domain/decision.js';
import { actionKey, NOT_YET, type PlannedDelivery } from '../domain/delivery.js';
import { type DeliveryOwner, type PlannedWith } from './delivery-owner.js';
import { type Queries } from './queries/queries.js';
import { settlePlanned } from './settle-planned.js';
import { settleNeeds, settleOthers } from './settle-others.js';
import { changeContacts } from './stops.js';
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

/**
 * Stores what is planned, as far as `once_per` and `on_repeat` let it, and does at once what needs no destination.
 * @param staying ids of stored deliveries of the same call that stay, by `actionKey`: what is planned may need them.
 */
export function* insertDeliveries(
  queries: Queries,
  owner: DeliveryOwner,
  asked: readonly PlannedWith[],
  staying: ReadonlyMap<string, string> = new Map(),
): Work<void> {
  const { planned, replaced } = yield* settlePlanned(queries, owner, asked);
  yield* each(
    queries.insertDelivery,
    planned.map((one) => rowOf(owner, one)),
  );
  const deliveries = planned.map(({ delivery }) => delivery);
  yield* meetNeeds(queries, deliveries, staying, owner.now);
  for (const one of replaced) yield* settleOthers(queries, one, 'canceled', owner.now);
  yield* changeContacts(queries, owner, deliveries);
}

function* meetNeeds(
  queries: Queries,
  planned: readonly PlannedDelivery[],
  staying: ReadonlyMap<string, string>,
  now: number,
): Work<void> {
  const needing = planned.filter(needsOthers);
  if (needing.length === 0) return;
  const own = planned.map((delivery) => [actionKey(delivery), delivery.id] as const);
  yield* insertNeeds(queries, needing, new Map([...staying, ...own]));
  for (const delivery of needing) if (isWaiting(delivery)) yield* settleNeeds(queries, delivery.id, now);
}

/** Held ones may be released. */
function needsOthers({ state, needs }: PlannedDelivery): boolean {
  return needs.length > 0 && (state === 'pending' || state === 'held');
}

function isWaiting(delivery: PlannedDelivery): boolean {
  return needsOthers(delivery) && delivery.state === 'pending';
}

function* insertNeeds(
  queries: Queries,
  needing: readonly PlannedDelivery[],
  idOf: ReadonlyMap<string, string>,
): Work<void> {
  const pairs = needing.flatMap(({ id, rule, needs, dueAt }) =>
    needs.flatMap((action) => {
      const neededId = idOf.get(actionKey({ rule, action }));
      return neededId === undefined ? [] : [{ deliveryId: id, neededId, dueAt }];
    }),
  );
  yield* each(queries.insertNeed, pairs);
  yield* each(
    queries.markNeeded,
    [...new Set(pairs.map(({ neededId }) => neededId))].map((id) => ({ id })),
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
    dueAt: isWaiting(delivery) ? NOT_YET : delivery.dueAt,
    onRevision: delivery.onRevision,
    ordered: delivery.ordered ? 1 : 0,
    scope: owner.scope,
    contact: owner.contact,
    ruleSet: owner.ruleSet,
    supersedes,
    now: owner.now,
    input: delivery.input,
    channel: delivery.channel,
    tryNumber: delivery.tryNumber,
    digestKey: delivery.digestKey,
  };
}
