import { asPhone, contactOf } from '../../domain/contact.js';
import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { type Exchange } from '../exchange.js';
import { textOf } from '../text-of.js';
import { dataIn, V2 } from './pipedrive-api.js';

/** What tells one person from another. At least one of both is given. */
export interface Identity {
  email: string | null;
  phone: string | null;
}

/** The search shows a new person some time later; what we made ourselves is known at once. */
export function personLink(phone: string): string {
  return `person ${phone}`;
}

/** The person as Pipedrive has it: by e-mail, by what an earlier delivery remembered, then by phone. Null: none yet. */
export async function findPerson(exchange: Exchange, identity: Identity): Promise<JsonObject | null> {
  const { email, phone } = identity;
  const byEmail =
    email === null ? [] : await search(exchange, { term: email, fields: 'email', isExact: true });
  const [first] = byEmail;
  if (first !== undefined) return read(exchange, textOf(first.id));
  if (phone === null) return null;
  const id = await exchange.find(personLink(phone));
  const linked = typeof id === 'string' ? await read(exchange, id) : null;
  if (linked !== null && !isSomebodyElse(linked, identity)) return linked;
  const found = (await searchByPhone(exchange, phone)).find((person) => !isSomebodyElse(person, identity));
  return found === undefined ? null : read(exchange, textOf(found.id));
}

/** As many digits as stand together in most ways to write a number. */
const LAST_DIGITS = 7;

/** Exactly as we write it ourselves, then by its end, for numbers that a person wrote otherwise. */
async function searchByPhone(exchange: Exchange, phone: string): Promise<JsonObject[]> {
  const exact = await search(exchange, { term: phone, fields: 'phone', isExact: true });
  if (exact.length > 0) return exact;
  const similar = await search(exchange, {
    term: phone.slice(-LAST_DIGITS),
    fields: 'phone',
    isExact: false,
  });
  const { country } = contactOf(phone);
  return similar.filter(({ phones }) =>
    valuesIn(phones).some((written) => asPhone(written, country) === phone),
  );
}

interface Search {
  term: string;
  fields: 'email' | 'phone';
  isExact: boolean;
}

async function search(exchange: Exchange, { term, fields, isExact }: Search): Promise<JsonObject[]> {
  const query = { term, fields, exact_match: isExact, limit: 10 };
  const { json } = await exchange.read({ path: `${V2}/persons/search`, query });
  const { data } = isJsonObject(json) ? json : {};
  const { items } = isJsonObject(data) ? data : {};
  return (Array.isArray(items) ? items : []).flatMap((found) =>
    isJsonObject(found) && isJsonObject(found.item) ? [found.item] : [],
  );
}

/** Null where it is gone. */
async function read(exchange: Exchange, id: string): Promise<JsonObject | null> {
  const answer = await exchange.read({ path: `${V2}/persons/${encodeURIComponent(id)}`, accept: [404] });
  if (answer.status === 404) return null;
  const person = dataIn(answer);
  return person.is_deleted === true ? null : person;
}

/** Several people share a number at home or at work: another address is another person. */
function isSomebodyElse({ emails }: JsonObject, { email }: Identity): boolean {
  const known = valuesIn(emails).map((address) => address.toLowerCase());
  return email !== null && known.length > 0 && !known.includes(email);
}

/** Texts in what a search lists, `{ value }` in a record. */
function valuesIn(list: Json | undefined): string[] {
  return (Array.isArray(list) ? list : [])
    .map((entry) => (isJsonObject(entry) ? textOf(entry.value) : textOf(entry)))
    .filter((value) => value !== '');
}
