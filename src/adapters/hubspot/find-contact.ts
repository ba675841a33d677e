import { type Exchange } from '../exchange.js';
import { type HubSpotOptions } from './hubspot-options.js';
import { contactLink, type Identity } from './identity.js';
import { type CrmRecord, type Filter, type Records } from './records.js';

export interface Wanted {
  exchange: Exchange;
  records: Records;
  options: HubSpotOptions;
  identity: Identity;
  /** Properties whose present value decides what is written. */
  toRead: string[];
}

/**
 * The contact as HubSpot has it: by e-mail, by the configured unique property, by what an earlier delivery
 * remembered, then by searching for the number. Null: there is none yet.
 */
export async function findContact(wanted: Wanted): Promise<CrmRecord | null> {
  const { email } = wanted.identity;
  const byEmail = email === null ? null : await readBy(wanted, 'email', email);
  return byEmail ?? (await findByPhone(wanted));
}

async function findByPhone(wanted: Wanted): Promise<CrmRecord | null> {
  const { options, identity } = wanted;
  const { phone } = identity;
  if (phone === null) return null;
  const { contact_property: own } = options;
  const byProperty = own === undefined ? null : await readBy(wanted, own, phone);
  const found = byProperty ?? (await readLinked(wanted, phone)) ?? (await searchByPhone(wanted, phone));
  return found !== null && isSomebodyElse(found, identity) ? null : found;
}

/** Several people share a number at home or at work: another address is another person. */
function isSomebodyElse({ properties }: CrmRecord, { email }: Identity): boolean {
  return email !== null && Boolean(properties.email);
}

function readBy(
  { records, ...wanted }: Wanted,
  idProperty: string,
  value: string,
): Promise<CrmRecord | null> {
  return records.read('contact', value, { properties: namesOf(wanted), idProperty });
}

async function readLinked(
  { exchange, records, ...wanted }: Wanted,
  phone: string,
): Promise<CrmRecord | null> {
  const id = await exchange.find(contactLink(phone));
  return typeof id === 'string' ? records.read('contact', id, { properties: namesOf(wanted) }) : null;
}

/** The first two hold what was entered, the others what HubSpot made of it: `+` and digits, however it was written. */
const PHONE_PROPERTIES = [
  'phone',
  'mobilephone',
  'hs_calculated_phone_number',
  'hs_calculated_mobile_number',
];

async function searchByPhone({ records, ...wanted }: Wanted, phone: string): Promise<CrmRecord | null> {
  const groups = PHONE_PROPERTIES.map((propertyName): Filter[] => [
    { propertyName, operator: 'EQ', value: phone },
  ]);
  const found = await records.search('contact', groups, namesOf(wanted));
  // Of several, one without an address is not yet known to be somebody else.
  return found.find((contact) => !isSomebodyElse(contact, wanted.identity)) ?? found[0] ?? null;
}

function namesOf({ options, toRead }: Pick<Wanted, 'options' | 'toRead'>): string[] {
  const own = options.contact_property === undefined ? [] : [options.contact_property];
  return [...new Set(['email', 'phone', ...own, ...toRead])];
}
