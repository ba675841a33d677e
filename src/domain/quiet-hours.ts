import { isTimeZone } from '../lib/time-zone.js';
import { type CalendarContent } from './calendar.js';

/** Hours by weekday, minutes of the local day; the same form as those of a calendar. */
type Hours = CalendarContent['open'];

/** When contacts may be reached. A row for the zone counts before one for the country, that before the default. */
export interface ContactHours {
  default: Hours;
  /** By ISO code of two letters. */
  countries: Record<string, Hours>;
  /** By IANA zone, under any of its names. */
  zones: Record<string, Hours>;
}

const EIGHT_TO_NINE = [{ fromMinute: 8 * 60, toMinute: 21 * 60 }];

/** 08:00 to 21:00 every day, on the clock of the contact. */
export const DEFAULT_CONTACT_HOURS: ContactHours = {
  default: {
    mon: EIGHT_TO_NINE,
    tue: EIGHT_TO_NINE,
    wed: EIGHT_TO_NINE,
    thu: EIGHT_TO_NINE,
    fri: EIGHT_TO_NINE,
    sat: EIGHT_TO_NINE,
    sun: EIGHT_TO_NINE,
  },
  countries: {},
  zones: {},
};

/** The hours of every zone in which the contact may be, each on its own clock. */
export function contactCalendars(
  hours: ContactHours,
  zones: readonly string[],
  country: string | null,
): CalendarContent[] {
  return zones.map((timezone) => ({ open: hoursIn(hours, timezone, country), timezone, holidays: [] }));
}

function hoursIn(
  { zones, countries, default: usual }: ContactHours,
  zone: string,
  country: string | null,
): Hours {
  const ofZone = rowOfZone(zones, zone);
  if (ofZone !== undefined) return ofZone;
  return country !== null && Object.hasOwn(countries, country) ? (countries[country] as Hours) : usual;
}

/** People write `Asia/Kolkata` where a phone number tells `Asia/Calcutta`; the row as written goes first. */
function rowOfZone(rows: ContactHours['zones'], zone: string): Hours | undefined {
  if (Object.hasOwn(rows, zone)) return rows[zone];
  const names = Object.keys(rows);
  if (names.length === 0) return undefined;
  const name = names.find((row) => oneNameOf(row) === oneNameOf(zone));
  return name === undefined ? undefined : rows[name];
}

/** Asking the engine takes longer than the rest, and the gate asks for the same few zones all day. */
const REMEMBERED = 1_000;
const remembered = new Map<string, string>();

function oneNameOf(zone: string): string {
  const known = remembered.get(zone);
  if (known !== undefined) return known;
  if (remembered.size >= REMEMBERED) remembered.clear();
  const name = isTimeZone(zone)
    ? new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
    : zone;
  remembered.set(zone, name);
  return name;
}
