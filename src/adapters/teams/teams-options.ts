import { z } from 'zod';
import { secret } from '../adapter.js';

/** Options of a destination of kind `teams`. */
export const options = z.strictObject({
  webhook_url: secret(z.url({ protocol: /^https?$/ })).describe(
    'URL of a workflow "When a Teams webhook request is received", which posts to one channel or chat',
  ),
});

export type TeamsOptions = z.output<typeof options>;

/** Connectors answered 200 to messages that never came through, and Microsoft retired them. */
export function checkOptions({ webhook_url: url }: TeamsOptions): { path: string; problem: string }[] {
  if (!/(^|\.)webhook\.office(365)?\.com$/i.test(new URL(url).hostname)) return [];
  const problem = 'is an Office 365 connector, which Teams no longer takes; make a workflow and give its URL';
  return [{ path: 'webhook_url', problem }];
}
