import { type ContactChange, contactKey } from '../domain/contact-list.js';
import { type PlannedDelivery, type StoredReason } from '../domain/delivery.js';
import { type DeliveryOwner } from './delivery-owner.js';
import { type Queries } from './queries/queries.js';
import { settleOthers } from './settle-others.js';
import { type StopChange, type StopResult } from './store.js';
import { all, first, type Work } from './work.js';

/** In this order: what is allowed and stopped by the same event stays stopped. */
const CHANGES: readonly [ContactChange, StopChange['do']][] = [
  ['contact.allow', 'allow'],
  ['contact.stop', 'stop'],
];

/** Does what a plan asks for with the contact of its event. */
export function* changeContacts(
  queries: Queries,
  { scope, contact, now }: DeliveryOwner,
  planned: readonly PlannedDelivery[],
): Work<void> {
  if (contact === null) return;
  for (const [asked, change] of CHANGES) {
    const by = planned.find(({ state, operation }) => state === 'delivered' && operation === asked);
    if (by === undefined) continue;
    const reason = `${by.rule}.${by.action}`;
    yield* changeStop(queries, { do: change, scope, contact, reason }, now);
  }
}

/** A stop takes back what waits even where the contact was stopped before: it may have been planned since. */
export function* changeStop(
  queries: Queries,
  { do: change, scope, contact: address, reason }: StopChange,
  now: number,
): Work<StopResult> {
  const contact = contactKey(address);
  if (change === 'allow') {
    const allowed = yield* first(queries.allowContact, { scope, contact });
    return { changed: allowed !== null, canceled: [] };
  }
  const stopped = yield* first(queries.stopContact, { scope, contact, reason, now });
  const why: StoredReason = `stopped: ${reason}`;
  const canceled = yield* all(queries.cancelWaiting, { scope, contact, reason: why, now });
  for (const one of canceled) yield* settleOthers(queries, one, 'canceled', now);
  return { changed: stopped !== null, canceled: canceled.map(({ id }) => id).sort() };
}
