import { type Json } from '../lib/json.js';
import { isTimeZone } from '../lib/time-zone.js';
import { zonesOfPhone } from './phone-zones.js';

/** Who told the zone, the most trusted first. */
export const ZONE_ORIGINS = ['field', 'crm', 'campaign', 'source', 'phone'] as const;
export type ZoneOrigin = (typeof ZONE_ORIGINS)[number];

/** What is known about where a contact is; whatever is not known is left out. */
export interface ZoneHints {
  /** Value of a field of the call; expected is an IANA zone. */
  field?: Json;
  /** What the CRM answered; expected is an IANA zone. */
  crm?: Json;
  /** Zone of the campaign's hours. */
  campaign?: Json;
  /** Zone of the source. */
  source?: Json;
  /** `+` and 7 to 15 digits. */
  phone?: string | null;
}

export interface ContactZone {
  /** IANA zones, at least one: only a phone number leaves several, and what reaches the contact must suit them all. */
  zones: readonly string[];
  from: ZoneOrigin;
}

export interface ZoneChoice {
  /** Null when nothing tells where the contact is. */
  zone: ContactZone | null;
  /** What was said and is no zone, so that it can be shown: the next hint counts instead. */
  notUsed: { from: ZoneOrigin; value: Json }[];
}

const REMEMBERED = 1_000;
const remembered = new Map<string, string | null>();

/** Whose time counts: a field of the call, then the CRM, the campaign, the source and the phone number. */
export function contactZone(hints: ZoneHints): ZoneChoice {
  const notUsed: ZoneChoice['notUsed'] = [];
  for (const from of ['field', 'crm', 'campaign', 'source'] as const) {
    const value = hints[from];
    if (value === undefined || value === null || value === '') continue;
    const name = zoneNamed(value);
    if (name !== null) return { zone: { zones: [name], from }, notUsed };
    notUsed.push({ from, value });
  }
  const zones = zonesOfPhone(hints.phone ?? '');
  return { zone: zones.length > 0 ? { zones, from: 'phone' } : null, notUsed };
}

/** Asking the engine takes longer than the rest; the same few names come with every call. */
function zoneNamed(value: Json): string | null {
  if (typeof value !== 'string' || value.length > 64) return null;
  const known = remembered.get(value);
  if (known !== undefined) return known;
  if (remembered.size >= REMEMBERED) remembered.clear();
  const name = value.trim();
  const zone = isTimeZone(name) ? inUsualCase(name) : null;
  remembered.set(value, zone);
  return zone;
}

/** `europe/vienna` is a zone too. The engine answers with the older of two names, where there are two: not with that. */
function inUsualCase(name: string): string {
  const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
  return timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name;
}
