import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { isJsonObject } from '../../lib/json.js';
import { type SendRequest, defineAdapter } from '../adapter.js';
import { type ApiAnswer, endAttempt, makeAttempt, type Receipt, refuse } from '../exchange.js';
import { describeAnswer } from '../http-outcome.js';
import { inspectTelegram } from './inspect.js';
import { checkMessage, message, readMessage } from './message.js';
import { telegramApi } from './telegram-api.js';
import { options, type TelegramOptions } from './telegram-options.js';

const receipt = z.strictObject({
  id: z.string().describe('Id of the message in its chat'),
  chat: z.string().describe('Id of the chat'),
});

export const adapter = defineAdapter({
  kind: 'telegram',
  description: 'Posts a message to a Telegram chat, group or channel as a bot.',
  options,
  operations: {
    message: {
      description: 'Posts one message',
      input: message,
      audience: 'colleagues',
      testMarkField: 'text',
      receipt,
      check: checkMessage,
      repeat: 'A repeated message says that it is one',
      limits: [
        'A message shows 4,096 characters, cut with a mark',
        'About one message a second and chat, 20 a minute and group: rate: 1/3s',
      ],
    },
  },
  defaultOperation: 'message',
  addresses: ({ base_url: base }) => [new URL(base).hostname],
  inspect: inspectTelegram,
  send,
});

function send(request: SendRequest<TelegramOptions>): Promise<AttemptOutcome> {
  return makeAttempt(request, telegramApi(request.options), async (exchange) => {
    const content = readMessage(request);
    if (typeof content === 'string') return refuse(content);
    return readReceipt(await exchange.write({ path: '/sendMessage', json: content }));
  });
}

function readReceipt(answer: ApiAnswer): Receipt {
  const result = isJsonObject(answer.json) ? answer.json.result : null;
  if (!isJsonObject(result) || typeof result.message_id !== 'number')
    return endAttempt({
      ...{ outcome: 'unknown', reason: 'server_error', httpStatus: answer.status },
      message: `no message in the answer of Telegram: ${describeAnswer(answer)}`,
    });
  const chat = isJsonObject(result.chat) ? result.chat.id : null;
  return { id: String(result.message_id), chat: typeof chat === 'number' ? String(chat) : '' };
}
