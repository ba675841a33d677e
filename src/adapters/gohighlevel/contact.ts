import { z } from 'zod';
import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { fieldFormat } from '../adapter.js';
import { type Exchange, type Receipt } from '../exchange.js';
import { mappedFields, mergeFields, namesToRead, readMapping } from '../field-mapping.js';
import { textOf } from '../text-of.js';
import { contactInput, contactPath, idIn } from './gohighlevel-api.js';
import { type GoHighLevelOptions } from './gohighlevel-options.js';

const tags = z.array(z.string().min(1).max(255)).max(100);

export const upsertContactInput = z
  .strictObject({
    email: z
      .email()
      .optional()
      .describe('E-mail address; with phone, the location decides which is looked at first'),
    phone: fieldFormat('phone', z.string().optional()).describe('Phone number, brought into the form +43…'),
    fields: mappedFields
      .optional()
      .describe("Other fields by GoHighLevel's names: firstName, lastName, companyName, city, source, …"),
    custom_fields: mappedFields.optional().describe('Custom fields by their ids'),
    tags: tags.optional().describe('Tags that are added; those that are there stay'),
  })
  .refine(({ email, phone }) => Boolean(email) || Boolean(phone), 'needs email or phone');

export const addTagsInput = z.strictObject({
  contact: contactInput,
  tags: tags.min(1).describe('Tags that are added; those that are there stay'),
});

/** Names that have an input of their own, or are ours to fill in. */
const RESERVED = ['email', 'phone', 'tags', 'customFields', 'locationId'];

export function checkUpsertContact({ fields }: JsonObject): { path: string; problem: string }[] {
  return Object.keys(isJsonObject(fields) ? fields : {})
    .filter((name) => RESERVED.includes(name))
    .map((name) => ({
      path: `fields.${name}`,
      problem: 'is no field here; give email, phone, tags and custom_fields beside fields',
    }));
}

/** Creates the contact or updates the one with the same e-mail or phone, as the location's duplicate setting says. */
export async function upsertContact(
  exchange: Exchange,
  { location_id }: GoHighLevelOptions,
): Promise<Receipt> {
  const { email, phone, fields, custom_fields, tags: added } = exchange.request.input;
  const own = readMapping(fields);
  const custom = readMapping(custom_fields);
  const isRead = namesToRead(own).length + namesToRead(custom).length > 0;
  const present = isRead ? await findContact(exchange, location_id) : {};
  const answer = await exchange.write({
    path: '/contacts/upsert',
    json: {
      ...mergeFields(own, present),
      locationId: location_id,
      ...(isGiven(email) && { email }),
      ...(isGiven(phone) && { phone }),
      ...customFields(mergeFields(custom, customValues(present))),
    },
  });
  const id = idIn(answer, 'contact');
  if (Array.isArray(added) && added.length > 0) await putTags(exchange, id, added);
  return { id };
}

export async function addTags(exchange: Exchange): Promise<Receipt> {
  const { contact, tags: added } = exchange.request.input;
  await putTags(exchange, contact, added ?? []);
  return {};
}

/** Not with the upsert, whose `tags` would take the place of all that are there. */
async function putTags(exchange: Exchange, contact: Json | undefined, added: Json): Promise<void> {
  await exchange.write({ path: contactPath(contact, 'tags'), json: { tags: added } });
}

/** The one that the upsert is going to change: it is looked for by the same setting. */
async function findContact(exchange: Exchange, locationId: string): Promise<JsonObject> {
  const { email, phone } = exchange.request.input;
  const { json } = await exchange.read({
    path: '/contacts/search/duplicate',
    query: { locationId, ...(isGiven(phone) && { number: phone }), ...(isGiven(email) && { email }) },
    accept: [404],
  });
  return isJsonObject(json) && isJsonObject(json.contact) ? json.contact : {};
}

function customValues({ customFields: list }: JsonObject): JsonObject {
  const entries = (Array.isArray(list) ? list : []).flatMap((field): [string, Json][] =>
    isJsonObject(field) && typeof field.id === 'string' ? [[field.id, field.value ?? null]] : [],
  );
  return Object.fromEntries(entries);
}

/** They are texts or lists of texts; GoHighLevel makes numbers of those that are numbers. Empty: the field is cleared. */
function customFields(values: Record<string, Json>): JsonObject {
  const list = Object.entries(values).map(([id, value]) => ({
    id,
    field_value: Array.isArray(value) ? value : textOf(value),
  }));
  return list.length > 0 ? { customFields: list } : {};
}

function isGiven(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
