/** So many writes go out at a time and share a sync. */
const TOGETHER = 50;

/** Does the same for each item, a few at a time; answers in their order. */
export async function eachTogether<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += TOGETHER)
    results.push(...(await Promise.all(items.slice(from, from + TOGETHER).map(work))));
  return results;
}
