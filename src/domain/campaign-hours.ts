import { isJsonObject, type Json, ownProperty } from '../lib/json.js';
import { type CalendarContent, parseCalendar, type Weekday, WEEKDAYS } from './calendar.js';

/** Names these hours among calendars, and their clock among zones. */
export const CAMPAIGN = 'campaign';

/** `9`, `09:00`, `9:00:00`, `9.30`, `5 pm`, `5:30 PM`. */
const TIME = /^(\d{1,2})(?:[:.](\d{2})(?:[:.]\d{2}(?:\.\d+)?)?)?\s*(?:([ap])\.?m\.?)?$/i;
const DAY = /^(mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(day)?\.?$/i;
const DAY_END = 24 * 60;

/**
 * When a campaign lets its contacts be called: `allowed_hours_start_time`, `allowed_hours_end_time` and
 * `allowed_days` of the campaign of a call, which names no zone, as a calendar of `timezone`. What is missing, empty
 * or cannot be read restricts nothing: without readable days every day counts, without readable hours the whole day.
 * Null when neither can be read, or when there is no campaign. Hours that end before they start reach into the next
 * day.
 */
export function campaignHours(campaign: Json | undefined, timezone: string): CalendarContent | null {
  const from = readTime(ownProperty(campaign, 'allowed_hours_start_time'));
  const to = readTime(ownProperty(campaign, 'allowed_hours_end_time'));
  const days = readDays(ownProperty(campaign, 'allowed_days'));
  if (from === null && to === null && days.length === 0) return null;
  const key = (days.length === 0 ? WEEKDAYS : days).join(',');
  return parseCalendar({ open: { [key]: hoursText(from, to) } }, timezone).calendar;
}

/** Hours that end where they start are taken for the whole day. */
function hoursText(from: number | null, to: number | null): string {
  const fromMinute = (from ?? 0) % DAY_END;
  const toMinute = to === null || to === 0 ? DAY_END : to;
  return fromMinute === toMinute ? '00:00-24:00' : `${clockText(fromMinute)}-${clockText(toMinute)}`;
}

/** Minutes of the day; a number is one of hours. */
function readTime(value: Json | undefined): number | null {
  if (typeof value === 'number') return value >= 0 && value <= 24 ? Math.round(value * 60) : null;
  const match = typeof value === 'string' ? TIME.exec(value.trim()) : null;
  if (!match) return null;
  const [, hours = '', minutes = '0', half] = match;
  const hour = half === undefined ? Number(hours) : toHour24(Number(hours), half.toLowerCase());
  const minute = hour * 60 + Number(minutes);
  return Number(minutes) < 60 && minute <= DAY_END ? minute : null;
}

/** `NaN` for what no clock of twelve hours shows. */
function toHour24(hour: number, half: string): number {
  if (hour < 1 || hour > 12) return NaN;
  return (hour % 12) + (half === 'p' ? 12 : 0);
}

/** Names in any case, whole or shortened; numbers from 1 (Monday), 0 and 7 for Sunday. As a list, as text, or by key. */
function readDays(value: Json | undefined): Weekday[] {
  const named = listOf(value).map(readDay);
  return WEEKDAYS.filter((day) => named.includes(day));
}

/** PHP sends a list with a gap as an object: `{"0": "monday", "2": "friday"}`. */
function listOf(value: Json | undefined): Json[] {
  if (typeof value === 'string') return value.split(/[\s,;]+/);
  if (isJsonObject(value)) return Object.entries(value).map(([key, on]) => (on === true ? key : on));
  return Array.isArray(value) ? value : [];
}

function readDay(named: Json): Weekday | null {
  const text = typeof named === 'number' ? String(named) : typeof named === 'string' ? named.trim() : '';
  if (/^[0-7]$/.test(text)) return WEEKDAYS[(Number(text) + 6) % 7] ?? null;
  return DAY.test(text) ? (text.toLowerCase().slice(0, 3) as Weekday) : null;
}

function clockText(minute: number): string {
  const [hours, minutes] = [Math.floor(minute / 60), minute % 60];
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}
