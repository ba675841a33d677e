import { z } from 'zod';
import { secret } from '../adapter.js';

/** Options of a destination of kind `discord`. */
export const options = z.strictObject({
  webhook_url: secret(z.url({ protocol: /^https?$/ })).describe(
    'Webhook of one channel; with ?thread_id=… of one thread in it',
  ),
});

export type DiscordOptions = z.output<typeof options>;

/** `…/slack` and `…/github` take other messages than this kind sends. */
export function checkOptions({ webhook_url: url }: DiscordOptions): { path: string; problem: string }[] {
  if (/\/webhooks\/\d+\/[\w-]+\/?$/.test(new URL(url).pathname)) return [];
  const problem =
    'is no webhook of Discord; expected https://discord.com/api/webhooks/ with an id and a token, and nothing after them';
  return [{ path: 'webhook_url', problem }];
}
