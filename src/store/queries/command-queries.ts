import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import {
  type DeliveryCommand,
  type DeliveryReason,
  type DeliveryState,
  type ReleaseChanges,
  TAKES_COMMAND,
} from '../../domain/delivery.js';
import { type Database } from '../schema.js';
import { type BulkCommand } from '../store.js';
import { DELIVERY_COLUMNS, NOT_BY_STATE, SPEAKS_FOR_ITSELF } from './delivery-columns.js';
import { oldestDeliveries } from './list-queries.js';

/** Changes nothing, and so gives no row, when the delivery does not take the command. */
export function commandOne(db: Kysely<Database>, id: string, command: DeliveryCommand, now: number) {
  return commanded(db, command, now)
    .where('id', '=', id)
    .returning([...DELIVERY_COLUMNS, 'needed']);
}

/** Oldest first. @param states are all among those that take the command */
export function commandMany(db: Kysely<Database>, request: BulkCommand, states: readonly DeliveryState[]) {
  const { filter, command, now, changedBefore, limit } = request;
  const unchanged = sql<SqlBool>`updated_at < ${changedBefore}`;
  const narrowed = [unchanged, takesNow(command)];
  const chosen = oldestDeliveries(db, { ...filter, state: states }, narrowed, limit);
  return commanded(db, command, now)
    .where('seq', 'in', chosen)
    .returning(['destination', 'id', 'needed', 'digest_key as digestKey']);
}

function commanded(db: Kysely<Database>, command: DeliveryCommand, now: number) {
  // Also guards what was chosen before: where transactions run side by side, it may have changed since.
  const update = db
    .updateTable('deliveries')
    .where(NOT_BY_STATE, 'in', [...TAKES_COMMAND[command.do]])
    .where(takesNow(command));
  const changed = update.set({ updated_at: now, lease_until: null });
  switch (command.do) {
    case 'cancel':
      return changed.set({ state: 'canceled', reason: command.reason ?? BY_PERSON });
    case 'snooze':
      return changed.set({ due_at: command.until, reason: SNOOZED });
    case 'migrate':
      // With a reason it is still a follow-up that may be late; without one a person would have brought it forward.
      return changed.set({ rule_set: command.ruleSet, due_at: command.dueAt, reason: RULES_CHANGED });
    case 'retry':
      return changed.set(dueNow(now));
    case 'release':
      return changed.set({ ...dueNow(now), ...released(command.changes) });
  }
}

/** What is told by the message of another delivery has no time of its own; what is rendered keeps its rules. */
function takesNow({ do: name }: DeliveryCommand): RawBuilder<SqlBool> {
  if (name === 'snooze') return sql`digest_head is null`;
  if (name === 'migrate') return sql`(digest_head is null and input is null)`;
  return name === 'retry' ? SPEAKS_FOR_ITSELF : sql`1 = 1`;
}

const dueNow = (now: number) => ({
  state: 'pending' as const,
  due_at: now,
  charged_count: 0,
  reason: null,
});

/**
 * Without changes the rendered input stays, and what an earlier release had changed in it is still so. Consent that was
 * given once is kept whatever is changed.
 */
function released(changes: ReleaseChanges) {
  if (Object.keys(changes).length === 0)
    return {
      release: sql<string>`case when ${CONSENTS} then ${WITH_CONSENT} else coalesce(release, '{}') end`,
    };
  const [plain, consenting] = [changes, { ...CONSENT, ...changes }].map((each) => JSON.stringify(each));
  const release = sql<string>`case when ${CONSENTS} then ${consenting} else ${plain} end`;
  // What the adapter left over (`progress`) belongs to the input that is dropped.
  return { release, input: null, progress: null };
}

const CONSENT = { consent: true } satisfies ReleaseChanges;
/** Consent stands first in a stored release, so that its beginning tells: what is laid over the input may say anything. */
const CONSENT_FIRST = sql.lit(JSON.stringify(CONSENT).slice(0, -1));
const HAS_CONSENT = sql<SqlBool>`release like ${CONSENT_FIRST} || '%'`;
const CONSENTS = sql<SqlBool>`(reason like 'consent_missing%' or ${HAS_CONSENT})`;
const WITH_CONSENT = sql<string>`case when ${HAS_CONSENT} then release
  when coalesce(release, '{}') = '{}' then ${CONSENT_FIRST} || '}'
  else ${CONSENT_FIRST} || ',' || substr(release, 2) end`;

const BY_PERSON: DeliveryReason = 'by_person';
const SNOOZED: DeliveryReason = 'snoozed';
const RULES_CHANGED: DeliveryReason = 'rules_changed';
