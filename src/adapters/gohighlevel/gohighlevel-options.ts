import { z } from 'zod';
import { secret } from '../adapter.js';

/** Options of a destination of kind `gohighlevel`. */
export const options = z.strictObject({
  access_token: secret(z.string().min(1)).describe(
    'Token of a private integration of the sub-account, starts with pit-',
  ),
  location_id: z
    .string()
    .regex(/^[\w-]+$/, 'is no id of a location')
    .describe('Id of the sub-account (location)'),
  api_version: z
    .string()
    .regex(/^[\w.-]+$/, 'is no version')
    .default('2021-07-28')
    .describe('Value of the header Version, without which GoHighLevel answers nothing'),
  base_url: z
    .url({ protocol: /^https?$/ })
    .default('https://services.leadconnectorhq.com')
    .describe('Stands in for https://services.leadconnectorhq.com'),
});

export type GoHighLevelOptions = z.output<typeof options>;
