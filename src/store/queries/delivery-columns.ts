import { type SqlBool, sql } from 'kysely';
import { type DeliveryState } from '../../domain/delivery.js';

/** Columns of a `Delivery`, under its field names; `ordered` and `mayHaveArrived` are still numbers (`toDelivery`). */
export const DELIVERY_COLUMNS = [
  'id',
  'event_id as eventId',
  'rule',
  'action',
  'destination',
  'kind',
  'operation',
  'state',
  'reason',
  'due_at as dueAt',
  'on_revision as onRevision',
  'scope',
  'contact',
  'attempt_count as attemptCount',
  'charged_count as chargedCount',
  'rule_set as ruleSet',
  'fence',
  'last_outcome as lastOutcome',
  'supersedes',
  'created_at as createdAt',
  'updated_at as updatedAt',
  'progress',
  'input',
  'ordered',
  'release',
  'may_have_arrived as mayHaveArrived',
  'channel',
  'try_number as tryNumber',
  'digest_key as digestKey',
  'digest_head as digestHead',
] as const;

// States stand in the text of a statement, not beside it: only then does a partial index apply.
export const PENDING = sql.lit<DeliveryState>('pending');
export const SENDING = sql.lit<DeliveryState>('sending');
export const DEAD = sql.lit<DeliveryState>('dead');
export const HELD = sql.lit<DeliveryState>('held');

/** No other delivery tells it, see `digestQueries`. */
export const SPEAKS_FOR_ITSELF = sql<SqlBool>`(deliveries.digest_head is null or deliveries.digest_head = deliveries.id)`;

/**
 * The state as something that no index knows: of deliveries that are named it should only be looked at, while
 * SQLite, which has no figures about its tables, would walk a million pending ones for it.
 */
export const NOT_BY_STATE = sql<DeliveryState>`(state || '')`;
