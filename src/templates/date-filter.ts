import { DateTime } from 'luxon';
import { type Clock } from '../lib/clock.js';
import { isTimeZone } from '../lib/time-zone.js';
import { textOf } from './escape.js';

const DEFAULT_FORMAT = '%A, %B %-e, %Y at %-l:%M %P %z';
/** `%-d`, `%05j`, `%:z`: flags, width, code. */
const DIRECTIVE = /%([-_0^#:]*)(\d*)([A-Za-z%])/g;
/** Seconds up to the year 5138; larger numbers are milliseconds. */
const LARGEST_SECONDS = 100_000_000_000;
const LONGEST_DATE = 64;
const LONGEST_FORMAT = 1_000;
const WIDEST = 64;

interface Part {
  text: (time: DateTime) => string;
  width?: number;
  pad?: '0' | ' ';
}

const number = (width: number, read: (time: DateTime) => number, pad: '0' | ' ' = '0'): Part => ({
  text: (time) => String(read(time)),
  width,
  pad,
});
const word = (format: string): Part => ({
  text: (time) => time.toFormat(format, { locale: 'en-US' }),
  pad: ' ',
});
const hour12 = (time: DateTime): number => time.hour % 12 || 12;

const PARTS: Record<string, Part> = {
  a: word('ccc'),
  A: word('cccc'),
  b: word('LLL'),
  h: word('LLL'),
  B: word('LLLL'),
  c: word('ccc LLL d HH:mm:ss yyyy'),
  C: number(2, (time) => Math.floor(time.year / 100)),
  d: number(2, (time) => time.day),
  D: word('LL/dd/yy'),
  e: number(2, (time) => time.day, ' '),
  F: word('yyyy-LL-dd'),
  G: number(4, (time) => time.weekYear),
  H: number(2, (time) => time.hour),
  I: number(2, hour12),
  j: number(3, (time) => time.ordinal),
  k: number(2, (time) => time.hour, ' '),
  l: number(2, hour12, ' '),
  L: number(3, (time) => time.millisecond),
  m: number(2, (time) => time.month),
  M: number(2, (time) => time.minute),
  n: { text: () => '\n' },
  N: { text: (time) => `${String(time.millisecond).padStart(3, '0')}000000` },
  p: { text: (time) => (time.hour < 12 ? 'AM' : 'PM') },
  P: { text: (time) => (time.hour < 12 ? 'am' : 'pm') },
  q: { text: (time) => ordinal(time.day) },
  R: word('HH:mm'),
  s: { text: (time) => String(Math.floor(time.toSeconds())) },
  S: number(2, (time) => time.second),
  t: { text: () => '\t' },
  T: word('HH:mm:ss'),
  u: number(1, (time) => time.weekday),
  U: number(2, (time) => weekOfYear(time, 0)),
  V: number(2, (time) => time.weekNumber),
  w: number(1, (time) => time.weekday % 7),
  W: number(2, (time) => weekOfYear(time, 1)),
  x: word('LL/dd/yyyy'),
  X: word('HH:mm:ss'),
  y: number(2, (time) => time.year % 100),
  Y: number(4, (time) => time.year),
  z: word('ZZZ'),
  Z: { text: (time) => time.setLocale('en-US').offsetNameShort ?? '' },
  '%': { text: () => '%' },
};

/**
 * The `date` filter: `{{ created_at | date: '%d.%m.%Y %H:%M' }}` in the file's zone, or in the one given as a
 * second argument. Reads ISO 8601, `YYYY-MM-DD hh:mm:ss`, RFC 2822, Unix time and `now`; times without a zone
 * are in the file's. What is no time is printed as it is. Names of days and months are English.
 */
export function dateFilter(timezone: string, clock: Clock) {
  return (value: unknown, format: unknown, zoneName: unknown): unknown => {
    const zone = zoneName === null || zoneName === undefined ? timezone : knownZone(textOf(zoneName));
    const time = readTime(value, timezone, clock);
    if (!time) return value;
    const pattern = format === null || format === undefined ? DEFAULT_FORMAT : textOf(format);
    if (pattern.length > LONGEST_FORMAT) throw new Error('the format of a date is too long');
    return strftime(time.setZone(zone), pattern);
  };
}

function knownZone(name: string): string {
  if (!isTimeZone(name))
    throw new Error('`date` was given an unknown time zone; expected one such as Europe/Vienna');
  return name;
}

const READERS: ((text: string, zone: string) => DateTime)[] = [
  (text, zone) => DateTime.fromISO(text, { zone }),
  (text, zone) => DateTime.fromSQL(text, { zone }),
  (text) => DateTime.fromRFC2822(text),
];

function readTime(value: unknown, zone: string, clock: Clock): DateTime | null {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string' || value.length > LONGEST_DATE) return null;
  const text = value.trim();
  if (text === 'now' || text === 'today') return DateTime.fromMillis(clock.now());
  if (/^\d{9,13}$/.test(text)) return fromNumber(Number(text));
  for (const read of READERS) {
    const time = read(text, zone);
    if (time.isValid) return time;
  }
  return null;
}

function fromNumber(value: number): DateTime | null {
  const time = DateTime.fromMillis(Math.abs(value) > LARGEST_SECONDS ? value : value * 1000);
  return time.isValid ? time : null;
}

function strftime(time: DateTime, pattern: string): string {
  return pattern.replace(DIRECTIVE, (whole: string, flags: string, width: string, code: string) => {
    const part = Object.hasOwn(PARTS, code) ? PARTS[code] : undefined;
    return part ? print(time, part, flags, width) : whole;
  });
}

function print(time: DateTime, part: Part, flags: string, width: string): string {
  if (Number(width) > WIDEST) throw new Error(`a date is padded to more than ${WIDEST} characters`);
  let text = part === PARTS.z && flags.includes(':') ? time.toFormat('ZZ') : part.text(time);
  if (part === PARTS.N && width !== '') return text.slice(0, Number(width)).padEnd(Number(width), '0');
  if (flags.includes('^')) text = text.toUpperCase();
  if (flags.includes('#')) text = /[a-z]/.test(text) ? text.toUpperCase() : text.toLowerCase();
  if (flags.includes('-')) return text;
  const pad = flags.includes('_') ? ' ' : flags.includes('0') ? '0' : (part.pad ?? '0');
  return text.padStart(Number(width) || (part.width ?? 0), pad);
}

/** Weeks that start on Sunday (0) or Monday (1); days before the first of them are week 0. */
function weekOfYear(time: DateTime, firstDay: 0 | 1): number {
  const sinceFirstDay = ((time.weekday % 7) - firstDay + 7) % 7;
  return Math.floor((time.ordinal - 1 - sinceFirstDay + 7) / 7);
}

function ordinal(day: number): string {
  if (day >= 11 && day <= 13) return 'th';
  return { 1: 'st', 2: 'nd', 3: 'rd' }[day % 10] ?? 'th';
}
