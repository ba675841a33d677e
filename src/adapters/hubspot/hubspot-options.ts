import { z } from 'zod';
import { isTimeZone } from '../../lib/time-zone.js';
import { secret } from '../adapter.js';

const propertyName = z.string().regex(/^[a-z][a-z0-9_]*$/, 'is no internal name of a property');

/** Options of a destination of kind `hubspot`. */
export const options = z.strictObject({
  access_token: secret(z.string().min(1)).describe('Access token of a private app, starts with pat-'),
  api_version: z
    .string()
    .regex(/^(v3|20\d\d-\d\d)$/, 'is no version; expected v3, or a dated one such as "2026-03"')
    .default('v3')
    .describe('Version in the paths of the API: v3 (default), or a dated one such as "2026-03"'),
  contact_property: propertyName
    .optional()
    .describe('Property of contacts with unique values that holds the phone number; finds them without fail'),
  call_property: propertyName
    .optional()
    .describe(
      'Property of calls with unique values that holds the id of the call; keeps calls free of duplicates',
    ),
  timezone: z
    .string()
    .refine(isTimeZone, 'is no time zone; expected an IANA name such as "Europe/Vienna"')
    .default('UTC')
    .describe('Zone of the HubSpot account: its midnight ends a daily limit. Default UTC'),
  base_url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.hubapi.com')
    .describe('Stands in for https://api.hubapi.com'),
});

export type HubSpotOptions = z.output<typeof options>;
