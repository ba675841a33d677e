import { cutMarkup } from './cut-text.js';

/**
 * Text for a field that is shown as HTML. Without tags of its own its lines would run into one another there, so
 * each gets a break; text with tags is laid out already.
 */
export function asRichText(text: string, maxLength: number): string {
  const laidOut = /<\w/.test(text) ? text : text.trim().replace(/\r\n|\r|\n/g, '<br>');
  return cutMarkup(laidOut, maxLength);
}

/** Whether two texts say the same, however a vendor has cleaned up the mark-up, entities and spacing of one. */
export function saysTheSame(one: string, other: string): boolean {
  return wordsOf(one) === wordsOf(other);
}

function wordsOf(text: string): string {
  return text.replace(/<[^<>]*>|&[#\w]{1,10};|[^\p{L}\p{N}]/gu, '').toLowerCase();
}
