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

/** What one try of a delivery came to. `message` is for people: no secrets, no personal data. */
export type AttemptOutcome =
  | { outcome: 'delivered'; httpStatus?: number; receipt?: Json }
  | {
      outcome: Exclude<Outcome, 'delivered'>;
      reason: FailureReason;
      message?: string;
      httpStatus?: number;
      /** Only with `retry`: how long the destination asked us to wait, in milliseconds. */
      afterMs?: number;
      /** Handed back to the adapter on the next attempt, e.g. the addresses still to be reached. */
      progress?: Json;
    };
