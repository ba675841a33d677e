import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { type SendRequest, defineAdapter } from '../adapter.js';
import { postAsBot } from './bot.js';
import { inspectSlack } from './inspect.js';
import { checkMessage, markAsAgain, message, readMessage } from './message.js';
import { checkOptions, options, type SlackOptions } from './slack-options.js';
import { postByWebhook } from './webhook.js';

const receipt = z.strictObject({
  channel: z.string().describe('Id of the channel; only with bot_token'),
  ts: z.string().describe('Time of the message, which is its name in the channel; only with bot_token'),
});

export const adapter = defineAdapter({
  kind: 'slack',
  description: 'Posts a message to a Slack channel.',
  options,
  operations: {
    message: {
      description: 'Posts one message, or edits the one of the same call',
      input: message,
      audience: 'colleagues',
      testMarkField: 'text',
      receipt,
      isOrdered: ({ thread }) => thread === 'contact',
      check: checkMessage,
      repeat: 'A repeated message says that it is one; an edit may be repeated',
      limits: ['Text is cut at 40,000 characters', 'About one message a second and channel: rate: 1/s'],
    },
  },
  defaultOperation: 'message',
  checkOptions,
  addresses: ({ webhook_url: url, base_url: base }) => [new URL(url ?? base).hostname],
  inspect: inspectSlack,
  send,
});

async function send(request: SendRequest<SlackOptions>): Promise<AttemptOutcome> {
  const { input, options: to, mayHaveArrived } = request;
  const content = readMessage(input);
  if (typeof content === 'string') return { outcome: 'rejected', reason: 'invalid_input', message: content };
  if (to.webhook_url === undefined) return postAsBot(request, content);
  const needsBot = (['channel', 'thread', 'update'] as const).find((name) => input[name] !== undefined);
  if (needsBot !== undefined) {
    const problem = `${needsBot} needs bot_token; a webhook knows one channel and neither threads nor edits`;
    return { outcome: 'rejected', reason: 'invalid_input', message: problem };
  }
  return postByWebhook(request, to.webhook_url, mayHaveArrived ? markAsAgain(content) : content);
}
