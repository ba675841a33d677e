import { parseDuration } from '../lib/duration.js';

export interface DueTime {
  /** Milliseconds since the epoch. */
  at: number;
  /** `YYYY-MM-DD`: the date as written, else that in UTC. */
  date: string;
}

const TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?) ?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** The middle of the day in UTC has the same date nearly everywhere. */
const NOON = '12:00:00';

/**
 * When something is due: a date, a date with a time (UTC unless it names its zone), or how long after `from`, such
 * as `2h` or `1 day`. Null for anything else.
 */
export function readDueTime(text: string, from: number): DueTime | null {
  const waitMs = parseDuration(text);
  if (waitMs !== null) return { at: from + waitMs, date: new Date(from + waitMs).toISOString().slice(0, 10) };
  const [, date = '', time = NOON, zone = 'Z'] = TIME.exec(text.trim()) ?? [];
  const at = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(at) || !isDate(date) ? null : { at, date };
}

/** The engine takes February 30 for March 2. */
function isDate(date: string): boolean {
  return new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
}

export const DUE_PROBLEM =
  'is no time; expected a date or time such as 2027-01-31T09:00:00Z, or a wait such as 1 day';

/** The problem of a fixed text, for `check`; what a template gives is known only when a call comes in. */
export function checkDue(due: unknown): { path: string; problem: string }[] {
  if (typeof due !== 'string' || /\{[{%]/.test(due) || readDueTime(due, 0) !== null) return [];
  return [{ path: 'due', problem: DUE_PROBLEM }];
}
