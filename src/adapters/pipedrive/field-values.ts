import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { cutText } from '../cut-text.js';
import { mergeFields, readMapping } from '../field-mapping.js';

const MAX_VALUE = 65_535;

/** Custom fields go by a hash; parts of one, such as the currency of an amount, by a word behind it. */
const CUSTOM = /^[0-9a-f]{40}(_\w+)?$/;

/**
 * Mapped fields as they go into a record that holds `present`: custom ones under `custom_fields`, the others beside
 * it.
 */
export function mappedValues(fields: Json | undefined, present: JsonObject = {}): JsonObject {
  const custom = isJsonObject(present.custom_fields) ? present.custom_fields : {};
  const merged = Object.entries(mergeFields(readMapping(fields), { ...custom, ...present }));
  const valuesOf = (isCustom: boolean) =>
    Object.fromEntries(
      merged
        .filter(([name]) => CUSTOM.test(name) === isCustom)
        .map(([name, value]) => [name, isCustom ? customValue(value) : plainValue(name, value)]),
    );
  const customValues = valuesOf(true);
  return {
    ...valuesOf(false),
    ...(Object.keys(customValues).length > 0 && { custom_fields: customValues }),
  };
}

/** A list holds ids of options; an empty one is refused, null empties the field. */
function customValue(value: Json): Json {
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(asNumber);
  return typeof value === 'string' ? cutText(value, MAX_VALUE) : value;
}

/** Templates with words around them give texts where ids are numbers. */
function plainValue(name: string, value: Json): Json {
  if (name.endsWith('_ids') && Array.isArray(value)) return value.map(asNumber);
  if (name.endsWith('_id') || name === 'visible_to') return asNumber(value);
  return typeof value === 'string' ? cutText(value, MAX_VALUE) : value;
}

function asNumber(value: Json): Json {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
}
