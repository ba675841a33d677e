import { type Delivery } from '../domain/delivery.js';
import { type DeliveryFilter, type Store } from '../store/store.js';
import { type PageQuery } from './queries.js';
import { pageOf, readPage, wrongCursor } from './read-query.js';
import { type ListView } from './views.js';

type Lists = Pick<Store, 'listDeliveries' | 'findDelivery'>;

/** One page of what a filter matches, newest first. @throws {DeskError} for a limit or cursor that makes no sense. */
export async function deliveryPage<Item>(
  store: Lists,
  filter: DeliveryFilter,
  query: PageQuery,
  view: (delivery: Delivery) => Item,
): Promise<ListView<Item>> {
  const page = readPage(query);
  if (page.after !== undefined && !(await store.findDelivery(page.after))) throw wrongCursor();
  const deliveries = await store.listDeliveries({ ...filter, ...page, limit: page.limit + 1 });
  return pageOf(deliveries, page.limit, view);
}

/** How many are looked at in one go: a look at everything that waits never keeps others waiting. */
const PAGE = 500;

/** All that a filter matches, newest first, page by page. What comes in meanwhile is not among it. */
export async function* deliveryPages(
  store: Pick<Store, 'listDeliveries'>,
  filter: DeliveryFilter,
  { after = null, size = PAGE }: { after?: string | null; size?: number } = {},
): AsyncGenerator<Delivery[], void> {
  for (let last = after; ;) {
    const page = await store.listDeliveries({
      ...filter,
      ...(last !== null && { after: last }),
      limit: size,
    });
    yield page;
    last = page.at(-1)?.id ?? null;
    if (page.length < size) return;
  }
}
