import { z } from 'zod';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.js';
import { fieldFormat } from '../adapter.js';

const id = z.number().int().positive();
const phone = fieldFormat('phone', z.string());

const variables = fieldFormat(
  'any',
  z.record(z.string().min(1), fieldFormat('any', z.union([z.string(), z.number(), z.boolean(), z.null()]))),
);

export const addLead = z.strictObject({
  campaign_id: id.describe('Id of the campaign that calls the lead'),
  phone: phone.describe('Number of the lead'),
  variables: variables.optional().describe('Variables of the assistant, by name'),
  allow_duplicates: z
    .boolean()
    .default(false)
    .describe('true: also when the campaign has a lead with this number'),
  secondary_contacts: z
    .array(
      z.strictObject({
        phone: phone.describe('Number of the other contact'),
        variables: variables.optional().describe('Variables of the assistant, by name'),
      }),
    )
    .optional()
    .describe('Others to call for the same lead; call campaigns only'),
});

/** The lead's own number, and those of others who are called for it; as written, a template may stand for all of these. */
export function numbersOfLead({ phone, secondary_contacts: others }: JsonObject): Json[] {
  if (typeof others === 'string') return [phone ?? null, others];
  const secondary = Array.isArray(others) ? others : [];
  return [phone ?? null, ...secondary.map((other) => (isJsonObject(other) ? (other.phone ?? null) : other))];
}

export const updateLead = z
  .strictObject({
    id: id.describe('Id of the lead, e.g. "{{ lead.id }}"'),
    status: z
      .enum(['created', 'completed', 'reached-max-retries'])
      .optional()
      .describe('created: it is called again; completed: it is not called any more'),
    variables: variables.optional().describe('Laid over the variables that the lead has'),
    campaign_id: id.optional().describe('Campaign that it moves to'),
    phone: phone.optional().describe('Its new number'),
  })
  .refine(
    ({ id: _, ...changes }) => Object.values(changes).some((change) => change !== undefined),
    'changes nothing; expected status, variables, campaign_id or phone',
  );

/** The number that the lead gets, and is called at from then on. Without one it reaches the contact of the call. */
export function newNumberOfLead({ phone: given }: JsonObject): Json[] {
  return given === undefined ? [] : [given];
}

export const placeCall = z.strictObject({
  assistant_id: id.describe('Id of the outbound assistant that calls'),
  phone: phone.describe('Number to call'),
  variables: variables.optional().describe('Variables of the assistant, by name'),
});

export const sendSms = z.strictObject({
  from: id.describe('Id of the phone number of yours that sends; not the number itself'),
  to: phone.describe('Number that gets the message'),
  text: z.string().min(1).describe('The message, at most 300 characters; a longer one is refused, not cut'),
});

export const sendWhatsapp = z
  .strictObject({
    sender_id: id.describe('Id of the WhatsApp sender'),
    to: phone.describe('Number that gets the message'),
    text: z
      .string()
      .min(1)
      .optional()
      .describe('Free text; only within 24 hours after a message of the contact'),
    template_id: id.optional().describe('Id of an approved template, in place of text'),
    variables: z
      .record(z.string().min(1), z.string())
      .optional()
      .describe('Variables of the template, by name or place: { "1": … }'),
    name: z.string().max(255).optional().describe('Name of the contact, shown in the conversation'),
  })
  .refine(
    ({ text, template_id: template }) => (text === undefined) !== (template === undefined),
    'needs text or template_id, not both',
  );

/** The platform refuses a longer one; a part of a message could say something else than the whole. */
export const MAX_SMS = 300;

/** As the platform counts them: characters, not UTF-16 units. */
export function lengthOf(text: string): number {
  return [...text].length;
}

/** A fixed text is found too long before any call comes in. */
export function checkSms({ text }: { text?: unknown }): { path: string; problem: string }[] {
  if (typeof text !== 'string' || /\{[{%]/.test(text) || lengthOf(text) <= MAX_SMS) return [];
  return [{ path: 'text', problem: tooLong(text) }];
}

export function tooLong(text: string): string {
  return `has ${lengthOf(text)} characters; Autocalls takes ${MAX_SMS} and it is not cut`;
}
