import { createRequire } from 'node:module';
import { type Chrono, type ParsedResult, type ParsingResult } from 'chrono-node/en';
import { isTimeZone } from '../lib/time-zone.js';
import { DAY_MS, instantOf, isInRange, MINUTE_MS, offsetSpanAt } from './wall-clock.js';

/** A time that somebody asked for. Milliseconds since the epoch. */
export interface AskedTime {
  /** The time itself; of a day its first moment, of a part of a day when it usually begins. */
  at: number;
  /** The end of what was named: `at` itself for a time, the end of the day otherwise. */
  until: number;
  /** How exact it was: a time of day; `tomorrow morning`; only a day, whose hours the caller's window decides. */
  precision: 'time' | 'part_of_day' | 'day';
}

const LONGEST_TEXT = 200;
const ISO =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d(?:\.\d{1,9})?))?)?\s?(Z|[+-]\d\d:?\d\d)?(?:\[([\w/+-]+)\])?$/i;

/** Words beside a time that turn its meaning, or name another clock; digits that were not read do so too. */
const TURNS = new RegExp(
  "\\d|n't|\\b(not|no|never|stop|except|unless|before|until|till|by|between|or|either|if|last|end|start|beginning" +
    '|middle|eastern|central|mountain|pacific)\\b',
  'i',
);
const OTHER_CLOCK = /\w\/\w|\b(?!Any|My|Your|Our|Local)[A-Z]\w+ time\b/;

/** Day and month by dots: the day comes first wherever dates are written so. */
const DOTTED = /\b(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\b/;
/** With slashes the order depends on who writes. */
const SLASHED = /\b(\d{1,2})\/(\d{1,2})\b(?:\/\d{2,4})?/;

const HOURS = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
const SPOKEN_HOUR = new RegExp(`\\b(at|past|to|around|about) (${HOURS.join('|')})\\b`, 'gi');

/** When a part of the day begins that people name without an hour, as minutes of the day. */
const PARTS: [words: RegExp, minute: number][] = [
  [/\bmorning\b/i, 9 * 60],
  [/\bafternoon\b/i, 14 * 60],
  [/\b(evening|tonight|night)\b/i, 18 * 60],
];

/** Nobody asks to be called at five in the morning by saying "at 5". */
const LAST_HOUR_OF_AFTERNOON = 6;

/** Loaded when somebody asks for a time in words; most houses have no such rule, and every start would wait for it. */
const load = createRequire(import.meta.url);
let loaded: Chrono | undefined;

function reader(): Chrono {
  if (loaded) return loaded;
  const { casual } = load('chrono-node/en') as { casual: Chrono };
  loaded = casual.clone();
  loaded.refiners.unshift({ refine: (_, results) => results.map(preferAfternoon) });
  return loaded;
}

/**
 * The instant that a contact asked for, such as `2026-12-01T17:00`, `tomorrow at 5 pm`, `Tuesday 10:00` or `in two
 * hours`, in English. Counted from `from` (milliseconds since the epoch, the time of the call) and read on the clock of
 * `zone` unless the text names its own; a weekday or time of day means the next one. A time that daylight saving leaves
 * out is read as the next valid minute, one that comes twice as the first. An hour up to 6 without am, pm or a leading
 * zero is one of the afternoon. Null for anything longer than 200 characters, without a time, with more than one, with
 * day and month that could be either (`2/4`), or with words beside it that turn its meaning (`not`, `before`, `or`):
 * a person should look at those.
 */
export function readTime(text: string, { from, zone }: { from: number; zone: string }): AskedTime | null {
  const asked = text.trim();
  if (asked.length === 0 || asked.length > LONGEST_TEXT || !isInRange(from)) return null;
  const time = ISO.test(asked) ? readIso(asked, zone) : readWords(asked, from, zone);
  return time !== null && isInRange(time.at) ? time : null;
}

function readIso(text: string, contactZone: string): AskedTime | null {
  const [, day = '', clock, seconds = '00', offset, zone = contactZone] = ISO.exec(text) ?? [];
  const dayMs = Date.parse(`${day}T00:00:00Z`);
  if (!isDay(dayMs, day) || (zone !== contactZone && !isTimeZone(zone))) return null;
  if (clock === undefined) return dayFrom(dayMs, zone);
  const wallMs = Date.parse(`${day}T${clock}:${seconds}Z`);
  if (Number.isNaN(wallMs)) return null;
  if (offset === undefined) return exactly(instantOf(wallMs, zone));
  const at = Date.parse(`${day}T${clock}:${seconds}${offset.toUpperCase()}`);
  return Number.isNaN(at) ? null : exactly(at);
}

/** The engine takes February 30 for March 2. */
function isDay(dayMs: number, text: string): boolean {
  return !Number.isNaN(dayMs) && new Date(dayMs).toISOString().startsWith(text);
}

function readWords(asked: string, from: number, zone: string): AskedTime | null {
  const text = inDigits(asked);
  if (isOrderUnclear(text)) return null;
  const timezone = Math.round(offsetSpanAt(from, zone).offsetMs / MINUTE_MS);
  const [result, another] = reader().parse(
    text,
    { instant: new Date(from), timezone },
    { forwardDate: true },
  );
  if (!result || another) return null;
  const rest = restOf(text, result);
  return TURNS.test(rest) || OTHER_CLOCK.test(rest) ? null : timeOf(result, text, zone);
}

/** What people say of a clock and the library does not read: `at five`, `half past four`, `quarter to six`. */
function inDigits(text: string): string {
  return text
    .replace(
      DOTTED,
      (_, day: string, month: string, year: string) => `${year}-${twoDigits(month)}-${twoDigits(day)}`,
    )
    .replace(
      SPOKEN_HOUR,
      (_, word: string, hour: string) => `${word} ${HOURS.indexOf(hour.toLowerCase()) + 1}`,
    )
    .replace(/\bhalf past (\d{1,2})\b/i, 'at $1:30')
    .replace(/\b(?:a )?quarter past (\d{1,2})\b/i, 'at $1:15')
    .replace(
      /\b(?:a )?quarter to (\d{1,2})\b/i,
      (_, hour: string) => `at ${(Number(hour) + 11) % 12 || 12}:45`,
    );
}

function twoDigits(text: string): string {
  return text.padStart(2, '0');
}

function isOrderUnclear(text: string): boolean {
  const [, first = '', second = ''] = SLASHED.exec(text) ?? [];
  return first !== second && Number(first) <= 12 && Number(second) <= 12;
}

function restOf(text: string, { index, text: read }: ParsedResult): string {
  return `${text.slice(0, index)} ${text.slice(index + read.length)}`;
}

/** The parts that were said decide how exact it is; those that the library fills in do not count. */
function timeOf({ start }: ParsedResult, text: string, zone: string): AskedTime | null {
  if (start.isCertain('timezoneOffset') && start.isCertain('hour')) return exactly(start.date().getTime());
  const dayMs = Date.UTC(start.get('year') ?? NaN, (start.get('month') ?? NaN) - 1, start.get('day') ?? NaN);
  if (start.isCertain('hour')) return exactly(instantOf(dayMs + timeOfDayMs(start), zone));
  const part = PARTS.find(([words]) => words.test(text));
  if (part) {
    const at = instantOf(dayMs + part[1] * MINUTE_MS, zone);
    return { at, until: instantOf(dayMs + DAY_MS, zone), precision: 'part_of_day' };
  }
  return start.isCertain('day') || start.isCertain('weekday') ? dayFrom(dayMs, zone) : null;
}

function timeOfDayMs(start: ParsedResult['start']): number {
  return (
    ((start.get('hour') ?? 0) * 60 + (start.get('minute') ?? 0)) * MINUTE_MS +
    (start.get('second') ?? 0) * 1000
  );
}

function exactly(at: number): AskedTime {
  return { at, until: at, precision: 'time' };
}

function dayFrom(dayMs: number, zone: string): AskedTime {
  return { at: instantOf(dayMs, zone), until: instantOf(dayMs + DAY_MS, zone), precision: 'day' };
}

function preferAfternoon(result: ParsingResult): ParsingResult {
  const hour = result.start.get('hour') ?? 0;
  const isPlain = result.start.isCertain('hour') && !result.start.isCertain('meridiem');
  if (!isPlain || hour < 1 || hour > LAST_HOUR_OF_AFTERNOON || /\b0\d/.test(result.text)) return result;
  for (const part of [result.start, result.end])
    if (part && (part.get('hour') ?? 0) < 12)
      part.assign('hour', (part.get('hour') ?? 0) + 12).assign('meridiem', 1);
  return result;
}
