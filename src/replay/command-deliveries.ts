import {
  type Delivery,
  type DeliveryCommand,
  type DeliveryState,
  TAKES_COMMAND,
} from '../domain/delivery.js';
import { type DeliveryFilter } from '../store/store.js';
import { DeskError, unknown } from './desk-error.js';
import { type DeskTools } from './desk-tools.js';
import { type BulkOptions } from './queries.js';
import { statesFor } from './read-query.js';
import { type CountView } from './views.js';

type CommandTools = Pick<DeskTools, 'store' | 'clock' | 'wake'>;

/**
 * Commands one delivery, and wakes its destination.
 * @throws {DeskError} where there is no such delivery, or it is in a state that does not take the command.
 */
export async function commandOne(
  { store, clock, wake }: CommandTools,
  id: string,
  command: DeliveryCommand,
): Promise<Delivery> {
  const result = await store.command(id, command, clock.now());
  if (result.done) {
    if (MAKES_DUE.has(command.do)) wake([result.delivery.destination]);
    return result.delivery;
  }
  if (result.why === 'unknown') throw unknown('delivery', id);
  throw new DeskError('conflict', whyRefused(result.state, command.do));
}

function whyRefused(state: DeliveryState, command: DeliveryCommand['do']): string {
  // In a state that takes it: then it has no time of its own.
  if (TAKES_COMMAND[command].includes(state))
    return 'this delivery is told in the message of another one, which has the time';
  return `this delivery is ${state}; ${command} is for ${statesFor(command)}`;
}

/** After these something is to be sent now, also where the destination is open. */
const MAKES_DUE: ReadonlySet<DeliveryCommand['do']> = new Set(['retry', 'release']);

/** So many deliveries change in one transaction: a large bulk command never keeps intake waiting. */
const BATCH = 500;

/** Commands whatever the filter matches, batch by batch, and wakes the destinations of each. */
export async function commandEach(
  { store, clock, wake }: CommandTools,
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
    if (MAKES_DUE.has(command.do)) wake(batch.destinations);
    if (batch.count < BATCH) return { count };
  }
}
