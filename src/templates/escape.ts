import { toValue } from 'liquidjs';
import { escapeMarkdown } from './escape-markdown.js';

/**
 * What a rendered text is for. Only outputs are escaped, static text stays as its author wrote it:
 * - `text`: nothing.
 * - `slack`: `&`, `<` and `>`, so that no mention, channel call or link comes from data.
 * - `html`: those and both quotes.
 * - `markdown`: a backslash before what is a mark there.
 * - `header`: control characters and line breaks are refused, the rendering fails; `squish` cures a text.
 * - `path`, `query`: percent-encoded; a path that gains a `.` or `..` segment is refused.
 * - `json`: the text is JSON. Inside a string literal the output is escaped for it, elsewhere it is printed as
 *   a JSON value of its type.
 * - `slack-json`: both, for Block Kit.
 */
export type Escape =
  'text' | 'slack' | 'html' | 'markdown' | 'header' | 'path' | 'query' | 'json' | 'slack-json';

export type Escaper = (text: string) => string;

const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** By format; `json` and `slack-json` say what happens before the text goes into a JSON literal. */
export const ESCAPERS: Record<Escape, Escaper> = {
  text: (text) => text,
  slack: escapeMarks,
  html: (text) => (/[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (mark) => HTML[mark] ?? mark) : text),
  markdown: escapeMarkdown,
  header: refuseControl,
  path: percentEncode,
  query: percentEncode,
  json: (text) => text,
  'slack-json': escapeMarks,
};

export function isJsonFormat(escape: Escape): boolean {
  return escape === 'json' || escape === 'slack-json';
}

/** Text of a value as templates print it: lists and objects as JSON, nothing for what is not there. */
export function textOf(value: unknown): string {
  const plain: unknown = toValue(value);
  if (typeof plain === 'string') return plain;
  if (plain === null || plain === undefined) return '';
  if (typeof plain === 'number' && !Number.isFinite(plain)) throw new Error('the result is not a number');
  if (typeof plain === 'number' || typeof plain === 'boolean') return String(plain);
  return JSON.stringify(plain) ?? '';
}

/** Escapes every text inside a value that is printed whole into JSON; keys are the author's or the vendor's. */
export function escapeDeep(value: unknown, escape: Escaper): unknown {
  const plain: unknown = toValue(value);
  if (typeof plain === 'string') return escape(plain);
  if (Array.isArray(plain)) return plain.map((item: unknown) => escapeDeep(item, escape));
  if (typeof plain !== 'object' || plain === null) return plain ?? null;
  return Object.fromEntries(Object.entries(plain).map(([key, item]) => [key, escapeDeep(item, escape)]));
}

export function percentEncode(text: string): string {
  return encodeURIComponent(text.replace(LONE_SURROGATE, '\ufffd')).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function escapeMarks(text: string): string {
  return /[&<>]/.test(text) ? text.replace(/[&<>]/g, (mark) => HTML[mark] ?? mark) : text;
}

function refuseControl(text: string): string {
  if (CONTROL.test(text))
    throw new Error(
      'the value holds a line break or control character, which this field refuses; `| squish` joins lines',
    );
  return text;
}

/** `/contacts/{{ id }}` with the id `..` would be another address. Servers and URL parsers decode `%2e` first. */
export function refuseDotSegments(text: string): void {
  const path = text.split(/[?#]/, 1)[0] ?? '';
  for (const segment of path.split(/[/\\]/)) {
    const dots = segment.replace(/%2e/gi, '.');
    if (dots === '.' || dots === '..') throw new Error('the path would hold a `.` or `..` segment');
  }
}
