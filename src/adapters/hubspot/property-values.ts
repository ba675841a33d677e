import { type Json } from '../../lib/json.js';
import { mergeFields, namesToRead, readMapping } from '../field-mapping.js';
import { cutText } from '../cut-text.js';
import { type Properties } from './records.js';

/** HubSpot refuses longer values of any property. */
export const MAX_VALUE = 65_536;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{4,}(Z|[+-]\d\d:\d\d)$/;

/** As the API wants it: a text. Null empties a property; a list is one of several choices. */
export function asPropertyValue(value: Json): string {
  if (value === null) return '';
  if (Array.isArray(value)) return value.map((item) => asPropertyValue(item)).join(';');
  if (typeof value === 'object') return cutText(JSON.stringify(value), MAX_VALUE);
  const text = String(value);
  // Times are read to the millisecond, no finer.
  return TIME.test(text) ? new Date(text).toISOString() : cutText(text, MAX_VALUE);
}

export function asProperties(values: Record<string, Json | undefined>): Properties {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, asPropertyValue(value)]],
    ),
  );
}

/** Names of the mapped properties that must be read before they are written. */
export function propertiesToRead(fields: Json | undefined): string[] {
  return namesToRead(readMapping(fields));
}

/** The mapped properties as they go into a record that holds `present`. */
export function mappedProperties(
  fields: Json | undefined,
  present: Record<string, Json | undefined> = {},
): Properties {
  return asProperties(mergeFields(readMapping(fields), present));
}
