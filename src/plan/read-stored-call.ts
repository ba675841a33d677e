import { type Config } from '../config/config.js';
import { callData } from '../domain/call-data.js';
import { type Call, type EventRecord } from '../domain/event.js';

/** The call as its rules saw it, read again from the bytes; null when its source is no longer configured. */
export function readStoredCall(config: Config, event: EventRecord, raw: Uint8Array): Call | null {
  const reading = config.sources.get(event.source)?.source.read(raw);
  if (!reading || reading.as === 'unreadable') return null;
  const { labels, id: eventId, receivedAt } = event;
  return callData(reading.call, { source: event.source, labels, eventId, receivedAt });
}
