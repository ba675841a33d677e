import { z } from 'zod';
import { secret } from '../adapter.js';

/** Options of a destination of kind `autocalls`. */
export const options = z.strictObject({
  api_key: secret(z.string().min(1)).describe('API key of the account'),
  base_url: z
    .url({ protocol: /^https?$/ })
    .default('https://app.autocalls.ai/api')
    .describe('Of a white label: https://app.<brand>/api'),
});

export type AutocallsOptions = z.output<typeof options>;
