import { createRequire } from 'node:module';
import { type parsePhoneNumberFromString } from 'libphonenumber-js/mobile';
import { PHONE_PREFIX_ZONES } from './phone-prefix-zones.js';

/** Mobile numbers carry an area code here; elsewhere they say no more than the country. */
const WITH_AREA = new Set(['1', '52', '55']);

/** Its tables are loaded when a zone is asked for: every start would wait for them. */
const load = createRequire(import.meta.url);
let numbers: { parsePhoneNumberFromString: typeof parsePhoneNumberFromString } | undefined;

let zonesByPrefix: Map<string, readonly string[]> | undefined;

const REMEMBERED = 5_000;
const remembered = new Map<string, readonly string[]>();

/**
 * The zones in which a contact with this number (`+` and digits) may be, all of them; empty for a number that no
 * country has. The area code tells where a number was given out. A mobile number without one is given all zones of
 * its country code, though the tables name its capital: a phone of Vladivostok must not ring by the clock of Moscow.
 */
export function zonesOfPhone(phone: string): readonly string[] {
  const known = remembered.get(phone);
  if (known) return known;
  if (remembered.size >= REMEMBERED) remembered.clear();
  const zones = lookUp(phone);
  remembered.set(phone, zones);
  return zones;
}

function lookUp(phone: string): readonly string[] {
  if (!/^\+\d{7,15}$/.test(phone)) return [];
  numbers ??= load('libphonenumber-js/mobile') as NonNullable<typeof numbers>;
  const number = numbers.parsePhoneNumberFromString(phone);
  const code = String(number?.countryCallingCode ?? '');
  const isAnywhere = number?.getType() === 'MOBILE' && !WITH_AREA.has(code);
  return zonesOfPrefix(isAnywhere ? code : phone.slice(1));
}

function zonesOfPrefix(digits: string): readonly string[] {
  zonesByPrefix ??= readPrefixes(PHONE_PREFIX_ZONES);
  for (let prefix = digits; prefix !== ''; prefix = prefix.slice(0, -1)) {
    const zones = zonesByPrefix.get(prefix);
    if (zones) return zones;
  }
  return [];
}

/** Names, `=`, prefixes, and again. */
function readPrefixes(text: string): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [, names = '', prefixes = ''] of text.matchAll(/([^=\d][^=]*)=([\d\s]*)/g)) {
    const zones = names.trim().split(/\s+/);
    for (const prefix of prefixes.trim().split(/\s+/)) found.set(prefix, zones);
  }
  return found;
}
