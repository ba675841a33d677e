import { type Json } from '../lib/json.js';
import { cleanText } from './colleague-message.js';
import { CUT_MARK, cutMarkdown } from './cut-text.js';

/** What is left of the characters that several texts of one message share: the first come first. */
export class MarkdownRoom {
  constructor(private left: number) {}

  /** The text, cut at its own limit or where the room ends; empty where not even the mark of a cut has room. */
  take(text: Json | undefined, max: number): string {
    const limit = Math.min(max, this.left);
    if (limit < CUT_MARK.length) return '';
    const taken = cutMarkdown(cleanText(text), limit);
    this.left -= taken.length;
    return taken;
  }
}
