import { type CompiledAction, isTakenBack, type LiveConfig } from '../config/live.js';
import { type StoredReason } from '../domain/delivery.js';
import { readStoredCall } from '../plan/read-stored-call.js';
import { takesBack } from '../plan/take-back.js';
import { type ClaimedDelivery, type Store, type StoredEvent } from '../store/store.js';

/** What the later calls of a contact mean for one of its follow-ups. */
export interface TakeBack {
  /** Why it is taken back; null: it goes on. */
  reason: StoredReason | null;
  /** The event after which no call has been looked at. */
  seenUntil: string;
}

/** Looks at every call of the contact that came in since; null where nothing could take the delivery back. */
export async function findTakeBack(
  { store, live }: { store: Store; live: LiveConfig },
  { event }: ClaimedDelivery,
  action: CompiledAction,
): Promise<TakeBack | null> {
  if (!isTakenBack(action.content) || event.contact === null) return null;
  const later = await store.laterCalls(event.id);
  const seenUntil = later.at(-1)?.event.id ?? event.id;
  for (const call of later) {
    const reason = await judge({ store, live }, call, action);
    if (reason !== null) return { reason, seenUntil };
  }
  return { reason: null, seenUntil };
}

async function judge(
  { store, live }: { store: Store; live: LiveConfig },
  { event, raw }: StoredEvent,
  action: CompiledAction,
): Promise<StoredReason | null> {
  const data = readStoredCall(live.current().config, event, raw);
  if (data === null) return null;
  const decisions = action.content.cancelWhen?.ruleFired ? await store.findDecisions(event.id) : [];
  return takesBack(action, { eventId: event.id, data, decisions });
}
