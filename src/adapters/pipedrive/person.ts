import { z } from 'zod';
import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { fieldFormat } from '../adapter.js';
import { cutText } from '../cut-text.js';
import { type Exchange, type Receipt, refuse } from '../exchange.js';
import { mappedFields } from '../field-mapping.js';
import { textOf } from '../text-of.js';
import { textIn } from './anchors.js';
import { mappedValues } from './field-values.js';
import { findPerson, type Identity, personLink } from './find-person.js';
import { idIn, V2 } from './pipedrive-api.js';

export const upsertPersonInput = z
  .strictObject({
    name: z.string().optional().describe('Name of a new person; default: e-mail address or phone number'),
    email: z.string().optional().describe('E-mail address; the person is searched for by it first'),
    phone: fieldFormat('phone', z.string().optional()).describe(
      'Phone number; the person is searched for by it next',
    ),
    fields: mappedFields
      .optional()
      .describe(
        'Further fields by their keys: those of the API such as owner_id, or the hash of a custom field',
      ),
  })
  .refine(({ email, phone }) => email !== undefined || phone !== undefined, 'needs email or phone');

const MAX_NAME = 255;

export async function upsertPerson(exchange: Exchange): Promise<Receipt> {
  const { input } = exchange.request;
  const identity = identityOf(input);
  const found = await findPerson(exchange, identity);
  const id = found === null ? await create(exchange, identity) : await update(exchange, found, identity);
  if (identity.phone !== null) exchange.remember(personLink(identity.phone), id);
  return { id };
}

function identityOf(input: JsonObject): Identity {
  const email = textIn(input, 'email')?.trim().toLowerCase() ?? '';
  const phone = textIn(input, 'phone') ?? null;
  if (email !== '' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) refuse('email is no e-mail address');
  if (email === '' && phone === null) refuse('neither email nor phone is given');
  return { email: email || null, phone };
}

async function create(exchange: Exchange, { email, phone }: Identity): Promise<string> {
  const { input } = exchange.request;
  const json: JsonObject = {
    name: cutText(textIn(input, 'name')?.trim() || (email ?? phone ?? ''), MAX_NAME),
    ...(email !== null && { emails: [{ value: email, primary: true, label: 'work' }] }),
    ...(phone !== null && { phones: [{ value: phone, primary: true, label: 'work' }] }),
    ...mappedValues(input.fields),
  };
  return idIn(await exchange.write({ path: `${V2}/persons`, json }));
}

async function update(exchange: Exchange, present: JsonObject, identity: Identity): Promise<string> {
  const { input } = exchange.request;
  const id = textOf(present.id);
  const json = {
    ...identityChanges(present, identity, textIn(input, 'name')),
    ...mappedValues(input.fields, present),
  };
  if (Object.keys(json).length === 0) return id;
  return idIn(
    await exchange.write({ method: 'PATCH', path: `${V2}/persons/${encodeURIComponent(id)}`, json }),
  );
}

/** Numbers and addresses are added to those that are there; a name that a person entered stays. */
function identityChanges(
  present: JsonObject,
  { email, phone }: Identity,
  name: string | undefined,
): JsonObject {
  const isNameless = [email, phone].includes(textOf(present.name));
  return {
    ...(name !== undefined && isNameless && { name: cutText(name, MAX_NAME) }),
    ...withAnother('emails', present.emails, email),
    ...withAnother('phones', present.phones, phone),
  };
}

/** The whole list is written: what is left out of it is gone. */
function withAnother(name: string, present: Json | undefined, value: string | null): JsonObject {
  const list = (Array.isArray(present) ? present : []).filter(isJsonObject);
  const isThere = list.some((entry) => saysSame(textOf(entry.value), value ?? ''));
  if (value === null || isThere) return {};
  return { [name]: [...list, { value, primary: list.length === 0, label: 'work' }] };
}

function saysSame(one: string, other: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/[\s()./-]/g, '');
  return plain(one) === plain(other);
}
