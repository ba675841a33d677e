import { type Json, type JsonObject } from '../../lib/json.js';
import { type MappedField, mergeFields } from '../field-mapping.js';
import { textOf } from '../text-of.js';

/** What is written into a record that holds `present`, in the forms that Zoho takes. */
export function valuesFor(mapping: ReadonlyMap<string, MappedField>, present: JsonObject): JsonObject {
  const plain = new Map(
    [...mapping].map(([name, field]) => [name, { ...field, value: asValue(field.value) }]),
  );
  const merged = mergeFields(plain, present);
  for (const [name, { value, mode }] of mapping)
    if (Array.isArray(value) && mode === 'append' && name in merged)
      merged[name] = [...new Set([...choicesOf(present[name]), ...value])];
  return merged;
}

function choicesOf(present: Json | undefined): Json[] {
  return Array.isArray(present) ? present : [];
}

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)$/;

/** Times go without fractions and with an offset; an empty text is no date or number. */
function asValue(value: Json): Json {
  if (value === '') return null;
  if (typeof value !== 'string') return value;
  const [, time, zone = 'Z'] = TIME.exec(value) ?? [];
  return time === undefined ? value : time + (zone === 'Z' ? '+00:00' : zone);
}

/** A value in a criterion of a search, where these marks have a meaning. */
export function criterionText(value: Json | undefined): string {
  return textOf(value).replace(/[\\(),]/g, (mark) => `\\${mark}`);
}
