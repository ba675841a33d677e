import { z } from 'zod';
import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { type ApiAnswer, endAttempt, type Exchange, type Receipt } from '../exchange.js';
import { mappedFields, namesToRead, readMapping } from '../field-mapping.js';
import { textOf } from '../text-of.js';
import { valuesFor } from './field-values.js';
import { dataPath, idIn, writeTo } from './salesforce-api.js';
import { nameInput, type SalesforceOptions } from './salesforce-options.js';

export const upsertInput = z.strictObject({
  object: nameInput.describe('API name of the object, e.g. Contact, Lead or Visit__c'),
  external_id_field: nameInput.describe('API name of its External ID field'),
  external_id: z
    .string()
    .min(1)
    .max(255)
    .describe('Value by which the record is found, or with which it is created'),
  fields: mappedFields.describe('Fields by their API names'),
  allow_duplicates: z
    .boolean()
    .optional()
    .describe('true: saved although a duplicate rule that may be overridden warns'),
});

export function checkUpsert({ external_id_field, fields }: JsonObject): { path: string; problem: string }[] {
  const name = textOf(external_id_field);
  if (!isJsonObject(fields) || !Object.hasOwn(fields, name)) return [];
  return [{ path: `fields.${name}`, problem: 'is set by external_id already; leave it out' }];
}

/** Creates the record or updates the one with this External ID. */
export async function upsert(exchange: Exchange, options: SalesforceOptions): Promise<Receipt> {
  const { object, external_id_field: field, external_id: value, allow_duplicates } = exchange.request.input;
  const path = dataPath(options, 'sobjects', textOf(object), textOf(field), textOf(value));
  const mapping = readMapping(exchange.request.input.fields);
  const names = namesToRead(mapping);
  const present = names.length === 0 ? {} : await readPresent(exchange, path, names);
  const json = valuesFor(mapping, present);
  // Every field is filled already.
  if (typeof present.Id === 'string' && Object.keys(json).length === 0) return { id: present.Id };
  const headers: Record<string, string> =
    allow_duplicates === true ? { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' } : {};
  return { id: await upsertAt(exchange, { path, json, headers }) };
}

/** Answers with the id. 204: versions of the API before 46.0 do not say it. */
export async function upsertAt(
  exchange: Exchange,
  request: { path: string; json: JsonObject; headers?: Record<string, string> },
): Promise<string> {
  const answer = await writeTo(exchange, { ...request, method: 'PATCH', accept: [300] });
  if (answer.status === 300) return endAmbiguous(answer);
  if (answer.status !== 204) return idIn(answer);
  return textOf((await readPresent(exchange, request.path, [])).Id);
}

async function readPresent(exchange: Exchange, path: string, names: string[]): Promise<JsonObject> {
  const query = { fields: ['Id', ...names].join(',') };
  const answer = await exchange.read({ path, query, accept: [300, 404] });
  if (answer.status === 300) return endAmbiguous(answer);
  return answer.status === 200 && isJsonObject(answer.json) ? answer.json : {};
}

/** Which of them is meant nobody can say; their ids help to merge them. */
function endAmbiguous({ json, status }: ApiAnswer): never {
  const ids = (Array.isArray(json) ? json : []).map(lastPart).filter((id) => id !== '');
  const which =
    ids.length === 0 ? 'several records' : `${ids.length} records (${ids.slice(0, 5).join(', ')})`;
  const message = `HTTP 300: ambiguous: ${which} have this External ID, and nothing was written`;
  return endAttempt({ outcome: 'rejected', reason: 'client_error', httpStatus: status, message });
}

/** `/services/data/v62.0/sobjects/Contact/003…`: its last part. */
function lastPart(uri: Json): string {
  return /\/(\w{15,18})$/.exec(textOf(uri))?.[1] ?? '';
}
