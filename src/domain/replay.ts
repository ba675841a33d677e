import { actionKey, type Delivery, type PlannedDelivery } from './delivery.js';

/**
 * What a replay sends: `undelivered`, what has not arrived and is not on its way; `all`, everything once
 * more; `none`, nothing: it only decides anew.
 */
export const REPLAY_SENDS = ['undelivered', 'all', 'none'] as const;
export type ReplaySend = (typeof REPLAY_SENDS)[number];

/** Reason of what a replay took back, and of what it planned as held because it reaches a contact. */
export const REPLAYED = 'replayed';

/** What is looked at of a delivery that the event has already. */
export type StoredDelivery = Pick<Delivery, 'id' | 'rule' | 'action' | 'state' | 'lastOutcome'>;

export interface ReplaySettlement {
  /** Dead ones that are tried again as they are: same key, same bytes. */
  retry: string[];
  /** Ids to be canceled with reason {@link REPLAYED}. */
  cancel: string[];
  insert: PlannedDelivery[];
  /** Left alone: on their way, or perhaps delivered. */
  leave: string[];
}

/**
 * What becomes of an event's deliveries when it is replayed. Only the latest of each action counts. With `undelivered`:
 *
 * | latest of the action | becomes |
 * |---|---|
 * | none, canceled, skipped, shadow | planned anew |
 * | delivered | stays |
 * | pending, sending | stays: on its way |
 * | dead, its action unchanged and planned as pending | retried under its own key, so that a keyed destination takes it once |
 * | dead or held otherwise | canceled and planned anew, unless its last attempt ended unknown: then left to a person |
 *
 * With `all`, what is delivered is planned anew, too. What no longer is planned stays as it is.
 * @param stored oldest first.
 * @param unchanged ids of stored deliveries whose action is still the same.
 */
export function settleReplay(
  stored: readonly StoredDelivery[],
  planned: readonly PlannedDelivery[],
  options: { send: ReplaySend; unchanged: ReadonlySet<string> },
): ReplaySettlement {
  const settlement: ReplaySettlement = { retry: [], cancel: [], insert: [], leave: [] };
  if (options.send === 'none') return settlement;
  const latest = new Map(stored.map((delivery) => [actionKey(delivery), delivery]));
  for (const delivery of planned) settle(latest.get(actionKey(delivery)), delivery, options, settlement);
  return settlement;
}

function settle(
  before: StoredDelivery | undefined,
  delivery: PlannedDelivery,
  { send, unchanged }: { send: ReplaySend; unchanged: ReadonlySet<string> },
  { retry, cancel, insert, leave }: ReplaySettlement,
): void {
  const state = before?.state;
  if (before === undefined || state === 'canceled' || state === 'skipped' || state === 'shadow')
    insert.push(delivery);
  else if (state === 'delivered' && send === 'all') insert.push(delivery);
  else if (state === 'delivered') return;
  else if (state === 'pending' || state === 'sending') leave.push(before.id);
  else if (state === 'dead' && unchanged.has(before.id) && delivery.state === 'pending')
    retry.push(before.id);
  else if (before.lastOutcome === 'unknown') leave.push(before.id);
  else {
    cancel.push(before.id);
    insert.push(delivery);
  }
}
