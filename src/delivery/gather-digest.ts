import { type CompiledAction } from '../config/live.js';
import { type Call } from '../domain/event.js';
import { type Json, type JsonObject } from '../lib/json.js';
import { readStoredCall } from '../plan/read-stored-call.js';
import { type ClaimedDelivery, type StoredEvent } from '../store/store.js';
import { type SendTools } from './send-tools.js';

/** What goes out in one message: the calls for which `only_if` holds. */
export type Gathered =
  | { is: 'head'; data: JsonObject }
  /** Another delivery tells it. */
  | { is: 'told_by_another' }
  | { is: 'empty' };

/** Collects what is due for one message: the first of a digest tells all of them, in the order of their calls. */
export async function gatherDigest(
  tools: SendTools,
  { delivery }: ClaimedDelivery,
  { onlyIf }: CompiledAction,
): Promise<Gathered> {
  const { head, events } = await tools.store.gatherDigest(delivery.id, delivery.fence, tools.clock.now());
  if (!head) return { is: 'told_by_another' };
  const calls = readCalls(tools, events).filter((data) => onlyIf === null || onlyIf.test(data) === true);
  const [first] = calls;
  if (first === undefined) return { is: 'empty' };
  return { is: 'head', data: { ...first, digest: { count: calls.length, items: calls as Json[] } } };
}

function readCalls({ live }: SendTools, events: readonly StoredEvent[]): Call[] {
  const { config } = live.current();
  const calls = events.map(({ event, raw }) => readStoredCall(config, event, raw));
  return calls.filter((call) => call !== null);
}
