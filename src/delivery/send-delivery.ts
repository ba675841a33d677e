import { type AttemptOutcome } from '../domain/attempt.js';
import { type Delivery, idempotencyKeyOf } from '../domain/delivery.js';
import { type Json } from '../lib/json.js';
import { type ClaimedDelivery } from '../store/store.js';
import { checkedOutcome } from './checked-outcome.js';
import { type Gated } from './pass-gates.js';
import { type SendTools } from './send-tools.js';

type Ready = Extract<Gated, { state: 'ready' }>;

/** Makes one attempt. Never throws: what an adapter throws is our own fault, and is tried again. */
export async function sendDelivery(
  tools: SendTools,
  { delivery, event, raw }: ClaimedDelivery,
  { destination, input, terms }: Ready,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  try {
    const result: unknown = await destination.adapter.send({
      operation: delivery.operation,
      input,
      options: destination.options,
      destination: destination.name,
      http: tools.http,
      mail: tools.mail,
      idempotencyKey: idempotencyKeyOf(delivery.id),
      signal,
      timeoutMs: terms.timeoutMs,
      progress: delivery.progress === null ? null : (JSON.parse(delivery.progress) as Json),
      mayHaveArrived: delivery.mayHaveArrived,
      // With `retry` an attempt after an unknown outcome needs nobody, whoever released it before that.
      isReleased: delivery.release !== null && terms.ifUnknown === 'hold',
      links: { find: (key) => tools.store.findLink({ ...placeOf(delivery), key }) },
      call: {
        source: event.source,
        id: event.callId,
        contact: delivery.contact,
        action: `${delivery.rule}.${delivery.action}`,
      },
      now: tools.clock.now(),
      event: { id: event.id, status: event.status, raw, contentType: event.contentType },
      print: tools.print,
      kinds: tools.kinds,
    });
    return checkedOutcome(result);
  } catch (error) {
    return {
      outcome: 'retry',
      reason: 'internal',
      message: error instanceof Error ? error.message : String(error),
    };
  }
}

function placeOf({ scope, destination }: Delivery): { scope: string; destination: string } {
  return { scope, destination };
}
