import { type Kysely, sql } from 'kysely';
import {
  type DeliveryCommand,
  type DeliveryReason,
  type DeliveryState,
  TAKES_COMMAND,
} from '../../domain/delivery.js';
import { type Database } from '../schema.js';
import { type BulkCommand } from '../store.js';
import { DELIVERY_COLUMNS, NOT_BY_STATE } from './delivery-columns.js';
import { oldestDeliveries } from './list-queries.js';

/** Changes nothing, and so gives no row, when the delivery is in a state that does not take the command. */
export function commandOne(db: Kysely<Database>, id: string, command: DeliveryCommand, now: number) {
  return commanded(db, command, now)
    .where('id', '=', id)
    .returning([...DELIVERY_COLUMNS, 'needed']);
}

/** Oldest first. @param states are all among those that take the command */
export function commandMany(db: Kysely<Database>, request: BulkCommand, states: readonly DeliveryState[]) {
  const { filter, command, now, changedBefore, limit } = request;
  const chosen = oldestDeliveries(db, { ...filter, state: states }, changedBefore, limit);
  return commanded(db, command, now).where('seq', 'in', chosen).returning(['destination', 'id', 'needed']);
}

function commanded(db: Kysely<Database>, command: DeliveryCommand, now: number) {
  // Also guards what was chosen before: where transactions run side by side, it may have changed since.
  const update = db.updateTable('deliveries').where(NOT_BY_STATE, 'in', [...TAKES_COMMAND[command.do]]);
  const changed = update.set({ updated_at: now, lease_until: null });
  if (command.do === 'cancel') return changed.set({ state: 'canceled', reason: command.reason ?? BY_PERSON });
  const due = changed.set({ state: 'pending', due_at: now, charged_count: 0, reason: null });
  if (command.do === 'retry') return due;
  const { changes } = command;
  // Without changes the rendered input stays, and what an earlier release had changed in it is still so.
  if (Object.keys(changes).length === 0) return due.set({ release: sql`coalesce(release, '{}')` });
  // What the adapter left over (`progress`) belongs to the input that is dropped.
  return due.set({ release: JSON.stringify(changes), input: null, progress: null });
}

const BY_PERSON: DeliveryReason = 'by_person';
