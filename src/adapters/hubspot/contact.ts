import { z } from 'zod';
import { type Json } from '../../lib/json.js';
import { type SendRequest, fieldFormat } from '../adapter.js';
import { endAttempt, type Exchange, type Receipt } from '../exchange.js';
import { mappedFields } from '../field-mapping.js';
import { findContact } from './find-contact.js';
import { type HubSpotOptions } from './hubspot-options.js';
import { contactLink, type Identity, identityOf } from './identity.js';
import { asProperties, mappedProperties, propertiesToRead } from './property-values.js';
import { type CrmRecord, isConflict, type Properties, Records } from './records.js';

export const upsertContactInput = z
  .strictObject({
    email: z.string().optional().describe('E-mail address; the contact is found by it first'),
    phone: fieldFormat('phone', z.string().optional()).describe(
      'Phone number; the contact is found by it next. Written where the contact has none',
    ),
    properties: mappedFields
      .optional()
      .describe('Properties by their internal names, e.g. { firstname: "{{ input_variables.name }}" }'),
  })
  .refine(({ email, phone }) => email !== undefined || phone !== undefined, 'needs email or phone');

export async function upsertContact(
  exchange: Exchange,
  { input, options }: SendRequest<HubSpotOptions>,
): Promise<Receipt> {
  const identity = identityOf(input);
  const records = new Records(exchange, options);
  const toRead = propertiesToRead(input.properties);
  const found = await findContact({ exchange, records, options, identity, toRead });
  const id =
    found === null
      ? await create(records, options, identity, input.properties)
      : await update(records, options, found, identity, input.properties);
  if (identity.phone !== null) exchange.remember(contactLink(identity.phone), id);
  return { id };
}

/** Where there is a unique property to go by, even two requests at the same moment make one contact. */
async function create(
  records: Records,
  options: HubSpotOptions,
  identity: Identity,
  fields: Json | undefined,
): Promise<string> {
  const properties = { ...identityProperties(options, identity, {}), ...mappedProperties(fields) };
  const { contact_property: own } = options;
  const unique = identity.email !== null ? 'email' : own;
  const made =
    unique === undefined
      ? await records.create('contact', properties)
      : await records.upsert('contact', unique, { ...properties, ...uniqueValue(unique, identity) });
  return isConflict(made) ? updateExisting(records, made.existingId, properties) : made;
}

/** A mapping must not make the value another than the one that it is found by. */
function uniqueValue(unique: string, { email, phone }: Identity): Properties {
  return { [unique]: (unique === 'email' ? email : phone) ?? '' };
}

async function update(
  records: Records,
  options: HubSpotOptions,
  found: CrmRecord,
  identity: Identity,
  fields: Json | undefined,
): Promise<string> {
  const properties = {
    ...identityProperties(options, identity, found.properties),
    ...mappedProperties(fields, found.properties),
  };
  if (Object.keys(properties).length === 0) return found.id;
  return updateExisting(records, found.id, properties);
}

async function updateExisting(records: Records, id: string, properties: Properties): Promise<string> {
  const updated = await records.update('contact', id, properties);
  if (typeof updated === 'string') return updated;
  // Gone or merged between reading and writing: the next attempt finds what is there then.
  const message = 'the contact changed in HubSpot at the same moment';
  return endAttempt({ outcome: 'retry', reason: 'server_error', message });
}

/** A number or address that a person entered stays. */
function identityProperties(
  { contact_property: own }: HubSpotOptions,
  { email, phone }: Identity,
  present: Record<string, Json | undefined>,
): Properties {
  const wanted = { email, phone, ...(own !== undefined && { [own]: phone }) };
  const missing = Object.entries(wanted).filter(([name, value]) => value !== null && !present[name]);
  return asProperties(Object.fromEntries(missing));
}
