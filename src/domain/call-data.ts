import { contactOf } from './contact.js';
import { type Call } from './event.js';

/** What we know about an event and the vendor does not. */
export interface EventFacts {
  /** Name of the source. */
  source: string;
  /** Labels of the source, with those of the URL merged over them. */
  labels: Record<string, string>;
  eventId: string;
  /** Milliseconds since the epoch. */
  receivedAt: number;
}

/**
 * The data that rules and templates see: the normalised call with our own fields `source`, `labels`,
 * `event_id`, `received_at` (ISO 8601, UTC) and `contact`. Where the vendor sends such a name, ours wins.
 */
export function callData(call: Call, { source, labels, eventId, receivedAt }: EventFacts): Call {
  return {
    ...call,
    source,
    labels,
    event_id: eventId,
    received_at: new Date(receivedAt).toISOString(),
    contact: contactOf(call.customer_phone),
  };
}
