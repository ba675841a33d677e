import { z } from 'zod';
import { secret } from '../adapter.js';

/** Options of a destination of kind `pipedrive`. */
export const options = z.strictObject({
  api_token: secret(z.string().min(1)).describe('Personal API token of the user whose name the records bear'),
  base_url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.pipedrive.com')
    .describe(
      'Stands in for https://api.pipedrive.com, e.g. the address of your company: https://acme.pipedrive.com',
    ),
});

export type PipedriveOptions = z.output<typeof options>;
