import { type Wait } from '../lib/duration.js';
import { addBusinessDays } from './business-days.js';
import { addBusinessTime } from './business-time.js';
import { type CalendarContent } from './calendar.js';
import { nextOpen } from './open-hours.js';
import { type AskedTime, readTime } from './read-time.js';
import { lengthText, writtenLength } from './time-text.js';
import { DAY_MS, isInRange, MINUTE_MS, wallText } from './wall-clock.js';

/** `at:` of an action: a time that the contact asked for. */
export interface AskedTiming {
  /** Rendered text, read by `readTime`. */
  text: string;
  /** Zones whose clock is meant; of several possible ones all must give the same instant. Empty: not known. */
  zones: readonly string[];
  /** Default `now`. */
  ifPast?: 'now' | 'skip' | 'hold';
  /** No time, or one that is not the same in all possible zones. Default `hold`. */
  ifUnreadable?: 'hold' | 'skip' | 'now';
  /** What lies further ahead is held: most likely nobody said that. Default 30 days. */
  atMostMs?: number;
}

/** `after` or `at` of an action; an action without either is due at once, or `why` says what it waits for. */
export type Timing = { after: Wait } | { at: AskedTiming } | { atOnce: true; why?: string };

export interface DuePlan {
  timing: Timing;
  /** What waits and words such as `tomorrow` count from: the time of the call. Milliseconds since the epoch. */
  from: number;
  /** The time of planning; nothing is due before it. */
  now: number;
  /** `during`, in order: the first that exists counts (a call without campaign has no campaign hours: null). */
  during: readonly (CalendarContent | null)[];
  /** Zone of the file: business days and hours without a calendar, and the times in `why`. */
  timezone: string;
}

type Reason = 'unreadable_time' | 'past_time' | 'too_far_ahead' | 'never_open';

export type DueVerdict =
  /** `why` tells people how the time came about. */
  { is: 'due'; dueAt: number; why: string } | { is: 'held' | 'skipped'; reason: `${Reason}: ${string}` };

type Wanted = Extract<DueVerdict, { is: 'held' | 'skipped' }> | { is: 'wanted'; at: number; why: string };

/** A webhook takes its time: "now" and "in two minutes" are not past as soon as it arrives. */
const PAST_AFTER_MS = 10 * MINUTE_MS;
const DEFAULT_AT_MOST_MS = 30 * DAY_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** When an action is due: at the time that its timing names, or when its window opens next. */
export function planDue({ timing, from, now, during, timezone }: DuePlan): DueVerdict {
  const window = during.find((calendar) => calendar !== null) ?? null;
  const wanted = wantedTime(timing, from, now, window ?? { timezone });
  return wanted.is === 'wanted' ? moveIntoWindow(wanted.at, wanted.why, window, timezone) : wanted;
}

function wantedTime(
  timing: Timing,
  from: number,
  now: number,
  calendar: CalendarContent | { timezone: string },
): Wanted {
  if ('at' in timing) return askedTime(timing.at, from, now);
  const { after } = 'after' in timing ? timing : { after: { in: 'ms', ms: 0 } as const };
  const at = waitFrom(from, after, calendar);
  if (at === null || !isInRange(at))
    return { is: 'held', reason: `never_open: no time is in sight that lies ${waitText(after)}` };
  return {
    is: 'wanted',
    at: Math.max(at, now),
    why: 'after' in timing ? waitText(after) : (timing.why ?? 'at once'),
  };
}

/** Null when the calendar has no end of the wait in sight. */
function waitFrom(from: number, wait: Wait, calendar: CalendarContent | { timezone: string }): number | null {
  switch (wait.in) {
    case 'ms':
      return from + wait.ms;
    case 'business_days':
      return addBusinessDays(from, wait.days, calendar);
    case 'business_hours':
      return addBusinessTime(from, wait.ms, calendar);
  }
}

function askedTime(
  { text, zones, ifPast, ifUnreadable, atMostMs }: AskedTiming,
  from: number,
  now: number,
): Wanted {
  const asked = readInAll(text, zones, from);
  if (typeof asked === 'string') return otherwise(ifUnreadable ?? 'hold', `unreadable_time: ${asked}`, now);
  if (asked.until < now - PAST_AFTER_MS)
    return otherwise(ifPast ?? 'now', `past_time: ${quoted(text)} is over`, now);
  if (asked.at - from > (atMostMs ?? DEFAULT_AT_MOST_MS))
    return {
      is: 'held',
      reason: `too_far_ahead: ${quoted(text)} is ${lengthText(asked.at - from)} after the call`,
    };
  return { is: 'wanted', at: Math.max(asked.at, now), why: `asked for: ${quoted(text)}` };
}

/** A time with an offset, or one such as `in two hours`, is the same in every zone. In words what is wrong. */
function readInAll(text: string, zones: readonly string[], from: number): AskedTime | string {
  const [first, ...others] = (zones.length > 0 ? zones : ['UTC']).map((zone) =>
    readTime(text, { from, zone }),
  );
  if (!first) return quoted(text);
  if (zones.length === 0 && readTime(text, { from, zone: 'Pacific/Kiritimati' })?.at !== first.at)
    return `${quoted(text)}, and the zone of the contact is not known`;
  const differs = others.some((other) => other?.at !== first.at);
  return differs ? `${quoted(text)} is not the same in ${zones.join(', ')}` : first;
}

function otherwise(what: 'now' | 'skip' | 'hold', reason: `${Reason}: ${string}`, now: number): Wanted {
  if (what === 'now') return { is: 'wanted', at: now, why: `at once, since ${inWords(reason)}` };
  return { is: what === 'skip' ? 'skipped' : 'held', reason };
}

/** The word of a reason is for the store; people are told what it stands for. */
function inWords(reason: string): string {
  const [, word, detail = ''] = /^(\w+): (.*)$/s.exec(reason) ?? [];
  return word === 'past_time' ? detail : `its time cannot be told from ${detail}`;
}

function moveIntoWindow(
  at: number,
  why: string,
  window: CalendarContent | null,
  timezone: string,
): DueVerdict {
  const dueAt = window === null ? at : nextOpen(window, at);
  if (dueAt === null) return { is: 'held', reason: 'never_open: its window stays closed for 400 days' };
  const moved = dueAt === at ? '' : '; moved into the next window';
  const zone = window?.timezone ?? timezone;
  return { is: 'due', dueAt, why: `${why}${moved}: ${wallText(dueAt, zone)} in ${zone}` };
}

function waitText(wait: Wait): string {
  switch (wait.in) {
    case 'ms':
      return `${writtenLength(wait.ms)} after the call`;
    case 'business_days':
      return `${counted(wait.days, 'business day')} after the call`;
    case 'business_hours':
      return `${businessTimeText(wait.ms)} after the call`;
  }
}

/** As it was written, and not rounded: a day of business has not 24 hours. */
function businessTimeText(ms: number): string {
  const hours = ms / HOUR_MS;
  return Number.isInteger(hours)
    ? counted(hours, 'business hour')
    : counted(Math.round(ms / MINUTE_MS), 'business minute');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function quoted(text: string): string {
  return `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`;
}
