import { type JsonObject } from '../lib/json.js';

/**
 * - `accepted`: first content under its call id. - `revision`: the same call id with other content.
 * - `test`: the vendor's sample without an id. - `quarantined`: right token, but no readable call.
 */
export type EventStatus = 'accepted' | 'revision' | 'test' | 'quarantined';

/** What was wrong with bytes or a field, in words a person can act on. */
export interface Problem {
  path: string;
  problem: string;
}

/** The call as rules and templates see it: the vendor's field names, normalised, plus our own fields. */
export type Call = JsonObject;

/** One accepted webhook without its bytes. Times are milliseconds since the epoch. */
export interface EventRecord {
  id: string;
  source: string;
  /** `call` for a post-call webhook. Part of the identity: other webhooks of a vendor share its id space. */
  eventKind: string;
  /** The vendor's id with every digit; null for tests and quarantined events. */
  callId: string | null;
  /** 1 for the first content under a call id, then counting up. */
  revision: number;
  status: EventStatus;
  receivedAt: number;
  /** Client scope (`contacts.scope`); `''` where none is configured. */
  scope: string;
  /** Phone number of the person called, or null. */
  contact: string | null;
  labels: Record<string, string>;
  /** Content-Type header as received, or null. */
  contentType: string | null;
  problems: Problem[];
  /** The delivery that caused the call, as the call says; null: it was not ours. */
  cause: string | null;
  /** The event of the call that all of this began with; null: this one. */
  root: string | null;
}
