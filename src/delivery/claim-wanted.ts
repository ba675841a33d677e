import { type ClaimedDelivery, type Store } from '../store/store.js';
import { type Lanes } from './lanes.js';

/** How long a process may hold a delivery before others take it for dead (several machines only). */
const LEASE_MS = 15_000;

/** What one lane may claim in this round. */
export interface Wanted {
  name: string;
  count: number;
  /** The one that tries an open lane. */
  asProbe: boolean;
}

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

/**
 * Claims in one transaction and hands each delivery to `take`, at once. Answers the lanes that got all they
 * asked for: they may have more waiting.
 */
export async function claimWanted(
  { store, lanes, now }: { store: Pick<Store, 'claim'>; lanes: Lanes; now: number },
  wanted: readonly Wanted[],
  take: (claimed: ClaimedDelivery, asProbe: boolean) => void,
): Promise<string[]> {
  const probed = wanted.filter(({ asProbe }) => asProbe).map(({ name }) => lanes.get(name));
  const slots = Object.fromEntries(wanted.map(({ name, count }) => [name, count]));
  for (const lane of probed) lane.reserveProbe();
  const claimed = await store
    .claim({ now, slots, leaseUntil: now + LEASE_MS })
    .finally(() => probed.forEach((lane) => lane.freeProbe()));
  const byName = new Map(wanted.map((one) => [one.name, { ...one, got: 0 }]));
  for (const one of claimed) {
    const of = byName.get(one.delivery.destination);
    if (of) of.got += 1;
    take(one, of?.asProbe ?? false);
  }
  return [...byName.values()].filter(({ count, got }) => got === count).map(({ name }) => name);
}
