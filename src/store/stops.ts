import { type ContactChange, contactKey } from '../domain/contact-list.js';
import { type PlannedDelivery, type StoredReason } from '../domain/delivery.js';
import { type DeliveryOwner } from './delivery-owner.js';
import { type Queries } from './queries/queries.js';
import { settleOthers } from './settle-others.js';
import { type Stop, type StopChange, type StopResult } from './store.js';
import { all, first, type Work } from './work.js';

/** In this order: what is allowed and stopped by the same event stays stopped. */
const CHANGES: readonly [ContactChange, StopChange['do']][] = [
  ['contact.allow', 'allow'],
  ['contact.stop', 'stop'],
];

/**
 * Does what a plan asks for with the contact of its event, as of the end of its call: what is told late, or again, takes
 * back nothing that was said since.
 */
export function* changeContacts(
  queries: Queries,
  { scope, contact: address, now }: DeliveryOwner,
  planned: readonly PlannedDelivery[],
): Work<void> {
  if (address === null) return;
  const name = { scope, contact: contactKey(address) };
  for (const [asked, change] of CHANGES) {
    const by = planned.find(({ state, operation }) => state === 'delivered' && operation === asked);
    if (by === undefined) continue;
    const { rule, action, dueAt: since } = by;
    if (change === 'stop') yield* stop(queries, { ...name, since, reason: `${rule}.${action}` }, now);
    else yield* all(queries.allowContact, { ...name, saidAt: since });
  }
}

/** By hand: now, whatever a call said and whenever. */
export function* changeStop(
  queries: Queries,
  { do: change, scope, contact: address, reason }: StopChange,
  now: number,
): Work<StopResult> {
  const name = { scope, contact: contactKey(address) };
  if (change === 'stop') return yield* stop(queries, { ...name, since: now, reason }, now);
  const allowed = yield* first(queries.allowContact, { ...name, saidAt: Number.MAX_SAFE_INTEGER });
  return { changed: allowed !== null, canceled: [] };
}

function* stop(queries: Queries, asked: Stop, now: number): Work<StopResult> {
  const before = yield* first(queries.findStop, asked);
  yield* all(queries.stopContact, asked);
  const canceled = yield* cancelWaiting(queries, asked, now);
  return { changed: before === null, canceled: canceled.sort() };
}

/** Even where the contact was stopped before: it may have been planned since. */
function* cancelWaiting(queries: Queries, { scope, contact, reason }: Stop, now: number): Work<string[]> {
  // What is planned goes by phone numbers; whom a mail reaches is known when it is rendered, and asked then.
  if (contact.includes('@')) return [];
  const why: StoredReason = `stopped: ${reason}`;
  const canceled = yield* all(queries.cancelWaiting, { scope, contact, reason: why, now });
  for (const one of canceled) yield* settleOthers(queries, one, 'canceled', now);
  return canceled.map(({ id }) => id);
}
