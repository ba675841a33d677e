import { type Json, type JsonObject } from '../lib/json.js';
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
  /** What is known of the contact from its calls, laid over `contact`; left out where nobody asks. */
  contactFacts?: JsonObject;
}

const OURS = new Set(['source', 'labels', 'event_id', 'received_at', 'contact']);

/** Most houses ask for none, and every event passes here. */
function withFacts(contact: JsonObject, facts: JsonObject | undefined): JsonObject {
  return facts === undefined ? contact : { ...contact, ...facts };
}

/**
 * The data that rules and templates see: the normalised call with our own fields `source`, `labels`,
 * `event_id`, `received_at` (ISO 8601, UTC) and `contact`. Where the vendor sends such a name, ours wins.
 */
export function callData(
  call: Call,
  { source, labels, eventId, receivedAt, contactFacts }: EventFacts,
): Call {
  const data: Call = {
    source,
    labels,
    event_id: eventId,
    received_at: new Date(receivedAt).toISOString(),
    contact: withFacts(contactOf(call.customer_phone), contactFacts),
  };
  // Every event passes here, and a spread or `Object.assign` of a call and five more names is much slower.
  for (const name of Object.keys(call)) if (!OURS.has(name)) data[name] = call[name] as Json;
  return data;
}
