/** An address as people write it: parentheses belong to it in pairs only. */
const ADDRESS = String.raw`https?:\/\/(?:[\w.~:/?#@!$&'*+,;=%-]|\([\w.~:/?#@!$&'*+,;=%-]*\))+`;
/** What makes a list, a rule or a heading at the start of a line. */
const LINE_START = String.raw`(^[ \t]*)([-+=](?=[-+=\s]|$)|\d{1,9}(?=[.)](?:\s|$)))`;
const MARKS = new RegExp(`(${ADDRESS})|([\\\\\`*_~|[\\]{}<>#@&])|${LINE_START}`, 'gimu');

/** Marks of Markdown that addresses may hold; percent-encoded, they lead to the same page. */
const ENCODED: Record<string, string> = {
  _: '%5F',
  '*': '%2A',
  '~': '%7E',
  '@': '%40',
  '(': '%28',
  ')': '%29',
};

/**
 * Text that Markdown shows as it is: no emphasis, link, mention, heading, list or HTML comes of it. Addresses
 * stay whole, so that clients may still make a link of them, which shows where it leads.
 */
export function escapeMarkdown(text: string): string {
  return text.replace(
    MARKS,
    (_whole, address?: string, mark?: string, indent?: string, start?: string): string => {
      if (address !== undefined) return address.replace(/[_*~@()]/g, (sign) => ENCODED[sign] ?? sign);
      if (mark !== undefined) return `\\${mark}`;
      return /\d/.test(start ?? '') ? `${indent}${start}\\` : `${indent}\\${start}`;
    },
  );
}
