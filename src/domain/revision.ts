import { actionKey, canMove, type Delivery, type PlannedDelivery } from './delivery.js';

/** Reason of a delivery that a revision of its call took back. Other reasons mean: a person did. */
export const REVISED = 'revised';

/** What is looked at of a delivery that an earlier revision of the same call planned. */
export type EarlierDelivery = Pick<
  Delivery,
  'id' | 'rule' | 'action' | 'state' | 'reason' | 'lastOutcome' | 'onRevision' | 'supersedes' | 'tryNumber'
>;

export interface RevisionSettlement {
  /** Ids to be canceled with reason {@link REVISED}. */
  cancel: string[];
  /** What is stored with the revision; `supersedes` names what was sent for an earlier one. */
  insert: { delivery: PlannedDelivery; supersedes: string | null }[];
  /** What an earlier revision planned for an action and stays, for those that need its result. */
  stay: EarlierDelivery[];
}

/**
 * What becomes of a call's deliveries when a revision of it arrives.
 * @param earlier deliveries of all earlier revisions, oldest first; only the latest of each action counts.
 * @param planned what the revision was decided to do.
 */
export function settleRevision(
  earlier: readonly EarlierDelivery[],
  planned: readonly PlannedDelivery[],
): RevisionSettlement {
  const latest = latestByAction(earlier);
  const settlement: RevisionSettlement = { cancel: [], insert: [], stay: [...latest.values()] };
  for (const delivery of planned) {
    const before = delivery.state === 'shadow' ? undefined : latest.get(actionKey(delivery));
    latest.delete(actionKey(delivery));
    if (before === undefined) settlement.insert.push({ delivery, supersedes: null });
    else replace(before, delivery, settlement);
  }
  for (const orphan of latest.values()) {
    if (orphan.onRevision !== 'ignore' && canBeTakenBack(orphan)) settlement.cancel.push(orphan.id);
  }
  return settlement;
}

function replace(before: EarlierDelivery, delivery: PlannedDelivery, settlement: RevisionSettlement): void {
  if (delivery.onRevision === 'ignore' || wasCanceledByPerson(before)) return;
  // Tries were made already: planned anew they would be counted from the beginning.
  if (before.tryNumber > 1) return;
  if (canBeTakenBack(before)) {
    settlement.cancel.push(before.id);
    // What was sent before the one taken back is still what this one supersedes.
    settlement.insert.push({ delivery, supersedes: before.supersedes });
  } else if (!mayHaveBeenSent(before)) {
    // Skipped, or canceled by a revision in between. With `refresh`, what was sent before that stays.
    const stays = before.supersedes !== null && delivery.onRevision === 'refresh';
    if (!stays) settlement.insert.push({ delivery, supersedes: before.supersedes });
  } else if (delivery.onRevision === 'send' && before.state === 'delivered') {
    settlement.insert.push({ delivery, supersedes: before.id });
  }
}

function latestByAction(earlier: readonly EarlierDelivery[]): Map<string, EarlierDelivery> {
  const real = earlier.filter((delivery) => delivery.state !== 'shadow');
  return new Map(real.map((delivery) => [actionKey(delivery), delivery]));
}

/** Not sent yet, and not settled for good either. */
function canBeTakenBack(delivery: EarlierDelivery): boolean {
  return canMove(delivery.state, 'canceled') && !mayHaveBeenSent(delivery);
}

/** Delivered, on its way, or the last attempt ended without an answer. */
function mayHaveBeenSent(delivery: EarlierDelivery): boolean {
  if (delivery.state === 'delivered' || delivery.state === 'sending') return true;
  return delivery.lastOutcome === 'unknown';
}

function wasCanceledByPerson(delivery: EarlierDelivery): boolean {
  return delivery.state === 'canceled' && delivery.reason !== REVISED;
}
