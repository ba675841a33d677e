import { type Delivery } from '../domain/delivery.js';
import { type EventRecord } from '../domain/event.js';
import { type Store } from '../store/store.js';
import { deliveryPages } from './delivery-pages.js';
import { cursorOf, wrongCursor } from './read-query.js';

/** A contact within one client scope. */
export interface ScopedContact {
  scope: string;
  contact: string;
}

/** An event or a delivery of a contact. `at` is when it came in or was planned, milliseconds since the epoch. */
export type Happening =
  { is: 'event'; at: number; event: EventRecord } | { is: 'delivery'; at: number; delivery: Delivery };

/** Where a page ended in each of the two lists; null: nothing of that list was shown yet. */
export interface TimelinePlace {
  event: string | null;
  delivery: string | null;
}

const PAGE = 100;

type Lists = Pick<Store, 'listEvents' | 'listDeliveries'>;

/** Events and deliveries of a contact in one list, newest first; of one moment what was planned stands before its event. */
export async function timelineOf(
  store: Lists,
  who: ScopedContact,
  place: TimelinePlace,
  limit: number,
): Promise<Happening[]> {
  const events = eventsOf(store, who, place.event);
  const deliveries = deliveriesOf(store, who, place.delivery);
  const merged: Happening[] = [];
  let [event, delivery] = [await nextOf(events), await nextOf(deliveries)];
  while (merged.length < limit) {
    const isPlanned = delivery !== undefined && delivery.at >= (event?.at ?? -Infinity);
    const newest = isPlanned ? delivery : event;
    if (newest === undefined) break;
    merged.push(newest);
    if (isPlanned) delivery = await nextOf(deliveries);
    else event = await nextOf(events);
  }
  return merged;
}

async function nextOf<T>(list: AsyncGenerator<T, void>): Promise<T | undefined> {
  const next = await list.next();
  return next.done ? undefined : next.value;
}

async function* eventsOf(
  store: Lists,
  { contact, scope }: ScopedContact,
  place: string | null,
): AsyncGenerator<Happening, void> {
  for (let after = place; ;) {
    const page = await store.listEvents({ contact, ...(after !== null && { after }), limit: PAGE });
    // Lists of events know no scope, and one number may be known to several clients.
    for (const event of page) if (event.scope === scope) yield { is: 'event', at: event.receivedAt, event };
    after = page.at(-1)?.id ?? null;
    if (page.length < PAGE) return;
  }
}

async function* deliveriesOf(
  store: Lists,
  who: ScopedContact,
  place: string | null,
): AsyncGenerator<Happening, void> {
  for await (const page of deliveryPages(store, who, { after: place, size: PAGE }))
    for (const delivery of page) yield { is: 'delivery', at: delivery.createdAt, delivery };
}

/** Where a page that ends with the last of these ended. */
export function placeBehind(shown: readonly Happening[], before: TimelinePlace): TimelinePlace {
  const last = (is: Happening['is']) => shown.findLast((one) => one.is === is);
  const [event, delivery] = [last('event'), last('delivery')];
  return {
    event: event?.is === 'event' ? event.event.id : before.event,
    delivery: delivery?.is === 'delivery' ? delivery.delivery.id : before.delivery,
  };
}

export function timelineCursor({ event, delivery }: TimelinePlace): string {
  return cursorOf(`${event ?? ''}/${delivery ?? ''}`);
}

/** Reads what a cursor holds. @throws {DeskError} for the cursor of another list. */
export function readPlace(after: string | undefined): TimelinePlace {
  if (after === undefined) return { event: null, delivery: null };
  const [event, delivery, ...more] = after.split('/');
  if (delivery === undefined || more.length > 0) throw wrongCursor();
  return { event: event || null, delivery: delivery || null };
}
