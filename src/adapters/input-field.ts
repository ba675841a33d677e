import { z } from 'zod';
import { type Json } from '../lib/json.js';
import { type Escape } from '../templates/escape.js';
import { type FieldFormat } from './adapter.js';

/** What rendering and checking need to know of one input, read once from its schema. */
export interface InputField {
  format: FieldFormat;
  /** May be left out. */
  isOptional: boolean;
  /** Must not be left out as a whole because a variable is missing; its properties may. */
  holdWhenMissing: boolean;
  /** The schema takes no text, only this; a text that reads as one is turned into it. */
  scalar: 'number' | 'boolean' | null;
  /** With format `template`: the field that gets the rendered text. */
  into: string | null;
  /** Of an object with fixed keys. */
  properties: ReadonlyMap<string, InputField>;
  /** Of an object whose keys are free; null where other keys are unknown ones. */
  otherProperties: InputField | null;
  items: InputField | null;
}

const cache = new WeakMap<z.ZodType, InputField>();

/** Describes an operation's input, or any part of one. A field without a format has that of its parent. */
export function describeInput(schema: z.ZodObject): InputField {
  const known = cache.get(schema);
  if (known) return known;
  const field = describe(schema, null);
  cache.set(schema, field);
  return field;
}

function describe(schema: z.ZodType, inherited: FieldFormat | null): InputField {
  const { fieldFormat, into, holdWhenMissing } = metaOf(schema);
  const format = fieldFormat ?? inherited;
  const inner = unwrap(schema);
  const field = inner ? describe(inner, format) : describeBare(schema, format);
  return {
    ...field,
    isOptional: schema.isOptional(),
    into: into ?? field.into,
    holdWhenMissing: holdWhenMissing ?? field.holdWhenMissing,
  };
}

function describeBare(schema: z.ZodType, format: FieldFormat | null): InputField {
  const below = format === 'blocks' ? 'slack' : format;
  if (schema instanceof z.ZodUnion)
    return merge(schema.options.map((option) => describe(asType(option), format)));
  if (schema instanceof z.ZodArray)
    return { ...leaf(format), items: describe(asType(schema.element), below) };
  if (schema instanceof z.ZodRecord)
    return { ...leaf(format), otherProperties: describe(asType(schema.valueType), below) };
  if (schema instanceof z.ZodObject) return { ...leaf(format), ...describeProperties(schema, below) };
  if (schema instanceof z.ZodNumber) return { ...leaf(format ?? 'any'), scalar: 'number' };
  if (schema instanceof z.ZodBoolean) return { ...leaf(format ?? 'any'), scalar: 'boolean' };
  return isOpen(schema) ? openField(format ?? 'any') : leaf(format);
}

function describeProperties(
  schema: z.ZodObject,
  format: FieldFormat | null,
): Pick<InputField, 'properties' | 'otherProperties'> {
  const entries = Object.entries(schema.shape).map(
    ([key, property]) => [key, describe(asType(property), format)] as const,
  );
  const { catchall } = schema.def;
  const takesOthers = catchall !== undefined && !(catchall instanceof z.ZodNever);
  return {
    properties: new Map(entries),
    otherProperties: takesOthers ? describe(asType(catchall), format) : null,
  };
}

/** Of a value that may be anything, whatever stands inside has the same format. */
function openField(format: FieldFormat): InputField {
  const field = leaf(format);
  const below = format === 'blocks' ? openField('slack') : field;
  field.items = below;
  field.otherProperties = below;
  return field;
}

function leaf(format: FieldFormat | null): InputField {
  return {
    format: format ?? 'text',
    isOptional: false,
    holdWhenMissing: false,
    scalar: null,
    into: null,
    properties: new Map(),
    otherProperties: null,
    items: null,
  };
}

/** `string or list of strings`: what a value is decides which part it meets. */
function merge(options: InputField[]): InputField {
  const [first = leaf(null)] = options;
  return {
    ...first,
    format: options.find((option) => isText(option))?.format ?? first.format,
    scalar: options.some((option) => isText(option)) ? null : first.scalar,
    properties: new Map(options.flatMap((option) => [...option.properties])),
    otherProperties: options.find((option) => option.otherProperties)?.otherProperties ?? null,
    items: options.find((option) => option.items)?.items ?? null,
  };
}

function isText(field: InputField): boolean {
  return (
    field.scalar === null && field.items === null && field.otherProperties === null && !field.properties.size
  );
}

function isOpen(schema: z.ZodType): boolean {
  return schema instanceof z.ZodAny || schema instanceof z.ZodUnknown || schema instanceof z.ZodLazy;
}

function unwrap(schema: z.ZodType): z.ZodType | null {
  if (schema instanceof z.ZodPipe)
    return asType(schema.def.in instanceof z.ZodTransform ? schema.def.out : schema.def.in);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodCatch
  )
    return asType(schema.def.innerType);
  return null;
}

/** Zod types the parts of a schema by its core classes; ours are all built with the classic ones. */
function asType(schema: unknown): z.ZodType {
  return schema as z.ZodType;
}

interface FieldMeta {
  fieldFormat?: FieldFormat;
  into?: string;
  holdWhenMissing?: boolean;
}

function metaOf(schema: z.ZodType): FieldMeta {
  return (schema.meta() ?? {}) as FieldMeta;
}

/** For a key that the schema does not know. */
export const plainField: InputField = leaf(null);

/** How a text in this field is escaped: types are kept and texts of JSON read by others, not by templates. */
export function escapeOf(format: FieldFormat): Escape {
  if (format === 'any' || format === 'template' || format === 'phone') return 'text';
  return format === 'blocks' ? 'slack-json' : format;
}

/** A number or `true`/`false` written as text, as language models do, where the schema wants the thing itself. */
export function asScalar(value: Json, scalar: 'number' | 'boolean'): Json {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  if (scalar === 'number') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : value;
  return text === 'true' || text === 'false' ? text === 'true' : value;
}

/**
 * Reads back what a text of JSON came to, so that a template that gives none is noticed before it is sent:
 * the list of blocks, or the JSON text itself.
 */
export function readJsonText(
  text: string,
  format: 'blocks' | 'json',
): { ok: true; value: Json } | { ok: false; problem: string } {
  const parsed = parseJson(text);
  if (parsed === undefined) return { ok: false, problem: 'is no JSON; expected the text to come to JSON' };
  if (format === 'json') return { ok: true, value: text };
  if (Array.isArray(parsed)) return { ok: true, value: parsed };
  return { ok: false, problem: 'is no list; expected a list of blocks' };
}

/** The engine's own message would quote the text. */
function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
