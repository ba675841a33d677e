import { type Decision } from '../domain/decision.js';
import { type Call } from '../domain/event.js';
import { type RuleSetCache } from '../plan/rule-set-cache.js';
import { takesBack } from '../plan/take-back.js';
import { type Store } from '../store/store.js';

/** A call that has just been stored. */
export interface StoredCall {
  eventId: string;
  scope: string;
  contact: string | null;
  data: Call;
  decisions: readonly Decision[];
  receivedAt: number;
}

const MOST_WAITING = 200;

/**
 * Takes back what waits for the contact of a call and names such a call in its `cancel_when`, so that people see it
 * at once. It is looked at again when it is due: what is missed here, in a crash, is not sent either.
 */
export async function takeBackFollowUps(
  {
    store,
    ruleSets,
  }: {
    store: Pick<Store, 'listDeliveries' | 'laterCalls' | 'command'>;
    ruleSets: Pick<RuleSetCache, 'find'>;
  },
  { eventId, scope, contact, data, decisions, receivedAt }: StoredCall,
): Promise<void> {
  if (contact === null) return;
  const waiting = await store.listDeliveries({ contact, state: 'pending', limit: MOST_WAITING });
  for (const delivery of waiting) {
    if (delivery.scope !== scope || delivery.eventId === eventId) continue;
    const ruleSet = await ruleSets.find(delivery.ruleSet);
    const action = ruleSet?.actions.get(`${delivery.rule}.${delivery.action}`);
    const reason = action ? takesBack(action, { eventId, data, decisions }) : null;
    if (reason !== null && (await isLater(store, eventId, delivery.eventId)))
      await store.command(delivery.id, { do: 'cancel', reason }, receivedAt);
  }
}

/** Another content of the same call is no later call. */
async function isLater(store: Pick<Store, 'laterCalls'>, eventId: string, than: string): Promise<boolean> {
  return (await store.laterCalls(than)).some(({ event }) => event.id === eventId);
}
