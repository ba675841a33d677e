import { type SourceConfig } from '../config/config.js';
import { type Call } from '../domain/event.js';
import { type JsonObject } from '../lib/json.js';

/** What is being decided. `callEndedAt` is null where the source cannot tell. */
export interface DecidedEvent {
  source: SourceConfig;
  eventId: string;
  receivedAt: number;
  isTest: boolean;
  labels: Record<string, string>;
  call: Call;
  /** What is known of the contact, laid over `contact`; left out where no rule asks. */
  contactFacts?: JsonObject;
  /** Rules whose deliveries led to the call. Default: none. */
  causedBy?: readonly string[];
}
