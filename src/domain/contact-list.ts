/**
 * What is done in the transaction of an event, with no destination: the contact of the call is put on the list of those
 * that nothing may reach, or taken off it. What is stopped is stopped before anything else of that event is sent.
 */
export const STOP = 'contact.stop';
export const CONTACT_CHANGES = [STOP, 'contact.allow'] as const;
export type ContactChange = (typeof CONTACT_CHANGES)[number];

/** Stands as destination and kind of a delivery that is such a change. */
export const BUILT_IN = 'aftercall';

export function isContactChange(operation: string | null): operation is ContactChange {
  return CONTACT_CHANGES.some((change) => change === operation);
}

/** Names a contact on the list, among reaches and limits: a phone number, or a mail address in lower case. */
export function contactKey(address: string): string {
  return address.trim().toLowerCase();
}
