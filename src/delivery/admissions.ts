import { type DeliveryQueue, type Permit } from '../queue/queue.js';
import { type Lanes } from './lanes.js';

/** What one lane could claim in this round. */
export interface Wanted {
  name: string;
  count: number;
  /** The one that tries an open lane. */
  asProbe: boolean;
}

/** What a lane may claim, with a permit for each. */
export interface Admitted extends Wanted {
  permits: Permit[];
}

/** Asks for what the lanes want. `again`: lanes that were refused some of it, and when to ask anew. */
export async function admitWanted(
  queue: Pick<DeliveryQueue, 'admit'>,
  lanes: Pick<Lanes, 'configured'>,
  wanted: readonly Wanted[],
): Promise<{ admitted: Admitted[]; again: { name: string; at: number }[] }> {
  const asked = wanted.map(({ name, count }) => ({ destination: name, count, ...lanes.configured(name) }));
  const answers = await queue.admit(asked);
  const admitted = wanted.flatMap((want, index) => {
    const permits = answers[index]?.permits ?? [];
    return permits.length > 0 ? [{ ...want, count: permits.length, permits }] : [];
  });
  const again = answers.flatMap(({ destination, askAgainAt }) =>
    askAgainAt === null ? [] : [{ name: destination, at: askAgainAt }],
  );
  return { admitted, again };
}
