import { type ClaimedDelivery, type Store } from '../store/store.js';
import { type Permit } from '../queue/queue.js';
import { type Admitted, type Wanted } from './admissions.js';
import { type Lanes } from './lanes.js';

/** What these lanes have room for, and when the first of the others opens by itself; null: none does. */
export function roomOf(
  lanes: Lanes,
  names: Iterable<string>,
  now: number,
): { wanted: Wanted[]; opensAt: number | null } {
  const wanted: Wanted[] = [];
  let opensAt = Infinity;
  for (const name of names) {
    const lane = lanes.get(name);
    const { count, asProbe } = lane.free(now);
    if (count > 0) wanted.push({ name, count, asProbe });
    else opensAt = Math.min(opensAt, lane.opensAt(now) ?? Infinity);
  }
  return { wanted, opensAt: opensAt === Infinity ? null : opensAt };
}

/** A claimed delivery with what it needs to begin. */
export interface Taken {
  claimed: ClaimedDelivery;
  asProbe: boolean;
  permit: Permit;
}

export interface ClaimParts {
  store: Pick<Store, 'claim'>;
  lanes: Lanes;
  now: number;
  leaseMs: number;
  /** Told of a permit for which nothing was due. */
  giveBack: (permit: Permit) => void;
}

/**
 * Claims in one transaction and hands each delivery to `take`, at once. Answers the lanes that got all they
 * asked for: they may have more waiting.
 */
export async function claimWanted(
  { store, lanes, now, leaseMs, giveBack }: ClaimParts,
  wanted: readonly Admitted[],
  take: (taken: Taken) => void,
): Promise<string[]> {
  const probed = wanted.filter(({ asProbe }) => asProbe).map(({ name }) => lanes.get(name));
  const slots = Object.fromEntries(wanted.map(({ name, count }) => [name, count]));
  const left = new Map(wanted.map(({ name, permits }) => [name, [...permits]]));
  const asProbe = new Set(wanted.filter((one) => one.asProbe).map(({ name }) => name));
  for (const lane of probed) lane.reserveProbe();
  try {
    for (const claimed of await store.claim({ now, slots, leaseMs })) {
      const { destination } = claimed.delivery;
      const permit = left.get(destination)?.pop();
      // The store hands out no more than it was asked for.
      if (permit) take({ claimed, permit, asProbe: asProbe.has(destination) });
    }
  } finally {
    for (const lane of probed) lane.freeProbe();
    for (const permits of left.values()) permits.forEach(giveBack);
  }
  return [...left].filter(([, permits]) => permits.length === 0).map(([name]) => name);
}
