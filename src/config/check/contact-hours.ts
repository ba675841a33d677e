import { getCountries, isSupportedCountry } from 'libphonenumber-js/min';
import { type CalendarContent, parseCalendar } from '../../domain/calendar.js';
import { type ContactHours, DEFAULT_CONTACT_HOURS } from '../../domain/quiet-hours.js';
import { nearest } from '../../lib/nearest.js';
import { isTimeZone, timeZoneNames } from '../../lib/time-zone.js';
import { type Findings } from '../findings.js';
import { followWords, type Path } from '../path.js';
import { type MainSettings } from './main-settings.js';

type Hours = CalendarContent['open'];

const BASE: Path = ['contacts', 'hours'];

/** `contacts: { hours }`: when contacts may be reached. Parts that are left out keep their default. */
export function checkContactHours({ file, values }: MainSettings, findings: Findings): ContactHours {
  const { default: usual, countries, zones } = values.contacts.hours;
  const report = (path: Path, message: string, at: 'key' | 'value' = 'value') =>
    findings.error(file, [...BASE, ...path], message, at);
  for (const code of Object.keys(countries))
    if (!isSupportedCountry(code)) report(['countries', code], unknownCountry(code), 'key');
  for (const zone of Object.keys(zones))
    if (!isTimeZone(zone)) report(['zones', zone], unknownZone(zone), 'key');
  return {
    default: usual === undefined ? DEFAULT_CONTACT_HOURS.default : readHours(usual, ['default'], report),
    countries: eachHours(countries, 'countries', report),
    zones: eachHours(zones, 'zones', report),
  };
}

type Report = (path: Path, message: string) => void;

function eachHours(rows: Record<string, unknown>, part: string, report: Report): Record<string, Hours> {
  const read = ([key, hours]: [string, unknown]) => [key, readHours(hours, [part, key], report)] as const;
  return Object.fromEntries(Object.entries(rows).map(read));
}

/** As the `open` of a calendar; a day that it does not name is closed. */
function readHours(open: unknown, path: Path, report: Report): Hours {
  const { calendar, problems } = parseCalendar({ open }, 'UTC');
  for (const problem of problems)
    report([...path, ...followWords({ open }, problem.path).slice(1)], problem.message);
  return calendar.open;
}

/** What people write for a country in place of its code. */
const MEANT: Record<string, string> = { UK: 'GB', EN: 'GB', USA: 'US', EL: 'GR' };

/** By its name first: any two codes of two letters are only one slip apart. */
function unknownCountry(written: string): string {
  const upper = written.toUpperCase();
  const code = MEANT[upper] ?? (isSupportedCountry(upper) ? upper : countryNamed(written));
  const hint = code === null ? '' : `; did you mean ${code}?`;
  return `"${written}" is no country that a phone number tells; expected an ISO code such as US or AT${hint}`;
}

function countryNamed(written: string): string | null {
  const names = new Intl.DisplayNames(['en'], { type: 'region' });
  const codes = new Map(getCountries().map((code) => [names.of(code) ?? code, code]));
  const name = nearest(written, codes.keys());
  return written.length > 2 && name !== null ? (codes.get(name) ?? null) : null;
}

function unknownZone(written: string): string {
  const near = nearest(written, timeZoneNames());
  const hint = near === null ? '' : `; did you mean "${near}"?`;
  return `"${written}" is no time zone; expected an IANA name such as Europe/Vienna${hint}`;
}
