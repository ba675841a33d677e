/** Says that something is missing, so that nobody takes a part for the whole. */
export const CUT_MARK = '… [cut]';

/** The text with at most `max` UTF-16 units, marked where something was cut off. No character is cut in half. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  return text.slice(0, max - CUT_MARK.length).replace(/[\ud800-\udbff]$/, '') + CUT_MARK;
}

/** The same for text with entities or tags: none of them is cut in half. */
export function cutMarkup(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max - CUT_MARK.length).replace(/[\ud800-\udbff]$/, '');
  return cut.replace(/&[#\w]{0,8}$/, '').replace(/<[^<>]*$/, '') + CUT_MARK;
}

/** The same for Markdown: a backslash at the end would take the mark's first character with it. */
export function cutMarkdown(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, Math.max(0, max - CUT_MARK.length)).replace(/[\ud800-\udbff]$/, '');
  let slashes = 0;
  while (cut.at(-1 - slashes) === '\\') slashes += 1;
  return (slashes % 2 === 1 ? cut.slice(0, -1) : cut) + CUT_MARK;
}
