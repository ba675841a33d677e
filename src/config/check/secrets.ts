import { z } from 'zod';

/** Texts in `value` that stand where the schema says `secret`, and passwords inside of URLs among them. */
export function secretsIn(schema: unknown, value: unknown): string[] {
  if (!(schema instanceof z.ZodType) || value === undefined || value === null) return [];
  if (schema.meta()?.secret === true) return textsIn(value).flatMap((text) => [text, ...passwordsIn(text)]);
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(value as Record<string, unknown>);
    return fields.flatMap(([key, inner]) => secretsIn((schema.shape as Record<string, unknown>)[key], inner));
  }
  if (schema instanceof z.ZodArray)
    return (Array.isArray(value) ? value : []).flatMap((item) => secretsIn(schema.element, item));
  if (schema instanceof z.ZodRecord)
    return Object.values(value).flatMap((item) => secretsIn(schema.valueType, item));
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => secretsIn(option, value));
  return secretsIn(innerOf(schema), value);
}

/** Passwords of a URL, as written and decoded; a driver's message may hold either. */
export function passwordsIn(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { password } = new URL(text);
  if (password === '') return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}

function innerOf(schema: z.ZodType): unknown {
  const { innerType, in: input } = schema.def as { innerType?: unknown; in?: unknown };
  return innerType ?? input;
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
