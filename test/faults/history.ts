/**
 * What a run left behind: the answers of the hook, the rows of the store and the log of the destinations.
 * `checkHistory` says what of it breaks a promise. Times are milliseconds since the epoch.
 */
export interface History {
  /** Calls that were answered with 2xx, with the SHA-256 of the bytes that were posted. */
  answered: { callId: string; hash: string }[];
  events: StoredEvent[];
  deliveries: StoredDelivery[];
  attempts: StoredAttempt[];
  /** Every request that reached a destination, in order of arrival. */
  seen: SeenRequest[];
  /** By delivery: how many kills or stops found it `sending`, so that nobody knows what had left. */
  doubts: ReadonlyMap<string, number>;
  expectations: Expectations;
  /** When the store was read. */
  now: number;
}

/** What the rules of a run ask for and what its faults allow. */
export interface Expectations {
  /** `rule.action` of everything that the rules fire for a call. */
  firedFor(callId: string): readonly string[];
  /** Destinations that recognise a key they have seen. */
  keyed: ReadonlySet<string>;
  /** Destinations that are sent the event's own bytes. */
  forwarded: ReadonlySet<string>;
  /** Destinations whose deliveries may end as dead. */
  mayDie: ReadonlySet<string>;
  /** Calls that retention may have removed, once everything about them was settled. */
  mayBeGone?: ReadonlySet<string>;
  /** Where an action sends to, by `rule.action`; needed with {@link mayBeGone}. */
  destinationOf?: Readonly<Record<string, string>>;
}

export interface StoredEvent {
  id: string;
  callId: string;
  /** SHA-256 of the stored bytes; null where retention emptied them. */
  hash: string | null;
}

export interface StoredDelivery {
  id: string;
  eventId: string;
  rule: string;
  action: string;
  destination: string;
  state: string;
  dueAt: number;
}

export interface StoredAttempt {
  deliveryId: string;
  outcome: string;
  httpStatus: number | null;
}

export interface SeenRequest {
  destination: string;
  /** The call that it tells of. */
  callId: string;
  /** Idempotency key, or Message-ID for mail; null where the kind knows none. */
  key: string | null;
  /** SHA-256 of the body. */
  hash: string;
  /** The destination acted on it, whatever it answered. */
  taken: boolean;
  time: number;
  /** Nothing may come before this time: the destination asked for it. */
  holdOffUntil?: number;
}

/** Sentences, each about one delivery, call or request. Repeats at unkeyed destinations are allowed where `violations` does not name them. */
export interface Findings {
  lost: string[];
  doubledKeyed: string[];
  doubledUnkeyed: string[];
  violations: string[];
}
