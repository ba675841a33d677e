import { type Generated } from 'kysely';
import { type Outcome } from '../domain/attempt.js';
import { type ContactChannel } from '../domain/contact-limits.js';
import { type Verdict } from '../domain/decision.js';
import { type DeliveryState, type OnRevision } from '../domain/delivery.js';
import { type EventStatus } from '../domain/event.js';

/**
 * The tables. Times are integer milliseconds since the epoch, JSON is text (PostgreSQL's `jsonb` refuses
 * NUL and lone surrogates), bytes are blobs. `seq` counts insertions: it breaks ties between equal times.
 */
export interface Database {
  rule_sets: RuleSetRow;
  events: EventRow;
  decisions: DecisionRow;
  deliveries: DeliveryRow;
  attempts: AttemptRow;
  contacts: ContactRow;
  settings: SettingRow;
  alerts: AlertRow;
  leases: LeaseRow;
  processes: ProcessRow;
  needs: NeedRow;
  links: LinkRow;
  stops: StopRow;
  reaches: ReachRow;
  once: OnceRow;
}

interface RuleSetRow {
  fingerprint: string;
  /** `RuleSetContent` as JSON. */
  content: string;
  saved_at: number;
}

interface EventRow {
  seq: Generated<number>;
  id: string;
  source: string;
  event_kind: string;
  call_id: string | null;
  content_hash: string;
  revision: number;
  status: EventStatus;
  received_at: number;
  scope: string;
  contact: string | null;
  /** JSON object of texts. */
  labels: string;
  content_type: string | null;
  /** JSON list of `Problem`. */
  problems: string;
  rule_set: string;
  /** Bytes as received; empty once they were pruned. Lists stop before it. */
  raw: Uint8Array;
  /** When retention took the bytes; null while they are there. */
  body_pruned_at: number | null;
  /** Delivery that caused the call; null: it was not ours. */
  cause: string | null;
  /** Event of the call that all of it began with; null: this one. */
  root: string | null;
  /** In the vendor's word; null: not told, or stored by an earlier version. */
  call_status: string | null;
  /** 0 or 1: the contact was missed. */
  call_missed: Generated<number>;
}

interface DecisionRow {
  event_id: string;
  /** Order of evaluation, from 0. */
  position: number;
  rule: string;
  verdict: Verdict;
  /** 0 or 1. */
  shadow: number;
  /** JSON list of `Because`. */
  because: string;
}

interface DeliveryRow {
  seq: Generated<number>;
  id: string;
  event_id: string;
  rule: string;
  action: string;
  destination: string;
  kind: string;
  operation: string;
  state: DeliveryState;
  reason: string | null;
  due_at: number;
  on_revision: OnRevision;
  scope: string;
  contact: string | null;
  attempt_count: number;
  charged_count: number;
  rule_set: string;
  fence: number;
  /** Set by a claim, null otherwise. */
  lease_until: number | null;
  last_outcome: Outcome | null;
  supersedes: string | null;
  created_at: number;
  updated_at: number;
  progress: string | null;
  input: string | null;
  /** 0 or 1. */
  ordered: Generated<number>;
  /** JSON of `ReleaseChanges`; null: never released. */
  release: string | null;
  /** 0 or 1: an attempt was sent and had no answer. */
  may_have_arrived: Generated<number>;
  /** 0 or 1: others need it. */
  needed: Generated<number>;
  channel: ContactChannel | null;
  try_number: Generated<number>;
  digest_key: string | null;
  /** Delivery whose message tells this one; null: none. */
  digest_head: string | null;
}

/** One delivery waits for another. */
interface NeedRow {
  delivery_id: string;
  needed_id: string;
  /** When the waiting one is due at the earliest. */
  due_at: number;
}

/** What an adapter keeps, see `Link`. */
interface LinkRow {
  scope: string;
  destination: string;
  key: string;
  /** JSON. */
  value: string;
  updated_at: number;
}

/** A contact that nothing may reach. */
interface StopRow {
  scope: string;
  /** See `contactKey`. */
  contact: string;
  since: number;
  /** Who or what asked for it. */
  reason: string;
}

/** A contact was reached, or something is on its way to it. */
interface ReachRow {
  delivery_id: string;
  scope: string;
  contact: string;
  channel: ContactChannel;
  at: number;
  /** Event that the call, or the message, began with; null where it does not count for `max_chain`. */
  root: string | null;
}

/** `once_per` */
interface OnceRow {
  scope: string;
  rule: string;
  action: string;
  key: string;
  delivery_id: string;
  at: number;
  /** From then on it says nothing. */
  until_at: number;
}

interface AttemptRow {
  delivery_id: string;
  /** From 1. */
  number: number;
  started_at: number;
  duration_ms: number;
  outcome: Outcome;
  reason: string | null;
  message: string | null;
  http_status: number | null;
  /** What the destination answered when it took it, as JSON. */
  receipt: string | null;
}

interface ContactRow {
  scope: string;
  phone: string;
  first_seen_at: number;
  last_seen_at: number;
}

interface SettingRow {
  key: string;
  value: string;
}

interface AlertRow {
  id: string;
  entry: number;
  destination: string;
  cause: string;
  reason: string;
  line: string;
  count: number;
  /** How many of the same cause were passed over before this one; it tells them. */
  passed_before: number;
  /** How many were passed over since this one was raised; the next one tells them. */
  passed_over: number;
  created_at: number;
  due_at: number;
  attempt_count: number;
  state: 'pending' | 'sent' | 'gave_up';
  settled_at: number | null;
}

interface LeaseRow {
  name: string;
  /** Id of a process. */
  holder: string;
  lease_until: number;
}

interface ProcessRow {
  id: string;
  role: string;
  host: string;
  version: string;
  rule_set: string;
  /** JSON list of `LaneReport`. */
  lanes: string;
  started_at: number;
  seen_at: number;
}
