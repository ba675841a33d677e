import { type JsonObject } from '../lib/json.js';
import { FAILURE_REASONS, type Outcome } from './attempt.js';
import { type ContactChannel } from './contact-limits.js';
import { type OnRepeat } from './on-repeat.js';

/**
 * The life of a delivery. Entered -> left:
 * - `pending`: planned, or waiting for its next attempt at `dueAt` -> claimed, canceled, held, skipped.
 * - `sending`: claimed by a dispatcher under a lease and a fencing number. After a crash it is taken up again.
 * - `delivered`: the destination took it. Final.
 * - `dead`: gave up, kept for a person -> retried (`pending`) or canceled.
 * - `held`: waits for a person or an answer, with the reason -> released (`pending`) or canceled.
 * - `canceled`: a person or a revision took it back. Final.
 * - `skipped`: a gate refused it. Final, unless it was for what it needed, which is retried (`pending`).
 * - `shadow`: decided and rendered only (shadow rule or the vendor's test). Final.
 */
export const DELIVERY_STATES = [
  'pending',
  'sending',
  'delivered',
  'dead',
  'held',
  'canceled',
  'skipped',
  'shadow',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

const TRANSITIONS: Record<DeliveryState, readonly DeliveryState[]> = {
  pending: ['sending', 'held', 'canceled', 'skipped'],
  sending: ['pending', 'delivered', 'dead', 'held', 'skipped', 'canceled'],
  delivered: [],
  dead: ['pending', 'canceled'],
  held: ['pending', 'canceled', 'skipped'],
  canceled: [],
  skipped: ['pending'],
  shadow: [],
};

export function canMove(from: DeliveryState, to: DeliveryState): boolean {
  return TRANSITIONS[from].includes(to);
}

/**
 * The first word of a delivery's `reason`, for the store, metrics, API and docs; details may follow after a
 * colon (`missing: lead.variables.email`).
 */
export const DELIVERY_REASONS = [
  ...FAILURE_REASONS,
  /** The last attempt was sent and nobody knows whether it arrived; `if_unknown: hold`. */
  'unknown',
  'only_if',
  'undecided',
  'missing',
  'fenced',
  'too_old',
  /** With `on_revision: send`: the text would not differ from what was sent. */
  'unchanged',
  /** A revision of the call took it back. */
  'revised',
  /** A replay of its event took it back, or planned it as held because it reaches a contact. */
  'replayed',
  /** A person took it back. */
  'by_person',
  'destination_gone',
  'destination_disabled',
  'destination_paused',
  /** The destination's breaker is open. */
  'destination_open',
  /** A table has no row for the key and the action no default. */
  'no_row',
  'unknown_operation',
  'rule_set_gone',
  'event_unreadable',
  /** The vendor's sample: only rendered. */
  'test',
  /** The result of another action of its rule is still to come. */
  'waits_for',
  /** Another action of its rule, whose result it needs, came to nothing. */
  'needed',
  /** Due later, because its action says so; details say how the time came about. */
  'follow_up',
  /** A later call of the same contact took it back; `cancel_when`. */
  'later_call',
  'rule_fired',
  /** Found long after its time; `if_late: drop`. */
  'late',
  'unreadable_time',
  'past_time',
  'too_far_ahead',
  /** Its window does not open again. */
  'never_open',
  /** The contact is not to be reached: on the list when it was due, or put there while it waited. */
  'stopped',
  'no_consent',
  'consent_missing',
  /** Nothing tells where the contact is, and so what time it is there. */
  'zone_unknown',
  'quiet_hours',
  'outside_window',
  /** A limit of `contact_limits` is used up. */
  'contact_limit',
  /** One original call caused as many calls as it may. */
  'max_chain',
  /** The call names no contact that could be stopped, allowed or reached. */
  'no_contact',
  /** `on_repeat`: one of the same rule, action and contact waits already. */
  'repeated',
  /** `on_repeat: replace`: a newer one took its place. */
  'replaced',
  /** `once_per`: it happened within that time already. */
  'once_per',
  /** It goes out in one message with others. */
  'digest',
  /** A person moved it to a later time. */
  'snoozed',
  /** The rules changed while it waited, and a person chose what becomes of it. */
  'rules_changed',
] as const;

/** When something is due that waits for another delivery and not for a time; the last moment that a date can name. */
export const NOT_YET = 8_640_000_000_000_000;
export type DeliveryReason = (typeof DELIVERY_REASONS)[number];

/** A reason as it is stored with a delivery: a word of {@link DELIVERY_REASONS}, details after a colon. */
export type StoredReason = DeliveryReason | `${DeliveryReason}: ${string}`;

/** What happens when an attempt was sent and no answer came: tried again with the same key, or kept for a person. */
export type IfUnknown = 'retry' | 'hold';

/** What a revision of the same call does to an action that was planned before. */
export type OnRevision = 'refresh' | 'send' | 'ignore';

/** A delivery about to be stored with its event. */
export interface PlannedDelivery {
  id: string;
  rule: string;
  action: string;
  /** Name of the destination; `''` when a table led nowhere (then `held`). */
  destination: string;
  kind: string;
  operation: string;
  /** `delivered` at once: what is done in the transaction of its event. */
  state: Extract<DeliveryState, 'pending' | 'held' | 'skipped' | 'shadow' | 'delivered'>;
  reason: string | null;
  dueAt: number;
  onRevision: OnRevision;
  /** Sent after every earlier ordered delivery of the same contact to the same destination. */
  ordered: boolean;
  /** Rendered input as JSON text; only for `shadow` (everything else is rendered before its first attempt). */
  input: string | null;
  /** Actions of the same rule that have to be delivered first; their receipts are there for its templates. */
  needs: string[];
  /** How it reaches the contact, and so what the contact gate asks; null: it does not. */
  channel: ContactChannel | null;
  /** Of `call_tries`, from 1. */
  tryNumber: number;
  /** What happens when one of the same rule, action and contact still waits; null: nothing. */
  onRepeat: OnRepeat | null;
  /** `once_per`: within `perMs` only once for this key; null: as often as it is planned. */
  once: { key: string; perMs: number } | null;
  /** `digest`: goes out in one message with all of its action that have this key and the same time; null: by itself. */
  digestKey: string | null;
}

/** What a delivery is that reaches nobody, is sent by itself, and as often as it is planned. */
export const ORDINARY = {
  channel: null,
  tryNumber: 1,
  onRepeat: null,
  once: null,
  digestKey: null,
} satisfies Partial<PlannedDelivery>;

/** A stored delivery. Times are milliseconds since the epoch. */
export interface Delivery extends Omit<PlannedDelivery, 'state' | 'needs' | 'onRepeat' | 'once'> {
  eventId: string;
  scope: string;
  contact: string | null;
  state: DeliveryState;
  /** Attempts made so far, charged or not. */
  attemptCount: number;
  /** Attempts counted against the retry schedule (`unauthorized`, 429 and pauses are not). */
  chargedCount: number;
  /** Fingerprint of the rule set that planned it. */
  ruleSet: string;
  /** Raised by every claim; a write with an older number is refused. */
  fence: number;
  /** What the adapter left for its next attempt, as JSON text. */
  progress: string | null;
  lastOutcome: Outcome | null;
  /** An earlier attempt, or one that a crash cut off, was sent and had no answer. */
  mayHaveArrived: boolean;
  /** With `on_revision: send`: the delivery already sent for an earlier revision; an equal text is not sent again. */
  supersedes: string | null;
  /** The delivery whose message tells this one too; it waits for that. Null: none. */
  digestHead: string | null;
  /** What a person changed when releasing it, as JSON text of {@link ReleaseChanges}; null: never released. */
  release: string | null;
  createdAt: number;
  updatedAt: number;
}

/** What a person may change when releasing a held delivery. */
export interface ReleaseChanges {
  ifMissing?: 'mark' | 'omit' | 'empty';
  /** Input laid over the rendered one, as it is: no templates. */
  with?: JsonObject;
  /** It was held for consent: by releasing it a person says that there is one. The store sets it, nobody else. */
  consent?: true;
}

/** What a person does with a delivery. */
export type DeliveryCommand =
  | { do: 'retry' }
  | { do: 'release'; changes: ReleaseChanges }
  /** `reason` left out: a person did. */
  | { do: 'cancel'; reason?: StoredReason }
  /** A follow-up waits until then. */
  | { do: 'snooze'; until: number }
  /** A follow-up goes on by another rule set, at the time that one says. */
  | { do: 'migrate'; ruleSet: string; dueAt: number };

/** States in which a delivery takes a command. A retry of what is pending brings its next attempt forward. */
export const TAKES_COMMAND: Record<DeliveryCommand['do'], readonly DeliveryState[]> = {
  retry: ['dead', 'pending'],
  release: ['held'],
  cancel: ['pending', 'held', 'dead'],
  snooze: ['pending'],
  migrate: ['pending'],
};

/** States in which a bulk command looks when its filter names none. */
export const BULK_STATES: Record<DeliveryCommand['do'], readonly DeliveryState[]> = {
  retry: ['dead'],
  release: ['held'],
  cancel: ['pending', 'held', 'dead'],
  snooze: ['pending'],
  migrate: ['pending'],
};

/** Names an action among those of all rules; equal for every delivery that stands for it. */
export function actionKey({ rule, action }: { rule: string; action: string }): string {
  return JSON.stringify([rule, action]);
}

/** The same on every attempt of one delivery and different for any other delivery. */
export function idempotencyKeyOf(deliveryId: string): string {
  return `aftercall-${deliveryId}`;
}
