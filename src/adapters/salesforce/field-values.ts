import { type Json, type JsonObject } from '../../lib/json.js';
import { mergeFields, type MappedField } from '../field-mapping.js';
import { textOf } from '../text-of.js';

/** What is written into a record that holds `present`, in the forms that Salesforce takes. */
export function valuesFor(mapping: ReadonlyMap<string, MappedField>, present: JsonObject): JsonObject {
  const plain = new Map(
    [...mapping].map(([name, field]) => [name, { ...field, value: asValue(field.value) }]),
  );
  const merged = mergeFields(plain, present);
  for (const [name, { value, mode }] of mapping)
    if (Array.isArray(value) && mode === 'append' && name in merged)
      merged[name] = joinChoices([...choicesOf(present[name]), ...value]);
  return merged;
}

/** Several choices of a picklist stand in one text. */
function joinChoices(choices: Json[]): string {
  return [...new Set(choices.map((choice) => textOf(choice)))].join(';');
}

function choicesOf(present: Json | undefined): string[] {
  return textOf(present)
    .split(';')
    .filter((choice) => choice !== '');
}

const FINER_THAN_MS = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})\d+(Z|[+-]\d\d:?\d\d)$/;

/** Salesforce refuses times in microseconds, which calls come with, and takes an empty text for no date or number. */
function asValue(value: Json): Json {
  if (Array.isArray(value)) return joinChoices(value);
  if (value === '') return null;
  return typeof value === 'string' ? value.replace(FINER_THAN_MS, '$1$2') : value;
}
