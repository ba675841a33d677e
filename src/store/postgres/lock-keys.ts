import { contactKey } from '../../domain/contact-list.js';
import { type PlannedDelivery } from '../../domain/delivery.js';
import { encodeText } from '../text.js';

/** Between the parts of a key; texts that hold it are stored in another form (`encodeText`). */
export const KEY_SEPARATOR = '\u001f';

function keyOf(...parts: string[]): string {
  return parts.map(encodeText).join(KEY_SEPARATOR);
}

/** None for what has no call id: nothing else is the same call. */
export function callKeyOf(call: { source: string; eventKind: string; callId: string | null }): string[] {
  return call.callId === null ? [] : [keyOf(call.source, call.eventKind, call.callId)];
}

export function contactLockKey(scope: string, contact: string): string {
  return keyOf(scope, contactKey(contact));
}

/** Whatever the scope, which a replay does not know: what meets without need waits a moment. */
export function onceKeysOf(deliveries: readonly PlannedDelivery[]): string[] {
  return deliveries.flatMap(({ rule, action, once }) =>
    once === null ? [] : [keyOf('once', rule, action, once.key)],
  );
}

export function chainKey(root: string): string {
  return keyOf('chain', 'root', root, '');
}
