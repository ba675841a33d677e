import { z } from 'zod';
import { secret } from '../adapter.js';

/** Options of a destination of kind `slack`. */
export const options = z.strictObject({
  webhook_url: secret(z.url({ protocol: /^https?$/ }).optional()).describe('Incoming webhook of one channel'),
  bot_token: secret(z.string().min(1).optional()).describe(
    'Token of an app with chat:write, starts with xoxb-',
  ),
  channel: z
    .string()
    .min(1)
    .optional()
    .describe('Channel for bot_token, unless the message names one: "#name" (quoted) or id'),
  base_url: z
    .url({ protocol: /^https?$/ })
    .default('https://slack.com')
    .describe('Stands in for https://slack.com'),
});

export type SlackOptions = z.output<typeof options>;

export function checkOptions({
  webhook_url: url,
  bot_token: token,
  channel,
}: SlackOptions): { path: string; problem: string }[] {
  if (url !== undefined && (token !== undefined || channel !== undefined))
    return [
      {
        path: 'webhook_url',
        problem: 'stands beside bot_token or channel; give webhook_url, or bot_token and channel',
      },
    ];
  if (url === undefined && token === undefined)
    return [{ path: 'webhook_url', problem: 'is missing; give webhook_url, or bot_token and channel' }];
  if (url === undefined && channel === undefined)
    return [
      {
        path: 'channel',
        problem: 'is missing; bot_token needs the channel to post to, e.g. channel: "#sales"',
      },
    ];
  return [];
}
