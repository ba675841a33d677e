import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { type Json } from '../lib/json.js';

/** The person called, as rules and templates see them under `contact`. */
export type Contact = {
  /** `+` and 7 to 15 digits, or null. */
  phone: string | null;
  /** Whether the numbering plan knows such a number. */
  phone_valid: boolean;
  /** ISO 3166 code in two letters, or null where the number tells none. */
  country: string | null;
};

const PHONE = /^\+\d{7,15}$/;

const NOBODY: Contact = { phone: null, phone_valid: false, country: null };

/** Looking a number up takes longer than the rest of a call together; campaigns call the same people again. */
const REMEMBERED = 5_000;
const remembered = new Map<string, Contact>();

/** Says who was called. Anything but `+` and 7 to 15 digits is nobody: no phone, and nothing to guess from. */
export function contactOf(phone: Json | undefined): Contact {
  if (typeof phone !== 'string' || !PHONE.test(phone)) return { ...NOBODY };
  const known = remembered.get(phone) ?? lookUp(phone);
  remembered.delete(phone);
  remembered.set(phone, known);
  if (remembered.size > REMEMBERED) forgetOldest();
  return { ...known };
}

/**
 * A phone number however it is written, as `+` and digits; null where it is none. One without a country code
 * is read as of `country`, two letters.
 */
export function asPhone(text: string, country: string | null): string | null {
  const written = text.trim().replace(/^00(?=[1-9])/, '+');
  if (PHONE.test(written)) return written;
  const number = parsePhoneNumberFromString(written, {
    defaultCountry: (country ?? undefined) as CountryCode,
  });
  const plain = number?.isPossible() === true ? number.number : null;
  return plain !== null && PHONE.test(plain) ? plain : null;
}

function lookUp(phone: string): Contact {
  const number = parsePhoneNumberFromString(phone);
  return { phone, phone_valid: number?.isValid() ?? false, country: number?.country ?? null };
}

/** A map keeps the order of insertion, and every use inserts anew. */
function forgetOldest(): void {
  for (const oldest of remembered.keys()) {
    remembered.delete(oldest);
    return;
  }
}
