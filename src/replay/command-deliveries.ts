import { type Delivery, type DeliveryCommand } from '../domain/delivery.js';
import { type Clock } from '../lib/clock.js';
import { type DeliveryFilter, type Store } from '../store/store.js';
import { DeskError, unknown } from './desk-error.js';
import { type BulkOptions } from './queries.js';
import { statesFor } from './read-query.js';
import { type CountView } from './views.js';

interface CommandTools {
  store: Store;
  clock: Clock;
}

/** @throws {DeskError} where there is no such delivery, or it is in a state that does not take the command. */
export async function commandOne(
  { store, clock }: CommandTools,
  id: string,
  command: DeliveryCommand,
): Promise<Delivery> {
  const result = await store.command(id, command, clock.now());
  if (result.done) return result.delivery;
  if (result.why === 'unknown') throw unknown('delivery', id);
  throw new DeskError(
    'conflict',
    `this delivery is ${result.state}; ${command.do} is for ${statesFor(command.do)}`,
  );
}

/** So many deliveries change in one transaction: a large bulk command never keeps intake waiting. */
const BATCH = 500;

/** Commands whatever the filter matches, batch by batch, and wakes the destinations of each. */
export async function commandEach(
  { store, clock, wake }: CommandTools & { wake: (destinations: readonly string[]) => void },
  { filter, command }: { filter: DeliveryFilter; command: DeliveryCommand },
  { dry_run = false }: BulkOptions,
): Promise<CountView> {
  if (dry_run) return { count: await store.countMatching(filter) };
  // What dies again while this runs was changed after it and is not taken twice.
  const changedBefore = clock.now();
  let count = 0;
  for (;;) {
    const now = clock.now();
    const batch = await store.commandMany({ filter, command, now, changedBefore, limit: BATCH });
    count += batch.count;
    if (command.do !== 'cancel') wake(batch.destinations);
    if (batch.count < BATCH) return { count };
  }
}
