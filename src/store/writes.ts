import { type Kysely } from 'kysely';
import { type Link } from '../domain/attempt.js';
import { canMove, type DeliveryCommand, NOT_YET } from '../domain/delivery.js';
import { acceptEvent } from './accept-event.js';
import { type AlertsToRaise, type AlertsToSettle, raiseAlerts, settleAlerts } from './alerts.js';
import { commandDeliveries, commandDelivery } from './command.js';
import { prune } from './prune.js';
import { lead, beat } from './fleet.js';
import { type Queries } from './queries/queries.js';
import { replayEvent } from './replay-event.js';
import { countByDestination, toDelivery, toStoredEvent } from './rows.js';
import { type Database } from './schema.js';
import { settleDependents, settleNeeds } from './settle-needs.js';
import {
  type AcceptResult,
  type BulkCommand,
  type ClaimedDelivery,
  type ClaimRequest,
  type CommandResult,
  type DeliveryUpdate,
  type HeldLease,
  type NewEvent,
  type ProcessReport,
  type PruneRequest,
  type PruneResult,
  type ReplayRequest,
  type ReplayResult,
  type StoredEvent,
  type UpdateResult,
} from './store.js';
import { all, each, first, type Work } from './work.js';

/** What is written through the one queue, as plain data that can cross to another thread. */
export type Write =
  | { do: 'accept'; event: NewEvent }
  | { do: 'claim'; request: ClaimRequest }
  | { do: 'saveInput'; id: string; fence: number; input: string; seenUntil?: string }
  | { do: 'update'; update: DeliveryUpdate }
  | { do: 'renew'; held: readonly HeldLease[]; leaseMs: number; now: number }
  | { do: 'recover'; now: number }
  | { do: 'saveRuleSet'; fingerprint: string; content: string; now: number }
  | { do: 'settle'; key: string; value: string }
  | { do: 'putSetting'; key: string; value: string | null }
  | { do: 'command'; id: string; command: DeliveryCommand; now: number }
  | { do: 'commandMany'; request: BulkCommand }
  | { do: 'replay'; request: ReplayRequest }
  | { do: 'prune'; request: PruneRequest }
  | { do: 'raiseAlerts'; request: AlertsToRaise }
  | { do: 'settleAlerts'; request: AlertsToSettle }
  | { do: 'lead'; name: string; holder: string; leaseMs: number; now: number }
  | { do: 'resign'; name: string; holder: string }
  | { do: 'beat'; report: ProcessReport; now: number }
  | { do: 'signOff'; id: string }
  | { do: 'probe'; now: number };

export interface WriteResults {
  accept: AcceptResult;
  claim: ClaimedDelivery[];
  saveInput: boolean;
  update: UpdateResult;
  renew: string[];
  recover: { count: number; destinations: string[] };
  saveRuleSet: null;
  settle: string;
  putSetting: null;
  command: CommandResult;
  commandMany: { count: number; destinations: string[] };
  replay: ReplayResult | null;
  prune: PruneResult;
  raiseAlerts: number;
  settleAlerts: null;
  lead: boolean;
  resign: null;
  beat: number;
  signOff: null;
  probe: null;
}

export function* performWrite(
  db: Kysely<Database>,
  queries: Queries,
  write: Write,
): Work<WriteResults[Write['do']]> {
  switch (write.do) {
    case 'accept':
      return yield* acceptEvent(queries, write.event);
    case 'claim':
      return yield* claim(queries, write.request);
    case 'saveInput':
      return yield* saveInput(queries, write);
    case 'update':
      return yield* updateDelivery(queries, write.update);
    case 'recover':
      return countByDestination(yield* all(queries.recover, write));
    case 'renew':
      return yield* renew(queries, write);
    case 'saveRuleSet':
      yield* all(queries.saveRuleSet, write);
      return null;
    case 'settle':
      return yield* settle(queries, write.key, write.value);
    case 'putSetting':
      return yield* putSetting(queries, write.key, write.value);
    case 'command':
      return yield* commandDelivery(db, queries, write);
    case 'commandMany':
      return yield* commandDeliveries(db, queries, write.request);
    case 'replay':
      return yield* replayEvent(db, queries, write.request);
    case 'prune':
      return yield* prune(queries, write.request);
    case 'raiseAlerts':
      return yield* raiseAlerts(queries, write.request);
    case 'settleAlerts':
      return yield* settleAlerts(queries, write.request);
    case 'lead':
      return yield* lead(queries, write);
    case 'resign':
      yield* all(queries.endLease, write);
      return null;
    case 'beat':
      return yield* beat(queries, write);
    case 'signOff':
      yield* all(queries.removeProcess, write);
      return null;
    case 'probe':
      yield* all(queries.putSetting, { key: 'heartbeat', value: String(write.now) });
      return null;
  }
}

function* saveInput(
  queries: Queries,
  { seenUntil, ...input }: Extract<Write, { do: 'saveInput' }>,
): Work<boolean> {
  const saved =
    seenUntil === undefined
      ? yield* all(queries.saveInput, input)
      : yield* all(queries.saveInputUnlessCalled, { ...input, seenUntil });
  return saved.length > 0;
}

function* claim(queries: Queries, { slots, now, leaseMs }: ClaimRequest): Work<ClaimedDelivery[]> {
  const asked = Object.entries(slots).filter(([, free]) => free > 0);
  const found = yield* each(
    queries.claim,
    asked.map(([destination, free]) => ({ destination, slots: free, leaseMs, now })),
  );
  // `returning` gives no order.
  for (const rows of found) rows.sort((a, b) => a.dueAt - b.dueAt || a.seq - b.seq);
  const deliveries = found.flat().map(({ seq: _seq, ...row }) => toDelivery(row));
  const events = yield* each(
    queries.findEvent,
    deliveries.map(({ eventId }) => ({ id: eventId })),
  );
  return deliveries.flatMap((delivery, index) => {
    const row = events[index]?.[0];
    return row === undefined ? [] : [{ delivery, ...withoutRuleSet(toStoredEvent(row)) }];
  });
}

function withoutRuleSet({ event, raw }: StoredEvent): Pick<ClaimedDelivery, 'event' | 'raw'> {
  return { event, raw };
}

function* renew(
  queries: Queries,
  { held, leaseMs, now }: { held: readonly HeldLease[]; leaseMs: number; now: number },
): Work<string[]> {
  const renewed = yield* each(
    queries.renew,
    held.map(({ id, fence }) => ({ id, fence, leaseMs, now })),
  );
  return renewed.flat().map(({ id }) => id);
}

const NOT_KEPT: UpdateResult = { kept: false, due: [] };

function* updateDelivery(queries: Queries, update: DeliveryUpdate): Work<UpdateResult> {
  const { id, fence, state, reason, dueAt, now, attempt } = update;
  if (!canMove('sending', state)) throw new TypeError(`a delivery cannot go from sending to ${state}`);
  const row = yield* first(queries.updateDelivery, {
    id,
    fence,
    state,
    reason,
    dueAt,
    now,
    made: attempt === undefined ? 0 : 1,
    charged: attempt?.charged === true ? 1 : 0,
    outcome: attempt?.result.outcome ?? null,
    progress: progressOf(attempt),
    arrived: attempt?.result.outcome === 'unknown' ? 1 : 0,
  });
  if (row === null) return NOT_KEPT;
  if (attempt !== undefined) yield* recordAttempt(queries, id, row.attemptCount, attempt);
  yield* putLinks(queries, row, attempt?.result.links ?? [], now);
  if (state === 'pending')
    return { kept: true, due: dueAt === NOT_YET ? yield* settleNeeds(queries, id, now) : [] };
  return { kept: true, due: row.needed === 1 ? yield* settleDependents(queries, id, now) : [] };
}

function* putLinks(
  queries: Queries,
  { scope, destination }: { scope: string; destination: string },
  links: readonly Link[],
  now: number,
): Work<void> {
  yield* each(
    queries.putLink,
    links.map(({ key, value }) => ({ scope, destination, key, value: JSON.stringify(value), now })),
  );
}

type MadeAttempt = NonNullable<DeliveryUpdate['attempt']>;

/** Null keeps what an earlier attempt left: one that never got through has nothing newer to say. */
function progressOf(attempt: MadeAttempt | undefined): string | null {
  if (attempt === undefined || attempt.result.outcome === 'delivered') return null;
  return attempt.result.progress === undefined ? null : JSON.stringify(attempt.result.progress);
}

function* recordAttempt(
  queries: Queries,
  deliveryId: string,
  number: number,
  attempt: MadeAttempt,
): Work<void> {
  const { result, startedAt, durationMs } = attempt;
  const failure = result.outcome === 'delivered' ? null : result;
  const receipt = result.outcome === 'delivered' ? result.receipt : undefined;
  yield* all(queries.insertAttempt, {
    deliveryId,
    number,
    startedAt,
    durationMs,
    outcome: result.outcome,
    reason: failure?.reason ?? null,
    message: failure?.message ?? null,
    httpStatus: result.httpStatus ?? null,
    receipt: receipt === undefined ? null : JSON.stringify(receipt),
  });
}

function* settle(queries: Queries, key: string, value: string): Work<string> {
  // Looked up first, so that a reader beside a running server learns what is kept without writing.
  const before = yield* first(queries.findSetting, { key });
  if (before !== null) return before.value;
  yield* all(queries.keepSetting, { key, value });
  const kept = yield* first(queries.findSetting, { key });
  return kept?.value ?? value;
}

function* putSetting(queries: Queries, key: string, value: string | null): Work<null> {
  if (value === null) yield* all(queries.removeSetting, { key });
  else yield* all(queries.putSetting, { key, value });
  return null;
}
