import { type DeliveryState } from '../domain/delivery.js';
import { type EventStatus } from '../domain/event.js';
import { type ReplaySend } from '../domain/replay.js';
import { type JsonObject } from '../lib/json.js';

export const EVENT_STATUSES = [
  'accepted',
  'revision',
  'test',
  'quarantined',
] as const satisfies readonly EventStatus[];

/** Which deliveries are meant; every field narrows. Times are ISO 8601 with a zone, of creation; `until` is exclusive. */
export interface DeliveryQuery {
  state?: DeliveryState | readonly DeliveryState[];
  rule?: string;
  destination?: string;
  contact?: string;
  event_id?: string;
  since?: string;
  until?: string;
}

/** Which follow-ups are meant: what is pending and due later. */
export interface FollowUpQuery
  extends Pick<DeliveryQuery, 'rule' | 'destination' | 'contact' | 'event_id'>, ScopeQuery {}

/** Whose contact is meant. */
export interface ScopeQuery {
  /** Client scope, where `contacts.scope` keeps clients apart. */
  scope?: string;
}

/** One of the two. */
export interface SnoozeOptions {
  /** A time; without a zone of its own it is one on the clock of the configuration's `timezone`. */
  until?: string;
  /** How much later than it is due, e.g. `2h`. */
  by?: string;
}

/** Which events are meant. `state` and `destination` ask for one delivery of the event that has both; times are of receipt. */
export interface EventQuery {
  source?: string;
  status?: EventStatus;
  call_id?: string;
  contact?: string;
  rule?: string;
  state?: DeliveryState;
  destination?: string;
  since?: string;
  until?: string;
}

export interface PageQuery {
  /** 1 to 1000. Default 100. */
  limit?: number;
  /** `next` of the page before. */
  cursor?: string;
}

/** By which rules an event is decided anew: those stored with it, or those in force. */
export const REPLAY_RULES = ['then', 'now'] as const;
export type ReplayRules = (typeof REPLAY_RULES)[number];

export interface ReplayOptions {
  /** Default `then`. */
  rules?: ReplayRules;
  /** Default `undelivered`. */
  send?: ReplaySend;
}

/** What a person may change when letting a held delivery go. */
export interface ReleaseOptions {
  if_missing?: 'mark' | 'omit' | 'empty';
  /** Input laid over the rendered one, as it is: no templates. */
  with?: JsonObject;
}

export interface BulkOptions {
  /** Counts only. Default false. */
  dry_run?: boolean;
}

/** What becomes of follow-ups that wait when the rules change: by their old rules, by the new ones, or taken back. */
export const PENDING_CHOICES = ['keep', 'migrate', 'cancel'] as const;
export type PendingChoice = (typeof PENDING_CHOICES)[number];

export interface PlanOptions {
  /** Content of the rule set that is looked at. Default: the one in force. */
  rule_set?: JsonObject;
}

export interface ApplyOptions extends BulkOptions {
  pending: PendingChoice;
  /** Of the rule set that is meant; refused when another one is in force by now. */
  fingerprint?: string;
}
