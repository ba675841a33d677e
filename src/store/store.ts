import { type AttemptOutcome, type Outcome } from '../domain/attempt.js';
import { type Decision } from '../domain/decision.js';
import { type Delivery, type DeliveryState, type PlannedDelivery } from '../domain/delivery.js';
import { type EventRecord } from '../domain/event.js';
import { type Json } from '../lib/json.js';

/** The store could not write (disk full, file locked, I/O error). Intake answers 503 with `Retry-After`. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** The store cannot be opened at all; the message is one clear line for a person. */
export class StoreRefusedError extends Error {
  override readonly name = 'StoreRefusedError';
}

/** What `accept` is given. `status` and `revision` are settled inside the transaction. */
export interface NewEvent extends Omit<EventRecord, 'status' | 'revision'> {
  /** `call` becomes accepted, revision or duplicate; the other two are stored as they are. */
  intent: 'call' | 'test' | 'quarantined';
  /** Hash of the canonical content; identity together with source, eventKind and callId. */
  contentHash: string;
  raw: Uint8Array;
  ruleSet: string;
  decisions: Decision[];
  deliveries: PlannedDelivery[];
}

export type AcceptResult =
  | { status: 'accepted' | 'revision' | 'test' | 'quarantined'; eventId: string; revision: number }
  /** Content equal to a stored revision: nothing was written; `fired` is what was decided then. */
  | { status: 'duplicate'; eventId: string; fired: string[] };

export interface ClaimRequest {
  now: number;
  /** How many deliveries each destination may take now. Destinations left out are not claimed. */
  slots: Record<string, number>;
  leaseUntil: number;
}

/** A claimed delivery together with the event it belongs to. */
export interface ClaimedDelivery {
  delivery: Delivery;
  event: EventRecord;
  raw: Uint8Array;
}

/** What follows from an attempt or a gate. Refused (false) when the fence is no longer the latest. */
export interface DeliveryUpdate {
  id: string;
  fence: number;
  state: Extract<DeliveryState, 'pending' | 'delivered' | 'dead' | 'held' | 'skipped' | 'canceled'>;
  reason: string | null;
  dueAt: number;
  now: number;
  /** Left out when no attempt was made (a gate, a pause). */
  attempt?: { startedAt: number; durationMs: number; result: AttemptOutcome; charged: boolean };
}

export interface Attempt {
  number: number;
  startedAt: number;
  durationMs: number;
  outcome: Outcome;
  reason: string | null;
  message: string | null;
  httpStatus: number | null;
  /** What the destination answered when it took the delivery; left out where it said nothing. */
  receipt?: Json;
}

export interface DeliveryFilter {
  state?: DeliveryState;
  rule?: string;
  destination?: string;
  contact?: string;
  eventId?: string;
  since?: number;
  until?: number;
  /** Id of the last delivery of the page before: only older ones are listed. */
  after?: string;
  limit: number;
}

/** Where truth is kept. Every method is one transaction; writes that arrive together share a sync. */
export interface Store {
  /** Stores an event with its decisions and deliveries, all or nothing. Race-free for parallel copies. */
  accept(event: NewEvent): Promise<AcceptResult>;
  /** Moves what is due to `sending`, oldest first, under a new fence and lease. */
  claim(request: ClaimRequest): Promise<ClaimedDelivery[]>;
  /** Keeps the rendered input before the first attempt. False when the fence is no longer the latest. */
  saveInput(id: string, fence: number, input: string): Promise<boolean>;
  update(update: DeliveryUpdate): Promise<boolean>;
  /** Time of the next pending delivery, or null. */
  nextDueAt(): Promise<number | null>;
  /** Names of the destinations that pending deliveries are for. */
  pendingDestinations(): Promise<string[]>;
  /** Takes up what an earlier process left in `sending`. Returns how many. */
  recover(now: number): Promise<number>;
  /** How many deliveries are in each state. */
  countDeliveries(): Promise<Partial<Record<DeliveryState, number>>>;
  saveRuleSet(fingerprint: string, content: string): Promise<void>;
  loadRuleSet(fingerprint: string): Promise<string | null>;
  findEvent(id: string): Promise<{ event: EventRecord; raw: Uint8Array } | null>;
  findDecisions(eventId: string): Promise<Decision[]>;
  findDelivery(id: string): Promise<Delivery | null>;
  /** Newest first. */
  listDeliveries(filter: DeliveryFilter): Promise<Delivery[]>;
  listAttempts(deliveryId: string): Promise<Attempt[]>;
  /** Keeps `value` under `key` unless something is there; returns what is kept. */
  settle(key: string, value: string): Promise<string>;
  /** Resolves when a small write has reached the disk; throws {@link StoreUnavailableError} otherwise. */
  probe(): Promise<void>;
  close(): Promise<void>;
}
