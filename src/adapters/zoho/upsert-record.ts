import { z } from 'zod';
import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { type Exchange, type Receipt, refuse } from '../exchange.js';
import { mappedFields, namesToRead, readMapping } from '../field-mapping.js';
import { textOf } from '../text-of.js';
import { criterionText, valuesFor } from './field-values.js';
import { idIn, recordsIn } from './zoho-api.js';
import { nameInput } from './zoho-options.js';

export const upsertRecordInput = z.strictObject({
  module: nameInput.describe('API name of the module, e.g. Leads or Contacts'),
  duplicate_check_fields: z
    .array(nameInput)
    .min(1)
    .max(10)
    .describe('Unique fields by which the record is found, the first that matches first, e.g. [Email]'),
  fields: mappedFields.describe(
    'Fields by their API names; with a value for one of duplicate_check_fields at least',
  ),
});

export function checkUpsertRecord(content: JsonObject): { path: string; problem: string }[] {
  const { duplicate_check_fields: checked, fields } = content;
  if (!Array.isArray(checked) || !isJsonObject(fields)) return [];
  if (checked.some((name) => Object.hasOwn(fields, textOf(name)))) return [];
  return [{ path: 'fields', problem: `holds none of ${checked.map(textOf).join(', ')}; ${NEEDED}` }];
}

const NEEDED = 'without it the record could not be found again, and would be made on every attempt';

/** Creates the record, or updates the one with the same value in a field that is checked. */
export async function upsertRecord(exchange: Exchange): Promise<Receipt> {
  const { module, duplicate_check_fields: checked, fields } = exchange.request.input;
  const names = Array.isArray(checked) ? checked.map(textOf) : [];
  const mapping = readMapping(fields);
  const keys = keysIn(valuesFor(mapping, {}), names);
  if (Object.keys(keys).length === 0) return refuse(`${names.join(', ')}: no value is given; ${NEEDED}`);
  const read = namesToRead(mapping);
  const present = read.length === 0 ? {} : await findRecord(exchange, textOf(module), keys, read);
  // What it is found by is sent even where it is filled already.
  const record = { ...valuesFor(mapping, present), ...keys };
  const json = { data: [record], duplicate_check_fields: names };
  return { id: idIn(await exchange.write({ path: `/${textOf(module)}/upsert`, json })) };
}

function keysIn(values: JsonObject, names: string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name): [string, Json][] => {
      const value = values[name];
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
}

/** The one that the upsert is going to change: the fields are checked in the same order. */
async function findRecord(
  exchange: Exchange,
  module: string,
  keys: JsonObject,
  read: string[],
): Promise<JsonObject> {
  for (const [name, value] of Object.entries(keys)) {
    const query = {
      criteria: `(${name}:equals:${criterionText(value)})`,
      fields: [...new Set(['id', name, ...read])].join(','),
    };
    const found = recordsIn((await exchange.read({ path: `/${module}/search`, query })).json);
    // Zoho's `equals` may also give records that only begin like this.
    const same = found.find((record) => isSame(record[name], value));
    if (same !== undefined) return same;
  }
  return {};
}

function isSame(one: Json | undefined, other: Json): boolean {
  return textOf(one).toLowerCase() === textOf(other).toLowerCase();
}
