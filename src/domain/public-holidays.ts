import { createRequire } from 'node:module';
import { type default as Holidays } from 'date-holidays';
import { nearest } from '../lib/nearest.js';
import { DAY_MS, dayText } from './wall-clock.js';

/** The tables of all countries take a third of a second to load; most configurations never ask for them. */
const load = createRequire(import.meta.url);

/** Days of a place in a year, by `AT-9 2026`. A calendar asks again for every due time. */
const remembered = new Map<string, ReadonlySet<string>>();
const REMEMBERED = 1_000;

/** Movable feasts are known for these years. */
const FIRST_YEAR = 1970;
const LAST_YEAR = 2199;

/**
 * Whether a day (`YYYY-MM-DD`) is a public holiday of a country (`AT`), of a state of it (`AT-9`, `DE-BY`) or of
 * a region of that (`DE-BY-A`). Days on which only banks or schools close, and afternoons, are not.
 */
export function isPublicHoliday(place: string, day: string): boolean {
  const year = Number(day.slice(0, 4));
  if (!(year >= FIRST_YEAR && year <= LAST_YEAR)) return false;
  const key = `${place} ${year}`;
  const days = remembered.get(key) ?? findHolidays(place, year);
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(key, days);
  return days.has(day);
}

/** The place in the one spelling that is stored (`AT-9`), or what is wrong with it, in words. */
export function parseHolidayPlace(text: string): { place: string } | { problem: string } {
  const codes: string[] = [];
  for (const written of text.trim().split('-')) {
    const known = namesBelow(codes);
    const code = Object.keys(known).find((name) => name.toUpperCase() === written.toUpperCase());
    if (code === undefined) return { problem: unknownPlace(written, codes, known) };
    codes.push(code);
  }
  return { place: codes.join('-') };
}

/** Names by code: of all countries, of the states of one, or of the regions of a state. */
function namesBelow([country, state, region]: string[]): Record<string, string> {
  const tables = new (loadTables())();
  if (country === undefined) return tables.getCountries('en');
  if (state === undefined) return tables.getStates(country) ?? {};
  return region === undefined ? (tables.getRegions(country, state) ?? {}) : {};
}

function unknownPlace(written: string, within: string[], known: Record<string, string>): string {
  const what = ['country', 'state'][within.length] ?? 'region';
  const where = within.length === 0 ? '' : ` of ${within.join('-')}`;
  const example = Object.hasOwn(known, 'AT') ? 'AT' : Object.keys(known)[0];
  const expected = example === undefined ? 'none is known there' : `expected a code such as ${example}`;
  const near = nearestCode(written, known);
  const hint = near === null ? '' : `; did you mean ${near} (${known[near]})?`;
  return `\`${written}\` is no ${what}${where} whose holidays are known; ${expected}${hint}`;
}

/** By its name first: any two codes of two letters are only one slip apart. */
function nearestCode(written: string, names: Record<string, string>): string | null {
  const name = nearest(written, Object.values(names));
  const byName = Object.keys(names).find((code) => names[code] === name);
  return byName ?? nearest(written, Object.keys(names));
}

function findHolidays(place: string, year: number): ReadonlySet<string> {
  const [country = '', state, region] = place.split('-');
  const tables = new (loadTables())({ country, state, region });
  const days = new Set<string>();
  for (const { type, date, start, end } of tables.getHolidays(year)) {
    if (type !== 'public') continue;
    for (let day = 0; day < wholeDays(start, end); day += 1)
      days.add(dayText(Date.parse(date.slice(0, 10)) / DAY_MS + day));
  }
  return days;
}

/**
 * A day may have 23 hours, and feasts of the moon begin on the evening before the first day named: three days
 * and the evening are three days, an afternoon is none.
 */
function wholeDays(start: Date, end: Date): number {
  return Math.floor((end.getTime() - start.getTime()) / DAY_MS + 0.1);
}

function loadTables(): typeof Holidays {
  return load('date-holidays') as typeof Holidays;
}
