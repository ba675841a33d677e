import { type OnlyIfVerdict, refusedByOnlyIf } from '../adapters/prepare-delivery.js';
import { type DestinationConfig } from '../config/config.js';
import { type CompiledAction, type CompiledRuleSet } from '../config/live.js';
import { fenceRefuses } from '../domain/fence.js';
import { type JsonObject } from '../lib/json.js';
import { withDigest } from '../plan/with-digest.js';
import { type ClaimedDelivery, type DigestMember } from '../store/store.js';
import { readCallNow } from './read-call-now.js';
import { type SendTools } from './send-tools.js';

export type Gathered =
  /** It tells all of them: the data of its own call, with the list of all. */
  | { is: 'head'; data: JsonObject }
  /** Another delivery tells it. */
  | { is: 'told_by_another' }
  /** Its own `only_if` keeps it out. */
  | ({ is: 'refused' } & OnlyIfVerdict);

interface Given {
  ruleSet: CompiledRuleSet;
  action: CompiledAction;
  destination: DestinationConfig;
}

/**
 * Collects what is due for one message, in the order of the calls. `only_if` is asked of each: what it refuses is told by
 * no message, and ends by itself.
 */
export async function gatherDigest(
  tools: SendTools,
  claimed: ClaimedDelivery,
  given: Given,
): Promise<Gathered> {
  const { delivery } = claimed;
  const isReleased = delivery.release !== null;
  const own = await judgeCall(tools, claimed, { ...given, isReleased });
  if ('state' in own) return { is: 'refused', ...own };
  const { head, members } = await tools.store.gatherDigest(delivery.id, delivery.fence, tools.clock.now());
  if (!head) return { is: 'told_by_another' };
  const others = members.filter(({ deliveryId }) => deliveryId !== delivery.id);
  const items = await tellableOf(tools, delivery.id, others, given);
  return { is: 'head', data: withDigest(own.data, items) };
}

/** The others that the message tells; the rest leaves it. */
async function tellableOf(
  tools: SendTools,
  headId: string,
  members: readonly DigestMember[],
  given: Given,
): Promise<JsonObject[]> {
  const judged = await Promise.all(
    members.map(async ({ deliveryId: id, isReleased, found }) => {
      return { id, verdict: await judgeCall(tools, found, { ...given, isReleased }) };
    }),
  );
  const left = judged.flatMap(({ id, verdict }) => ('state' in verdict ? [{ id, ...verdict }] : []));
  if (left.length > 0) await tools.store.leaveDigest(headId, left, tools.clock.now());
  return judged.flatMap(({ verdict }) => ('state' in verdict ? [] : [verdict.data]));
}

async function judgeCall(
  tools: SendTools,
  found: Pick<ClaimedDelivery, 'event' | 'raw'>,
  { ruleSet, action, destination, isReleased }: Given & { isReleased: boolean },
): Promise<{ data: JsonObject } | OnlyIfVerdict> {
  const data = await readCallNow(tools, found, ruleSet);
  if (data === null) return { state: 'held', reason: 'event_unreadable' };
  if (fenceRefuses(destination.only, found.event.labels)) return { state: 'skipped', reason: 'fenced' };
  return (isReleased ? null : refusedByOnlyIf(action.onlyIf, data)) ?? { data };
}
