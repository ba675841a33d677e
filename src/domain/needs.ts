import { type DeliveryState, type StoredReason } from './delivery.js';

/** A delivery whose result another one of the same rule waits for. */
export interface Needed {
  /** Its action's id. */
  action: string;
  state: DeliveryState;
}

/** What follows for one that needs others: it is due, it waits on, or it is skipped because one of them will not come. */
export type NeedsVerdict = { is: 'due' } | { is: 'waiting' | 'skipped'; reason: StoredReason };

/** Held and what is still on its way may be delivered yet; what is over without that is not. */
const HOPELESS: readonly DeliveryState[] = ['dead', 'canceled', 'skipped', 'shadow'];

export function judgeNeeds(needed: readonly Needed[]): NeedsVerdict {
  const lost = needed.find(({ state }) => HOPELESS.includes(state));
  if (lost !== undefined) return { is: 'skipped', reason: `needed: ${lost.action} is ${lost.state}` };
  const open = needed.filter(({ state }) => state !== 'delivered').map(({ action }) => action);
  return open.length === 0 ? { is: 'due' } : { is: 'waiting', reason: `waits_for: ${open.join(', ')}` };
}
