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
