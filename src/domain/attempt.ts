import { type Json } from '../lib/json.js';

/** Why an attempt did not deliver. One closed list for the store, metrics, API and docs. */
export const FAILURE_REASONS = [
  'rate_limited',
  'server_error',
  'client_error',
  'unauthorized',
  'timeout',
  'connection',
  'dns',
  'tls',
  'redirect',
  'address_forbidden',
  'response_too_large',
  /** Our own network or name service does not work: charged to no destination. */
  'offline',
  'invalid_input',
  'refused',
  'internal',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

export type Outcome = 'delivered' | 'retry' | 'rejected' | 'unauthorized' | 'unknown';

/** What an adapter keeps for later deliveries of its destination to the same client's contacts. */
export interface Link {
  /** Names what it leads from, e.g. `thread:+4366412345678`; at most 500 characters. */
  key: string;
  /** What the destination calls it, e.g. an id. */
  value: Json;
}

/** What one try of a delivery came to. `message` is for people: no secrets, no personal data. */
export type AttemptOutcome =
  | {
      outcome: 'delivered';
      httpStatus?: number;
      /** What the destination answered; later actions that need this one may use it. */
      receipt?: Json;
      /** Kept in the transaction that records the attempt, whatever its outcome; an equal key is replaced. */
      links?: Link[];
    }
  | {
      outcome: Exclude<Outcome, 'delivered'>;
      reason: FailureReason;
      message?: string;
      httpStatus?: number;
      /** Only with `retry`: how long the destination asked us to wait, in milliseconds. */
      afterMs?: number;
      /** Handed back to the adapter on the next attempt, e.g. the addresses still to be reached. */
      progress?: Json;
      links?: Link[];
    };
