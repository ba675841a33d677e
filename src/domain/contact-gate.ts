import { type CalendarContent } from './calendar.js';
import { type ContactChannel, type ContactLimits, freeAt, type Reached } from './contact-limits.js';
import { type ContactZone, type ZoneOrigin } from './contact-zone.js';
import { nextOpenInAll } from './open-hours.js';
import { contactCalendars, type ContactHours } from './quiet-hours.js';
import { lengthText } from './time-text.js';
import { DAY_MS, wallText } from './wall-clock.js';

/** All that the gate looks at. Times are milliseconds since the epoch. */
export interface ContactQuestion {
  now: number;
  channel: ContactChannel;
  /** Where the contact is, as `contactZone` says; null when nothing tells. */
  zone: ContactZone | null;
  /** Two letters, for the table of hours; null when not known. */
  country: string | null;
  hours: ContactHours;
  /** Further calendars that all have to be open: the action's window, say. */
  windows: readonly CalendarContent[];
  /** On the list of contacts that are not to be reached. */
  stopped: boolean;
  /** Whom and when we reached, at least as far back as the longest limit; in any order. */
  reached: readonly Reached[];
  limits: ContactLimits;
  consent: true | false | 'missing' | 'not_required';
  /** When the call ended and when we heard of it; a follow-up may well be due days after. Null when not told. */
  endedAt: number | null;
  receivedAt: number;
  /** What was told later than this after the end of its call reaches nobody: vendors resend old calls in bulk. Default 1 day. */
  maxAgeMs?: number;
  /** A limit that frees later than this skips instead. Default 7 days. */
  longestWaitMs?: number;
}

type Word =
  | 'stopped'
  | 'no_consent'
  | 'consent_missing'
  | 'too_old'
  | 'zone_unknown'
  | 'quiet_hours'
  | 'outside_window'
  | 'contact_limit'
  | 'never_open';

/** The word for the store, details for people after a colon. */
export type ContactReason = Word | `${Word}: ${string}`;

export type ContactVerdict =
  /** `why` names the zone, its local time and who told the zone. */
  | { is: 'go'; why: string }
  /** `until` is later than `now`, and allowed by hours, windows and the limits as they stand. */
  | { is: 'wait'; until: number; reason: ContactReason }
  | { is: 'skipped' | 'held'; reason: ContactReason };

/** Who told a zone, for people. */
export const ORIGINS: Record<ZoneOrigin, string> = {
  field: 'a field of the call',
  crm: 'the CRM',
  campaign: 'the campaign',
  source: 'the source',
  phone: 'the phone number',
};

/**
 * Whether a contact may be reached now. Asked when a delivery is due, and again after every wait, retry and replay:
 * what was allowed when it was planned may not be any more.
 */
export function mayReach(question: ContactQuestion): ContactVerdict {
  return refusal(question) ?? allowedTime(question, question.zone);
}

/** What no waiting cures. Null when there is nothing of the kind. */
function refusal(question: ContactQuestion): ContactVerdict | null {
  const { stopped, consent, endedAt, receivedAt, maxAgeMs = DAY_MS } = question;
  if (stopped) return { is: 'skipped', reason: 'stopped' };
  if (consent === false) return { is: 'skipped', reason: 'no_consent' };
  if (endedAt !== null && receivedAt - endedAt > maxAgeMs)
    return {
      is: 'skipped',
      reason: `too_old: told ${lengthText(receivedAt - endedAt)} after the call ended`,
    };
  return consent === 'missing' ? { is: 'held', reason: 'consent_missing' } : null;
}

function allowedTime(question: ContactQuestion, zone: ContactZone | null): ContactVerdict {
  if (zone === null || zone.zones.length === 0) return { is: 'held', reason: 'zone_unknown' };
  const { now, windows, limits, longestWaitMs = 7 * DAY_MS } = question;
  const quiet = contactCalendars(question.hours, zone.zones, question.country);
  const free = freeAt(question, limits);
  if (free.at - now > longestWaitMs)
    return {
      is: 'skipped',
      reason: `contact_limit: ${free.limit} is used up for ${lengthText(free.at - now)}`,
    };
  const until = nextOpenInAll([...quiet, ...windows], free.at);
  if (until === null)
    return { is: 'held', reason: `never_open: no hour suits ${zone.zones.join(', ')} and its windows` };
  if (until <= now) return { is: 'go', why: describe(now, zone) };
  return { is: 'wait', until, reason: waitReason(now, free, nextOpenInAll(quiet, now) === now, zone) };
}

function waitReason(
  now: number,
  free: { at: number; limit: string | null },
  isContactHour: boolean,
  zone: ContactZone,
): ContactReason {
  if (free.at > now) return `contact_limit: ${free.limit} is used up`;
  return `${isContactHour ? 'outside_window' : 'quiet_hours'}: ${describe(now, zone)}`;
}

/** `2026-03-10 10:15 in America/New_York, told by the phone number`; of many zones the first few. */
function describe(now: number, { zones, from }: ContactZone): string {
  const local = zones.slice(0, 3).map((zone) => `${wallText(now, zone)} in ${zone}`);
  const more = zones.length > 3 ? ` and ${zones.length - 3} more zones` : '';
  return `${local.join(', ')}${more}, told by ${ORIGINS[from]}`;
}
