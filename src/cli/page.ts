import { type ListView } from '../replay/views.js';

/** A page of a list and how to get the next one. */
export function describePage<Item>(
  { items, next }: ListView<Item>,
  nouns: string,
  describe: (items: readonly Item[]) => string,
): string {
  if (items.length === 0) return `no ${nouns} match\n`;
  const more = next === null ? '' : `\nthere are more: say the same with --cursor ${next}\n`;
  return `${describe(items)}${more}`;
}
