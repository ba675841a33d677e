import { type SourceConfig } from '../config/config.js';
import { type EventStatus } from '../domain/event.js';
import { type Reading } from '../sources/source.js';

/** A call on its way through the rules, without a store. Times are milliseconds since the epoch. */
export interface SimulatedCall {
  source: SourceConfig;
  labels: Record<string, string>;
  eventId: string;
  receivedAt: number;
  status: EventStatus;
  reading: Reading;
}
