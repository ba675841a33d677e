import { CUT_MARK } from '../cut-text.js';

/** A tag, an entity, a character of two UTF-16 units, or any other unit. */
const TOKENS = /<[^<>]*>|&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,4});|[\ud800-\udbff][\udc00-\udfff]|[^]/gi;

const isTag = (token: string) => token.length > 1 && token.startsWith('<');
const isEntity = (token: string) => token.length > 1 && token.startsWith('&');

/** Telegram counts what is shown: no tag, and an entity as the character it names. */
function shownLength(token: string): number {
  if (isTag(token)) return 0;
  if (!isEntity(token)) return token.length;
  const code = /^&#(x?)([\da-f]+);$/i.exec(token);
  return code !== null && parseInt(code[2] ?? '', code[1] === '' ? 10 : 16) > 0xffff ? 2 : 1;
}

/**
 * HTML of which at most `max` units are shown, marked where something was cut off. No tag or entity is cut in
 * half, and what is open is closed: Telegram refuses a message over either.
 */
export function cutHtml(html: string, max: number): string {
  const tokens = html.match(TOKENS) ?? [];
  if (tokens.reduce((length, token) => length + shownLength(token), 0) <= max) return html;
  const open: string[] = [];
  let cut = '';
  let left = max - CUT_MARK.length;
  for (const token of tokens) {
    left -= shownLength(token);
    if (left < 0) break;
    cut += token;
    noteTag(open, token);
  }
  return (
    cut +
    open
      .reverse()
      .map((name) => `</${name}>`)
      .join('') +
    CUT_MARK
  );
}

function noteTag(open: string[], token: string): void {
  const [, slash, name] = (isTag(token) && /^<(\/?)([a-z][\w-]*)/i.exec(token)) || [];
  if (name === undefined) return;
  if (slash === '') open.push(name);
  else if (open.at(-1) === name) open.pop();
}

/** Invisible, and no letter: it ends what Telegram would take for a name. */
const WORD_JOINER = '\u2060';

/** An address (left as it is), else the start of a mention or of a command. */
const LIVELY =
  /https?:\/\/[\w-]+(?:\.[\w-]+)+[^\s<>"]*|(?<![\p{L}\p{N}_])@(?=\w)|(?<![\p{L}\p{N}_/<>])\/(?=\w)/giu;

/**
 * Telegram makes a mention of every `@name` and a command of every `/word`, whoever said it. Neither comes out
 * of a message: people are mentioned by a link, `<a href="tg://user?id=…">`.
 */
export function withoutMentions(html: string): string {
  const parts = html.split(/(<[^<>]*>)/);
  return parts
    .map((part) =>
      part.startsWith('<')
        ? part
        : part.replace(LIVELY, (found) => (found.length === 1 ? found + WORD_JOINER : found)),
    )
    .join('');
}

/** The characters that are markup in Telegram's HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
