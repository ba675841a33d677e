import { type Kysely } from 'kysely';
import { type DeliveryCommand } from '../domain/delivery.js';
import { acceptEvent } from './accept-event.js';
import { type AlertsToRaise, type AlertsToSettle, raiseAlerts, settleAlerts } from './alerts.js';
import { commandDeliveries, commandDelivery } from './command.js';
import { gatherDigest, leaveDigest } from './digest.js';
import { lead, beat } from './fleet.js';
import { prune } from './prune.js';
import { type Queries } from './queries/queries.js';
import { reach, saveInput } from './reach.js';
import { replayEvent } from './replay-event.js';
import { countByDestination, toDelivery, toStoredEvent } from './rows.js';
import { type Database } from './schema.js';
import { changeStop } from './stops.js';
import {
  type AcceptResult,
  type BulkCommand,
  type ClaimedDelivery,
  type ClaimRequest,
  type CommandResult,
  type DeliveryUpdate,
  type GatheredDigest,
  type HeldLease,
  type LeavesDigest,
  type NewEvent,
  type ProcessReport,
  type PruneRequest,
  type PruneResult,
  type ReachRequest,
  type ReachResult,
  type ReplayRequest,
  type ReplayResult,
  type StopChange,
  type StopResult,
  type StoredEvent,
  type UpdateResult,
} from './store.js';
import { updateDelivery } from './update-delivery.js';
import { all, each, first, type Work } from './work.js';

/** What is written through the one queue, as plain data that can cross to another thread. */
export type Write =
  | { do: 'accept'; event: NewEvent }
  | { do: 'claim'; request: ClaimRequest }
  | { do: 'saveInput'; id: string; fence: number; input: string; seenUntil?: string }
  | { do: 'reach'; request: ReachRequest }
  | { do: 'gatherDigest'; id: string; fence: number; now: number }
  | { do: 'leaveDigest'; headId: string; left: readonly LeavesDigest[]; now: number }
  | { do: 'changeStop'; change: StopChange; now: number }
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
  reach: ReachResult;
  gatherDigest: GatheredDigest;
  leaveDigest: null;
  changeStop: StopResult;
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
    case 'reach':
      return yield* reach(queries, write.request);
    case 'gatherDigest':
      return yield* gatherDigest(queries, write);
    case 'leaveDigest':
      return yield* leaveDigest(queries, write);
    case 'changeStop':
      return yield* changeStop(queries, write.change, write.now);
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
