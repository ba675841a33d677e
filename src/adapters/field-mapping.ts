import { z } from 'zod';
import { type Json, isJsonObject } from '../lib/json.js';
import { fieldFormat } from './adapter.js';

/** How a value meets what the record holds already. */
export const MAPPING_MODES = ['overwrite', 'fill_if_empty', 'append'] as const;
export type MappingMode = (typeof MAPPING_MODES)[number];

const scalar = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]);

const mapped = z.union([
  scalar,
  z.strictObject({
    value: scalar.optional().describe('What is written; left out: the field is'),
    mode: z
      .enum(MAPPING_MODES)
      .default('overwrite')
      .describe('overwrite (default), fill_if_empty, or append: a new line after what is there'),
  }),
]);

/**
 * Fields of a record by the vendor's names. A value is written over what is there; `{ value, mode }` says
 * otherwise. Numbers, booleans and lists keep their type.
 */
export const mappedFields = fieldFormat('any', z.record(z.string(), fieldFormat('any', mapped)));

export interface MappedField {
  value: Json;
  mode: MappingMode;
}

/** Each field with its mode, from an input that {@link mappedFields} has read. Where nothing would be added, it is left out. */
export function readMapping(fields: Json | undefined): Map<string, MappedField> {
  const entries = Object.entries(isJsonObject(fields) ? fields : {}).map(
    ([name, field]) => [name, readField(field)] as const,
  );
  return new Map(entries.filter((entry): entry is [string, MappedField] => entry[1] !== null));
}

function readField(field: Json): MappedField | null {
  if (!isJsonObject(field)) return { value: field, mode: 'overwrite' };
  const { value } = field;
  const mode = MAPPING_MODES.find((known) => known === field.mode) ?? 'overwrite';
  return value === undefined || (mode !== 'overwrite' && isEmpty(value)) ? null : { value, mode };
}

/** Names of the fields whose present value has to be read before they can be written. */
export function namesToRead(mapping: ReadonlyMap<string, MappedField>): string[] {
  return [...mapping].filter(([, { mode }]) => mode !== 'overwrite').map(([name]) => name);
}

/**
 * What is written into a record that holds `present`; null or left out there: empty. What is appended a second
 * time, by a repeated attempt, is not written again.
 */
export function mergeFields(
  mapping: ReadonlyMap<string, MappedField>,
  present: Record<string, Json | undefined>,
): Record<string, Json> {
  const merged = [...mapping].flatMap(([name, field]): [string, Json][] => {
    const value = mergeField(field, present[name]);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(merged);
}

/** Undefined: stays as it is. */
function mergeField({ value, mode }: MappedField, present: Json | undefined): Json | undefined {
  if (mode === 'overwrite' || isEmpty(present)) return value;
  if (mode === 'fill_if_empty') return undefined;
  const before = textOf(present);
  const added = textOf(value);
  return `\n${before}\n`.includes(`\n${added}\n`) ? undefined : `${before}\n${added}`;
}

function isEmpty(value: Json | undefined): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

function textOf(value: Json | undefined): string {
  if (Array.isArray(value)) return value.map((item) => textOf(item)).join('\n');
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}
