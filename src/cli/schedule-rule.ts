import { type LiveRuleSet } from '../config/live.js';
import { type CalendarContent } from '../domain/calendar.js';
import { type ContactChannel } from '../domain/contact-limits.js';
import { type ContactZone, type ZoneChoice, type ZoneOrigin } from '../domain/contact-zone.js';
import { nextFlush } from '../domain/digest.js';
import { type Call } from '../domain/event.js';
import { nextOpen, nextOpenInAll } from '../domain/open-hours.js';
import { contactCalendars } from '../domain/quiet-hours.js';
import { writtenLength } from '../domain/time-text.js';
import { wallText } from '../domain/wall-clock.js';
import { ownProperty } from '../lib/json.js';
import { contactZoneOf } from '../plan/contact-zone-of.js';
import { planTiming, type TimedCall, windowOf } from '../plan/plan-timing.js';
import { resolveDestination } from '../plan/resolve-destination.js';
import { type ActionContent, type RuleContent } from '../rules/rule.js';
import { nextSlots } from './next-slots.js';

/** A time at which an action of the rule may happen. */
export interface Slot {
  /** ISO 8601, UTC, with milliseconds. */
  at: string;
  /** On the clock of the action's zone. */
  local: string;
  why: string;
}

export interface ScheduledAction {
  action: string;
  /** Name of the destination; empty where a table leads nowhere for this call. */
  to: string;
  /** Whose clock `local` is on. */
  zone: string;
  /** How it reaches the contact, and so whose hours it keeps; null: it does not. */
  channel: ContactChannel | null;
  slots: Slot[];
  /** Why it would be held or skipped in place of being due, else null. */
  reason: string | null;
}

export interface ScheduledContact {
  phone: string | null;
  /** Two letters, or null. */
  country: string | null;
  /** Where it may be; empty: nothing tells. */
  zones: readonly string[];
  /** Who told it: `field`, `crm`, `campaign`, `source` or `phone`. */
  from: ZoneOrigin | null;
  /** What was said of its zone and is none. */
  not_used: { from: string; value: unknown }[];
}

export interface Schedule {
  rule: string;
  state: RuleContent['state'];
  received_at: string;
  contact: ScheduledContact;
  /** Those with a time or window, and those that keep the hours of the contact. */
  actions: ScheduledAction[];
}

/** So many slots of each action are shown. */
const SLOTS = 10;

/** When the follow-ups of a rule would be due for a call, and when they could be after that. Pure. */
export function scheduleRule(live: LiveRuleSet, rule: RuleContent, call: TimedCall): Schedule {
  const choice = contactZoneOf(live.config, call);
  const contact = contactOf(call.data, choice);
  const where = { zone: choice.zone, country: contact.country };
  const actions = rule.actions.flatMap((action) => {
    const scheduled = scheduleAction(live, action, call, where);
    return scheduled === null ? [] : [scheduled];
  });
  const received = { received_at: new Date(call.receivedAt).toISOString() };
  return { rule: rule.id, state: rule.state, ...received, contact, actions };
}

function contactOf({ contact }: Call, { zone, notUsed }: ZoneChoice): ScheduledContact {
  const [phone, country] = ['phone', 'country'].map((key) => ownProperty(contact, key));
  return {
    phone: typeof phone === 'string' ? phone : null,
    country: typeof country === 'string' ? country : null,
    ...{ zones: zone?.zones ?? [], from: zone?.from ?? null, not_used: notUsed },
  };
}

/** Where the contact is, as far as anything tells. */
interface Where {
  zone: ContactZone | null;
  country: string | null;
}

/** Null for one that is done at once, whenever its call comes in. */
function scheduleAction(
  live: LiveRuleSet,
  action: ActionContent,
  call: TimedCall,
  where: Where,
): ScheduledAction | null {
  const due = planTiming(live, call, action);
  const to = resolveDestination(live, action.to, call.data) ?? '';
  const channel = channelOf(live, action, to);
  if (due === null && channel === null) return null;
  const window = windowOf(live, call, action.during ?? []);
  const shown = { action: action.id, to, channel, zone: window?.timezone ?? live.content.timezone };
  if (due !== null && due.is !== 'due') return { ...shown, slots: [], reason: due.reason };
  if (channel !== null && where.zone === null) return { ...shown, slots: [], reason: 'zone_unknown' };
  const gate = channel === null ? null : gateOf(live, where, shown.zone);
  const [from, why] = due === null ? [call.receivedAt, 'at once'] : [due.dueAt, due.why];
  const slots = action.digest
    ? flushesOf(action.digest.everyMs, { from, window, timezone: live.content.timezone }, shown.zone)
    : slotsOf({ from, why, window, gate }, shown.zone);
  return { ...shown, slots, reason: null };
}

/** What is collected goes out at times of its own, as far as its window is open. */
function flushesOf(
  everyMs: number,
  { from, window, timezone }: { from: number; window: CalendarContent | null; timezone: string },
  zone: string,
): Slot[] {
  const times = [from];
  for (let last = from; times.length < SLOTS; times.push(last)) {
    const flush = nextFlush(last, everyMs, timezone);
    const open = window === null ? flush : nextOpen(window, flush);
    if (open === null) break;
    last = open;
  }
  const why = `what was collected goes out, every ${writtenLength(everyMs)}`;
  return times.map((at) => ({ at: new Date(at).toISOString(), local: wallText(at, zone), why }));
}

function channelOf({ config }: LiveRuleSet, action: ActionContent, to: string): ContactChannel | null {
  const destination = config.destinations.get(to);
  const operation = destination?.operations[action.do ?? destination.defaultOperation ?? ''];
  return action.audience === 'staff' ? null : (operation?.reaches?.channel ?? null);
}

/** What is asked before anything reaches a contact: its hours, and in words what time it is there. */
interface Gate {
  hours: readonly CalendarContent[];
  /** Null where the contact is on the clock that is shown anyway. */
  words: (at: number) => string | null;
}

function gateOf({ config }: LiveRuleSet, { zone, country }: Where, shownZone: string): Gate {
  const zones = zone?.zones ?? [];
  const isShown = zones.length === 1 && zones[0] === shownZone;
  const words = (at: number) => (isShown ? null : `${timesText(at, zones)} for the contact`);
  return { hours: contactCalendars(config.contactHours, zones, country), words };
}

/** `2026-11-28 08:00 in America/New_York`; of many zones the first few. */
function timesText(at: number, zones: readonly string[]): string {
  const local = zones.slice(0, 3).map((zone) => `${wallText(at, zone)} in ${zone}`);
  const more = zones.length > 3 ? ` and ${zones.length - 3} more zones` : '';
  return `${local.join(', ')}${more}`;
}

interface Limits {
  /** When it is due, and how that came about. */
  from: number;
  why: string;
  window: CalendarContent | null;
  /** Null: it does not reach the contact. */
  gate: Gate | null;
}

function slotsOf({ from, why, window, gate }: Limits, zone: string): Slot[] {
  const windows = window === null ? [] : [window];
  const hours = gate?.hours ?? [];
  const calendars = [...windows, ...hours];
  const slots = calendars.length === 0 ? [from] : nextSlots(calendars, from, SLOTS);
  return slots.map((at, i) => {
    const opening = [
      ...(isOpening(windows, at) ? ['its window opens'] : []),
      ...(isOpening(hours, at) ? ['the contact may be reached'] : []),
    ].join(' and ');
    const how = i > 0 ? opening : at === from ? why : `${why}; then ${opening}`;
    const there = gate?.words(at) ?? null;
    const words = there === null ? how : `${how}; ${there}`;
    return { at: new Date(at).toISOString(), local: wallText(at, zone), why: words };
  });
}

function isOpening(calendars: readonly CalendarContent[], at: number): boolean {
  return calendars.length > 0 && nextOpenInAll(calendars, at - 1) !== at - 1;
}
