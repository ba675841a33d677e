import { z } from 'zod';
import { DEFAULT_MAX_CHAIN } from '../../domain/loop-guard.js';
import { parseQuantity } from '../../lib/duration.js';
import { duration, fieldPath } from './fields.js';

const DAY_MS = 86_400_000;

/** `{ count, perMs }`, or null for `none`. */
const limit = z
  .string({ error: 'expected a quantity per time such as 3/day or 5/1w, or none' })
  .transform((written, context) => {
    if (written.trim() === 'none') return null;
    const quantity = parseQuantity(written);
    if (quantity !== null) return quantity;
    context.addIssue({
      code: 'custom',
      message: 'is not a quantity per time; expected one such as 3/day or 5/1w, or none',
    });
    return z.NEVER;
  })
  .optional();

const ownLimit = (what: string) => limit.describe(`${what} to one contact. Default: no limit of their own.`);

/** Over all rules. A key given stands in place of its default, the others keep theirs. */
export const contactLimitsSchema = z
  .strictObject({
    any: limit.describe('What reaches one contact, over all channels. Default 5/1w; none: no limit.'),
    call: limit.describe('Calls to one contact. Default 3/day; none: no limit.'),
    sms: ownLimit('Text messages'),
    whatsapp: ownLimit('WhatsApp messages'),
    email: ownLimit('E-mails'),
  })
  .default({})
  .describe('How often one contact may be reached, over all rules. A day is the last 24 hours.');

/** Read as those of calendars are; the form is for editors. */
const hours = z.unknown().meta({
  description: 'Hours by weekday, such as { mon-fri: "08:00-21:00", sat: "10:00-18:00" }; other days: none.',
  type: 'object',
  additionalProperties: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
});

/** `contacts:`; the hours are checked one by one afterwards, as calendars are. */
export const contactsSchema = z
  .strictObject({
    scope: z
      .string()
      .regex(/^labels\.[A-Za-z0-9_-]+$/, 'expected labels.<name>, such as labels.client')
      .optional(),
    zone: fieldPath
      .optional()
      .describe(
        'Path of the field of a call that holds the zone of the contact, e.g. lead.variables.timezone.',
      ),
    hours: z
      .strictObject({
        default: hours.optional(),
        countries: z.record(z.string(), hours).default({}).describe('By ISO code, such as US.'),
        zones: z.record(z.string(), hours).default({}).describe('By zone, such as Europe/Vienna.'),
      })
      .default({ countries: {}, zones: {} })
      .describe('When contacts may be reached, on their own clock. Default 08:00 to 21:00 every day.'),
    consent: fieldPath
      .optional()
      .describe(
        'Path of the field of a call that says whether the contact agreed to be reached, e.g. lead.variables.consent.',
      ),
    max_age: duration
      .default(DAY_MS)
      .describe('A call told later than this after its end reaches no contact. Default 1d.'),
  })
  .prefault({});

export const maxChainSchema = z
  .int()
  .min(1)
  .max(20)
  .default(DEFAULT_MAX_CHAIN)
  .describe('How many calls one original call may cause; more are refused with an alert. Default 3.');
