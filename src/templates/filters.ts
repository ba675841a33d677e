import { type Context, type Liquid, toValue } from 'liquidjs';
import { type Clock } from '../lib/clock.js';
import { isJsonObject, type Json, ownProperty, readPath } from '../lib/json.js';
import { dateFilter } from './date-filter.js';
import { ESCAPERS, percentEncode, textOf } from './escape.js';
import {
  asIs,
  bounded,
  engineFilter,
  type Filter,
  listOf,
  refuseLongList,
  textual,
  withShortNeedle,
} from './filter-bounds.js';
import { LIMITS } from './limits.js';
import { JsonText, Markup } from './markup.js';
import { type RenderContext } from './render-context.js';

/** Lookup tables by name, then by key. */
export type Tables = Readonly<Record<string, Readonly<Record<string, Json>>>>;

export interface FilterSettings {
  timezone: string;
  tables: Tables;
  clock: Clock;
}

/** No name that a template can write, since it holds a space. */
export const RANGE_FILTER = 'bounded range';

const TEXT_FILTERS = `append prepend capitalize downcase upcase strip lstrip rstrip strip_newlines strip_html
  squish normalize_whitespace remove remove_first replace replace_first truncate truncatewords number_of_words
  slugify url_decode base64_encode base64_decode sha256`.split(/\s+/);
const NUMBER_FILTERS = `abs at_least at_most ceil floor round plus minus times divided_by modulo
  to_integer`.split(/\s+/);
const LIST_FILTERS =
  `first last reverse sort sort_natural map sum compact concat uniq push pop shift unshift size
  slice`.split(/\s+/);

/** Registers every filter that templates know; the rest of Liquid's are not there. */
export function registerFilters(liquid: Liquid, settings: FilterSettings): void {
  for (const name of Object.keys(liquid.filters)) liquid.unregisterFilter(name);
  for (const name of TEXT_FILTERS) liquid.registerFilter(name, bounded(textual, engineFilter(name)));
  for (const name of NUMBER_FILTERS) liquid.registerFilter(name, bounded(textual, engineFilter(name)));
  for (const name of LIST_FILTERS) liquid.registerFilter(name, bounded(toValue, engineFilter(name)));
  for (const [name, filter] of Object.entries(ownFilters(settings))) liquid.registerFilter(name, filter);
}

/** What a template may write behind `|`. */
export function filterNames(liquid: Liquid): string[] {
  return Object.keys(liquid.filters).filter((name) => name !== RANGE_FILTER);
}

function ownFilters({ timezone, tables, clock }: FilterSettings): Record<string, Filter> {
  return {
    default: (value, fallback) => (isEmpty(value) ? fallback : value),
    raw: (value) => value,
    date: bounded(toValue, dateFilter(timezone, clock)),
    lookup: bounded(toValue, (key, table) => lookUp(tables, table, key)),
    json: bounded(toValue, json),
    split: bounded(textual, split),
    join: bounded(toValue, join),
    array_to_sentence_string: bounded(toValue, sentence),
    where: bounded(toValue, (list, path, wanted) => listOf(list).filter(matcher(path, wanted))),
    reject: bounded(toValue, (list, path, wanted) =>
      listOf(list).filter((item) => !matcher(path, wanted)(item)),
    ),
    find: bounded(toValue, (list, path, wanted) => listOf(list).find(matcher(path, wanted))),
    remove_last: bounded(textual, withShortNeedle(engineFilter('remove_last'))),
    replace_last: bounded(textual, withShortNeedle(engineFilter('replace_last'))),
    url_encode: bounded(textual, (value) => percentEncode(textOf(value)).replace(/%20/g, '+')),
    escape: bounded(asIs, escapeHtml),
    newline_to_br: bounded(asIs, breakLines),
    [RANGE_FILTER]: boundedRange,
  };
}

function isEmpty(value: unknown): boolean {
  const plain: unknown = toValue(value);
  if (plain === null || plain === undefined || plain === '') return true;
  if (Array.isArray(plain)) return plain.length === 0;
  return isJsonObject(plain) && Object.keys(plain).length === 0;
}

function lookUp(tables: Tables, table: unknown, key: unknown): Json {
  const name = textOf(table);
  if (!Object.hasOwn(tables, name)) throw new Error('`lookup` was given the name of no table');
  return ownProperty(tables[name], textOf(key)) ?? null;
}

function json(this: { context: Context }, value: unknown, indent: unknown): JsonText {
  const spaces = typeof indent === 'number' ? Math.min(indent, 8) : 0;
  const text = JSON.stringify(value ?? null, null, spaces);
  this.context.memoryLimit.use(text.length);
  return new JsonText(value ?? null, text);
}

function split(this: { context: Context }, value: unknown, separator: unknown): unknown[] {
  const text = textOf(value);
  this.context.memoryLimit.use(text.length);
  const parts = text.split(textOf(separator), LIMITS.listLength + 1);
  while (parts.at(-1) === '') parts.pop();
  return refuseLongList(parts);
}

function join(this: { context: Context }, list: unknown, separator: unknown): string {
  const parts = listOf(list).map(textOf);
  const between = textOf(separator ?? ' ');
  this.context.memoryLimit.use(parts.reduce((length, part) => length + part.length + between.length, 0));
  return parts.join(between);
}

function sentence(this: { context: Context }, list: unknown, connector: unknown): unknown {
  return engineFilter('array_to_sentence_string').call(this, listOf(list).map(textOf), connector ?? 'and');
}

function matcher(path: unknown, wanted: unknown): (item: unknown) => boolean {
  const key = textOf(path);
  return (item) => {
    const found = readPath(item, key) ?? null;
    return wanted === undefined ? found !== null && found !== false : found === wanted;
  };
}

/** In HTML the output is escaped anyway and must not be escaped twice. */
function escapeHtml(this: { context: Context }, value: unknown): unknown {
  if (value instanceof Markup) return value;
  const text = textOf(value);
  const escaped = ESCAPERS.html(text);
  return formatOf(this.context) === 'html' ? new Markup(text, escaped) : escaped;
}

function breakLines(this: { context: Context }, value: unknown): unknown {
  const text = textOf(value);
  if (formatOf(this.context) !== 'html') return text.replace(/\r?\n/g, '<br />\n');
  const escaped = value instanceof Markup ? value.escaped : ESCAPERS.html(text);
  return new Markup(text, escaped.replace(/\r?\n/g, '<br />\n'));
}

function formatOf(context: Context): string {
  return (context as RenderContext).escape;
}

function boundedRange(this: { context: Context }, low: unknown, high: unknown): number[] {
  const [from, to] = [toValue(low), toValue(high)] as unknown[];
  if (from === null || from === undefined || to === null || to === undefined) return [];
  const [first, last] = [Number(from), Number(to)];
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last))
    throw new Error('a range needs whole numbers on both sides');
  const length = Math.max(0, last - first + 1);
  if (length > LIMITS.rangeLength) throw new Error(`a range has more than ${LIMITS.rangeLength} entries`);
  this.context.memoryLimit.use(length);
  return Array.from({ length }, (_, i) => first + i);
}
