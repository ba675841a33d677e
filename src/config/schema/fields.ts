import { z } from 'zod';
import { parseDuration, parseQuantity, parseWait } from '../../lib/duration.js';
import { ipRanges } from '../../lib/ip-ranges.js';
import { type Json } from '../../lib/json.js';
import { nearest } from '../../lib/nearest.js';
import { isTimeZone, timeZoneNames } from '../../lib/time-zone.js';
import { typeWords } from './describe-issue.js';

const NAME = /^(?!\d+$)[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Names of sources, destinations, tables, rules and actions. */
export const name = z
  .string()
  .regex(NAME, 'is not a name; expected letters, digits, - and _, at most 64 and not digits only');

/** Anything: readers make nothing but JSON, so there is nothing left to check. */
export const json = z.custom<Json>();

export const text = z.string().min(1);

/** Where a field of a call stands: a path, and no template. */
export const fieldPath = z
  .string()
  .min(1)
  .regex(
    /^[^\s.{}[\]]([^{}[\]]*[^\s.{}[\]])?$/,
    'is not a path; expected one such as lead.variables.timezone, with dots and without {{ }}',
  );

/** `{ match, when }`, either or both. What stands inside is checked by the rule language itself. */
export const conditionSchema = z
  .strictObject({ match: json.optional(), when: json.optional() })
  .refine(({ match, when }) => match !== undefined || when !== undefined, {
    message: 'expected match, when or both',
    when: ({ issues }) => issues.length === 0,
  });

/** Every file says which version of the format it is written in. */
export const schemaVersion = z.literal(1, {
  error: ({ input }) =>
    input === undefined
      ? 'is missing; put "schema: 1" at the top of the file'
      : 'expected 1, the only version there is',
});

/** Says what a mapping looks like where something else stands. */
export const mappingLike = (example: string) => ({
  error: ({ code, input }: { code?: string; input?: unknown }) =>
    code === 'invalid_type' ? `expected a mapping such as ${example}, got ${typeWords(input)}` : undefined,
});

/** Milliseconds, written as a duration. */
export const duration = z
  .string({ error: 'expected a duration such as 500ms, 30s, 15m, 2h30m or 3d' })
  .transform((written, context) => {
    const ms = parseDuration(written);
    if (ms !== null) return ms;
    context.addIssue({
      code: 'custom',
      message: 'is not a duration; expected one such as 500ms, 30s, 15m, 2h30m or 3d',
    });
    return z.NEVER;
  });

/** A stretch of time, or days that a calendar counts. */
export const wait = z
  .string({ error: 'expected a wait such as 45m, 3 days, 2 business days or 4 business hours' })
  .transform((written, context) => {
    const parsed = parseWait(written);
    if (parsed !== null) return parsed;
    context.addIssue({
      code: 'custom',
      message: 'is not a wait; expected one such as 45m, 3 days, 2 business days or 4 business hours',
    });
    return z.NEVER;
  });

/** `{ count, perMs }`, written as a quantity per time. */
export const quantity = z
  .string({ error: 'expected a quantity per time such as 1/s, 100/10s or 3/day' })
  .transform((written, context) => {
    const parsed = parseQuantity(written);
    if (parsed !== null) return parsed;
    context.addIssue({
      code: 'custom',
      message: 'is not a quantity per time; expected one such as 1/s, 100/10s or 3/day',
    });
    return z.NEVER;
  });

export const timezone = z.string().superRefine((written, context) => {
  if (isTimeZone(written)) return;
  const near = nearest(written, timeZoneNames());
  const hint = near === null ? '' : `; did you mean "${near}"?`;
  context.addIssue({
    code: 'custom',
    message: `is not a time zone; expected an IANA name such as Europe/Vienna${hint}`,
  });
});

export const ipRange = z
  .string()
  .refine(
    (written) => ipRanges([written]).invalid.length === 0,
    'is not an address range; expected one such as 10.0.0.0/8 or 203.0.113.7',
  );

/** Values that sources carry; numbers and true/false are quoted, so that they compare as written. */
export const labels = z.record(z.string(), z.string());

export const httpUrl = z
  .string()
  .refine(isHttpUrl, 'is not a URL; expected one such as https://hooks.example.com');

/** Goes into the path of a URL. */
export const token = z
  .string()
  .min(1)
  .regex(/^[\x21-\x7e]+$/, 'holds a space or a sign beyond ASCII')
  .regex(/^[^/?#%\\]+$/, 'holds / ? # % or a backslash, which cannot stand in the path of a URL');

function isHttpUrl(written: string): boolean {
  return URL.canParse(written) && /^https?:$/.test(new URL(written).protocol);
}
