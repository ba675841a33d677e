const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;

/** A hundred years: whatever is longer is a slip of the pen, and would leave the range of dates. */
const LONGEST_MS = 36_525 * DAY_MS;

const UNITS: [words: RegExp, ms: number][] = [
  [/^(ms|milliseconds?)$/, 1],
  [/^(s|sec|secs|seconds?)$/, SECOND_MS],
  [/^(m|min|mins|minutes?)$/, MINUTE_MS],
  [/^(h|hours?)$/, HOUR_MS],
  [/^(d|days?)$/, DAY_MS],
  [/^(w|weeks?)$/, WEEK_MS],
];

/** What `parseWait` understands: a stretch of time, or days or open hours that a calendar has to count. */
export type Wait =
  { in: 'ms'; ms: number } | { in: 'business_days'; days: number } | { in: 'business_hours'; ms: number };

/** At most `count` per `perMs`. */
export interface Quantity {
  count: number;
  perMs: number;
}

/**
 * Milliseconds of a duration: `500ms`, `30s`, `2h30m`, `1w`, `15 minutes`, `1 hour 30 minutes`, `PT30S`,
 * `P1DT2H`. Units stand from large to small, each at most once. Null for anything else; months and years
 * have no fixed length and are not durations.
 */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  const ms = /^P/.test(trimmed) ? parseIsoDuration(trimmed) : parseUnits(trimmed.toLowerCase());
  return ms === null || ms > LONGEST_MS ? null : ms;
}

/** A duration, `2 business days`, `4 business hours` or `90 business minutes`. Null for anything else. */
export function parseWait(text: string): Wait | null {
  const plain = text.trim().replace(/\s+/g, ' ');
  const [, amount, unit] = /^(\d{1,4}) business (day|hour|minute)s?$/i.exec(plain) ?? [];
  if (amount === undefined) {
    const ms = parseDuration(text);
    return ms === null ? null : { in: 'ms', ms };
  }
  if (unit?.toLowerCase() === 'day') return { in: 'business_days', days: Number(amount) };
  const unitMs = unit?.toLowerCase() === 'hour' ? HOUR_MS : MINUTE_MS;
  return { in: 'business_hours', ms: Number(amount) * unitMs };
}

/** `1/s`, `100/10s`, `3/day`: how many per stretch of time. Null for anything else, zero included. */
export function parseQuantity(text: string): Quantity | null {
  const match = /^(\d{1,9})\s*\/\s*(\S.*)$/.exec(text.trim());
  const [, amount = '', per = ''] = match ?? [];
  const count = Number(amount);
  const perMs = parseDuration(/^\d/.test(per) ? per : `1 ${per}`);
  return count > 0 && perMs !== null && perMs > 0 ? { count, perMs } : null;
}

function parseUnits(text: string): number | null {
  if (!/^(\d{1,15}\s*[a-z]+\s*)+$/.test(text)) return null;
  let total = 0;
  let smallest = Infinity;
  for (const [, amount, word] of text.matchAll(/(\d+)\s*([a-z]+)/g)) {
    const unitMs = unitOf(word ?? '');
    if (unitMs === null || unitMs >= smallest) return null;
    smallest = unitMs;
    total += Number(amount) * unitMs;
  }
  return total;
}

function unitOf(word: string): number | null {
  return UNITS.find(([words]) => words.test(word))?.[1] ?? null;
}

const ISO = /^P(?:(\d{1,9})W|(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?)$/;

function parseIsoDuration(text: string): number | null {
  const match = ISO.exec(text);
  if (!match || /[PT]$/.test(text)) return null;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (
    (weeks ?? 0) * WEEK_MS +
    (days ?? 0) * DAY_MS +
    (hours ?? 0) * HOUR_MS +
    (minutes ?? 0) * MINUTE_MS +
    (seconds ?? 0) * SECOND_MS
  );
}
