import { type History } from './history.js';
import { type TakeUp } from './postgres-records.js';

/** Something that happened to the fleet. Times are milliseconds since the epoch. */
export interface FleetFault {
  kind: string;
  at: number;
  /** It may have taken away what a process had claimed. */
  takesClaims: boolean;
}

export interface RecoveryHistory extends Pick<History, 'events' | 'deliveries' | 'seen'> {
  answered: readonly { callId: string; at: number }[];
  /** In order of time. */
  faults: readonly FleetFault[];
  takeUps: readonly TakeUp[];
}

export interface Recovery {
  /**
   * By fault: seconds until all that it held up, and the first call answered after it, had arrived; null where
   * there was neither.
   */
  seconds: (number | null)[];
  /** Sentences about what came too late, and about claims that were lost though nothing had happened. */
  violations: string[];
}

/** One delivery that arrived. */
interface Arrival {
  what: string;
  answeredAt: number;
  /** When its destination first took it. */
  arrivedAt: number;
  /** The last claim that was taken from it before. */
  lostClaim: TakeUp | undefined;
}

/** Promised from each fault that hits a delivery, and from its answer where none does. */
const WITHIN_MS = 30_000;

/** Follows each delivery to destinations that take whatever comes. What never arrives is lost, and found elsewhere. */
export function recoveryOf(history: RecoveryHistory, destinations: readonly string[]): Recovery {
  const { faults } = history;
  const arrivals = arrivalsOf(history, destinations);
  const ends = new Map<FleetFault, number>();
  const heldUp = (fault: FleetFault | undefined, { arrivedAt }: Arrival) =>
    fault && ends.set(fault, Math.max(ends.get(fault) ?? 0, arrivedAt));
  for (const arrival of arrivals) heldUp(hitBy(arrival, faults) ?? passedBy(arrival, faults), arrival);
  for (const fault of faults) {
    const next = arrivals.find(({ answeredAt }) => answeredAt > fault.at);
    if (next !== undefined) heldUp(fault, next);
  }
  return {
    seconds: faults.map((fault) => secondsUntil(ends.get(fault), fault)),
    violations: arrivals.flatMap((arrival) => violationsOf(arrival, faults)),
  };
}

function secondsUntil(end: number | undefined, { at }: FleetFault): number | null {
  return end === undefined ? null : (end - at) / 1000;
}

function arrivalsOf(
  { answered, events, deliveries, seen, takeUps }: RecoveryHistory,
  destinations: readonly string[],
): Arrival[] {
  const callOf = new Map(events.map(({ id, callId }) => [id, callId]));
  const nameOf = new Map(
    deliveries.map((one) => [one.id, `call ${callOf.get(one.eventId) ?? '?'} to ${one.destination}`]),
  );
  const arrivedAt = new Map<string, number>();
  for (const { callId, destination, taken, time } of seen) {
    const name = `call ${callId} to ${destination}`;
    if (taken && !arrivedAt.has(name)) arrivedAt.set(name, time);
  }
  const lost = new Map<string, TakeUp>();
  for (const takeUp of takeUps) {
    const name = nameOf.get(takeUp.deliveryId) ?? '?';
    if (takeUp.claimedAt < (arrivedAt.get(name) ?? 0)) lost.set(name, takeUp);
  }
  const names = answered.flatMap(({ callId, at }) =>
    destinations.map((destination) => ({ what: `call ${callId} to ${destination}`, answeredAt: at })),
  );
  return names
    .flatMap(({ what, answeredAt }) => {
      const at = arrivedAt.get(what);
      return at === undefined ? [] : [{ what, answeredAt, arrivedAt: at, lostClaim: lost.get(what) }];
    })
    .sort((a, b) => a.answeredAt - b.answeredAt);
}

/** The fault that took its claim away. */
function hitBy({ lostClaim }: Arrival, faults: readonly FleetFault[]): FleetFault | undefined {
  if (lostClaim === undefined) return undefined;
  const { claimedAt, takenUpAt } = lostClaim;
  return faults.find(({ at, takesClaims }) => takesClaims && at >= claimedAt && at < takenUpAt);
}

/** The first fault while it was under way. */
function passedBy({ answeredAt, arrivedAt }: Arrival, faults: readonly FleetFault[]): FleetFault | undefined {
  return faults.find(({ at }) => at > answeredAt && at < arrivedAt);
}

function violationsOf(arrival: Arrival, faults: readonly FleetFault[]): string[] {
  const { what, answeredAt, arrivedAt, lostClaim } = arrival;
  const fault = hitBy(arrival, faults);
  if (lostClaim !== undefined && fault === undefined)
    return [`${what} lost its claim though nothing had happened`];
  const lateMs = arrivedAt - (fault?.at ?? answeredAt);
  return lateMs > WITHIN_MS ? [`${what} arrived ${lateMs} ms after ${fault?.kind ?? 'its answer'}`] : [];
}
