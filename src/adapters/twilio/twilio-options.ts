import { z } from 'zod';
import { secret } from '../adapter.js';

/** Options of a destination of kind `twilio`. */
export const options = z.strictObject({
  account_sid: z
    .string()
    .regex(/^AC\w+$/, 'starts with AC')
    .describe('SID of the account, starts with AC'),
  auth_token: secret(z.string().min(1)).describe('Auth token of the account'),
  from: z
    .string()
    .min(1)
    .optional()
    .describe('Number or sender name that messages come from, unless the message names one'),
  messaging_service_sid: z
    .string()
    .regex(/^MG\w+$/, 'starts with MG')
    .optional()
    .describe('Messaging service that picks the number, in place of from'),
  base_url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.twilio.com')
    .describe('Stands in for https://api.twilio.com'),
});

export type TwilioOptions = z.output<typeof options>;

export function checkOptions({
  from,
  messaging_service_sid: service,
}: TwilioOptions): { path: string; problem: string }[] {
  if (from !== undefined && service !== undefined)
    return [{ path: 'from', problem: 'stands beside messaging_service_sid; give one of them' }];
  if (from === undefined && service === undefined)
    return [{ path: 'from', problem: 'is missing; give from, or messaging_service_sid' }];
  return [];
}
