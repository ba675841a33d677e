import { type AttemptOutcome } from '../../src/domain/attempt.js';
import { ORDINARY, type PlannedDelivery } from '../../src/domain/delivery.js';
import {
  type ClaimedDelivery,
  type DeliveryUpdate,
  type NewEvent,
  type Store,
} from '../../src/store/store.js';

let lastNumber = 0;

/** A name that no other of this run has, in the order of their making. */
export function freshId(prefix: string): string {
  lastNumber += 1;
  return `${prefix}-${String(lastNumber).padStart(8, '0')}`;
}

export const RECEIVED_AT = 1_736_937_300_000;

/** A call that fires `hot-lead` with one delivery due at once, unless `over` says otherwise. */
export function newEvent(over: Partial<NewEvent> = {}): NewEvent {
  return {
    id: freshId('event'),
    source: 'autocalls',
    eventKind: 'call',
    callId: freshId('call'),
    intent: 'call',
    contentHash: freshId('hash'),
    receivedAt: RECEIVED_AT,
    scope: 'acme',
    contact: '+15550100',
    labels: { client: 'acme' },
    contentType: 'application/json',
    problems: [],
    raw: Buffer.from('{"id":1}'),
    ruleSet: 'rules-1',
    cause: null,
    root: null,
    result: { status: null, isMissed: false },
    decisions: [{ rule: 'hot-lead', verdict: 'fired', shadow: false, because: [] }],
    deliveries: [planned()],
    ...over,
  };
}

export function planned(over: Partial<PlannedDelivery> = {}): PlannedDelivery {
  return {
    id: freshId('delivery'),
    rule: 'hot-lead',
    action: 'tell-sales',
    destination: 'sales-slack',
    kind: 'slack',
    operation: 'message',
    state: 'pending',
    reason: null,
    dueAt: RECEIVED_AT,
    onRevision: 'refresh',
    ordered: false,
    input: null,
    needs: [],
    ...ORDINARY,
    ...over,
  };
}

/** The same call again, with other content and `deliveries` planned from it. */
export function revisionOf(event: NewEvent, deliveries: PlannedDelivery[]): NewEvent {
  const { source, eventKind, callId } = event;
  return newEvent({ source, eventKind, callId, deliveries, receivedAt: event.receivedAt + 1_000 });
}

/** When {@link updateOf} puts something on record. */
export const RECORDED_AT = RECEIVED_AT + 61_000;

/** By default before {@link RECORDED_AT}. */
export function claimAll(
  store: Store,
  destination = 'sales-slack',
  slots = 100,
  now = RECEIVED_AT + 60_000,
): Promise<ClaimedDelivery[]> {
  return store.claim({ now, slots: { [destination]: slots }, leaseMs: 0 });
}

/** What `claimed` came to; `charged` is true. */
export function updateOf(
  claimed: ClaimedDelivery,
  state: DeliveryUpdate['state'],
  result?: AttemptOutcome,
): DeliveryUpdate {
  const { id, fence } = claimed.delivery;
  const now = RECORDED_AT;
  const attempt = result && { startedAt: now - 40, durationMs: 40, result, charged: true };
  return { id, fence, state, reason: null, dueAt: now, now, attempt };
}

/** Stores an event, claims its one delivery and ends it. */
export async function acceptAndSend(
  store: Store,
  event: NewEvent,
  state: DeliveryUpdate['state'],
  result?: AttemptOutcome,
): Promise<void> {
  await store.accept(event);
  const claimed = await claimAll(store);
  for (const one of claimed) await store.update(updateOf(one, state, result));
}
