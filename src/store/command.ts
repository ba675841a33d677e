import { type Kysely } from 'kysely';
import { BULK_STATES, type DeliveryCommand, TAKES_COMMAND } from '../domain/delivery.js';
import { commandMany, commandOne } from './queries/command-queries.js';
import { type Queries } from './queries/queries.js';
import { countByDestination, toDelivery } from './rows.js';
import { type Database } from './schema.js';
import { settleOthers } from './settle-others.js';
import { onceStatement } from './statement.js';
import { type BulkCommand, type CommandResult } from './store.js';
import { all, first, type Work } from './work.js';

/** What a person does with one delivery; says why when it does not. */
export function* commandDelivery(
  db: Kysely<Database>,
  queries: Queries,
  { id, command, now }: { id: string; command: DeliveryCommand; now: number },
): Work<CommandResult> {
  const row = yield* first(onceStatement(commandOne(db, id, command, now)), {});
  if (row !== null) {
    const { needed, ...delivery } = row;
    yield* settleOthers(queries, { ...delivery, needed }, becomesOf(command), now);
    return { done: true, delivery: toDelivery(delivery) };
  }
  const refused = yield* first(queries.findDelivery, { id });
  return refused === null
    ? { done: false, why: 'unknown' }
    : { done: false, why: 'refused', state: refused.state };
}

/** Where the filter names no state, {@link BULK_STATES}; a state that does not take the command gives nothing. */
export function* commandDeliveries(
  db: Kysely<Database>,
  queries: Queries,
  request: BulkCommand,
): Work<{ count: number; destinations: string[] }> {
  const { filter, command } = request;
  const asked = typeof filter.state === 'string' ? [filter.state] : (filter.state ?? BULK_STATES[command.do]);
  const states = asked.filter((state) => TAKES_COMMAND[command.do].includes(state));
  if (states.length === 0) return { count: 0, destinations: [] };
  const rows = yield* all(onceStatement(commandMany(db, request, states)), {});
  for (const row of rows) yield* settleOthers(queries, row, becomesOf(command), request.now);
  return countByDestination(rows);
}

function becomesOf({ do: name }: DeliveryCommand): 'canceled' | 'pending' | 'moved' {
  if (name === 'cancel') return 'canceled';
  return name === 'snooze' || name === 'migrate' ? 'moved' : 'pending';
}
