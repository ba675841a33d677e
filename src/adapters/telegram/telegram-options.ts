import { z } from 'zod';
import { secret } from '../adapter.js';

/** Id of a chat (groups have negative ones), or the public name of a channel or group. */
export const CHAT = /^(-?\d{1,20}|@[a-z]\w{3,31})$/i;

/** Options of a destination of kind `telegram`. */
export const options = z.strictObject({
  bot_token: secret(z.string().regex(/^\d+:[\w-]+$/, 'is not the token that BotFather gave')).describe(
    'Token of the bot, as BotFather gave it: 123456:ABC…',
  ),
  chat_id: z
    .union([
      z.string().regex(CHAT, 'is no chat; expected an id such as "-1001234567890", or "@name"'),
      z.int(),
    ])
    .describe('Chat to write to, unless the message names one: its id, or "@name" (quoted)'),
  base_url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.telegram.org')
    .describe('Stands in for https://api.telegram.org, e.g. a Bot API server of your own'),
});

export type TelegramOptions = z.output<typeof options>;
