/**
 * Texts that databases do not keep: PostgreSQL refuses NUL, and in UTF-8 every lone surrogate becomes the
 * same U+FFFD, which would make two call ids one. Such a text is stored as JSON behind a control character;
 * a text that begins with that character is too, so that reading back is exact. Equal texts stay equal and
 * different ones different.
 */
const MARK = '\u0001';
const UNSTORABLE = /^\u0001|\u0000|\p{Surrogate}/u;

export function encodeText(text: string): string {
  return UNSTORABLE.test(text) ? MARK + JSON.stringify(text) : text;
}

export function decodeText(stored: string): string {
  return stored.startsWith(MARK) ? (JSON.parse(stored.slice(MARK.length)) as string) : stored;
}
