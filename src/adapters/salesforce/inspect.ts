import { isJsonObject, type JsonObject } from '../../lib/json.js';
import { type Inspection, type InspectProblem, type InspectRequest } from '../adapter.js';
import { inspectWith, type Inspector } from '../inspect-with.js';
import { textOf } from '../text-of.js';
import { dataPath, salesforceApi } from './salesforce-api.js';
import { type SalesforceOptions } from './salesforce-options.js';
import { recordsIn } from './task.js';

/** Whether the login works, and whether the org knows the objects and fields that the rules name. */
export function inspectSalesforce(request: InspectRequest<SalesforceOptions>): Promise<Inspection> {
  const { options } = request;
  return inspectWith(request, salesforceApi(request), async (inspector) => {
    await inspector.read({ path: dataPath(options, '') });
    const query = { q: 'SELECT Name FROM Organization LIMIT 1' };
    const answer = await inspector.tryToRead({ path: dataPath(options, 'query'), query });
    const account = textOf(recordsIn(answer?.json ?? null)[0]?.Name);
    return { account: account === '' ? null : account, problems: await unknownNames(inspector, request) };
  });
}

/** A field that a rule or an option names. */
interface NamedField {
  use: number | null;
  path: string;
  object: string;
  field: string;
  isExternalId: boolean;
}

async function unknownNames(
  inspector: Inspector,
  { uses, options }: InspectRequest<SalesforceOptions>,
): Promise<InspectProblem[]> {
  const named = [
    ...optionFields(options),
    ...uses.flatMap((use, place) => fieldsOf(use.with, place, use.operation)),
  ];
  const problems: InspectProblem[] = [];
  for (const object of new Set(named.map((one) => one.object))) {
    const fields = await describe(inspector, options, object);
    const ofObject = named.filter((one) => one.object === object);
    if (fields === 'unknown') problems.push(...ofObject.slice(0, 1).map(noObject));
    else if (fields !== null) problems.push(...ofObject.flatMap((one) => problemOf(one, fields)));
  }
  return problems;
}

function optionFields({ task_external_id_field: field }: SalesforceOptions): NamedField[] {
  const path = 'task_external_id_field';
  return field === undefined ? [] : [{ use: null, path, object: 'Task', field, isExternalId: true }];
}

function fieldsOf(content: JsonObject, use: number, operation: string): NamedField[] {
  const object = operation === 'upsert' ? textOf(content.object) : 'Task';
  if (!/^\w+$/.test(object)) return [];
  const names = Object.keys(isJsonObject(content.fields) ? content.fields : {});
  const mapped = names.map((field) => ({ use, path: `fields.${field}`, object, field, isExternalId: false }));
  const key = textOf(content.external_id_field);
  if (operation !== 'upsert' || !/^\w+$/.test(key)) return mapped;
  return [{ use, path: 'external_id_field', object, field: key, isExternalId: true }, ...mapped];
}

type Fields = Map<string, JsonObject>;

/** Null where it cannot be read: descriptions of objects with many fields are longer than what is read. */
async function describe(
  inspector: Inspector,
  options: SalesforceOptions,
  object: string,
): Promise<Fields | 'unknown' | null> {
  const answer = await inspector.tryToRead({ path: dataPath(options, 'sobjects', object, 'describe') });
  if (answer === null) {
    const known = await inspector.tryToRead({ path: dataPath(options, 'sobjects', object) });
    return known === null ? 'unknown' : null;
  }
  const fields = isJsonObject(answer.json) && Array.isArray(answer.json.fields) ? answer.json.fields : [];
  return new Map(
    fields.flatMap((field) => (isJsonObject(field) ? [[textOf(field.name), field] as const] : [])),
  );
}

function noObject({ use, object }: NamedField): InspectProblem {
  const path = use === null ? 'task_external_id_field' : 'object';
  return { use, path, problem: `the org shows this user no object ${object}` };
}

function problemOf({ use, path, object, field, isExternalId }: NamedField, fields: Fields): InspectProblem[] {
  const known = fields.get(field);
  if (known === undefined)
    return [{ use, path, problem: `${object} has no field ${field} that this user may see` }];
  if (!isExternalId || known.externalId === true || known.idLookup === true) return [];
  return [{ use, path, problem: `${field} of ${object} is no External ID` }];
}
