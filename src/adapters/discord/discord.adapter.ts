import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { isJsonObject } from '../../lib/json.js';
import { type Inspection, type InspectRequest, type SendRequest, defineAdapter } from '../adapter.js';
import { type ApiAnswer, endAttempt, makeAttempt, type Receipt, refuse } from '../exchange.js';
import { describeAnswer } from '../http-outcome.js';
import { inspectWith } from '../inspect-with.js';
import { discordApi } from './discord-api.js';
import { checkOptions, type DiscordOptions, options } from './discord-options.js';
import { message, readMessage } from './message.js';

const receipt = z.strictObject({
  id: z.string().describe('Id of the message'),
  channel: z.string().describe('Id of its channel'),
});

export const adapter = defineAdapter({
  kind: 'discord',
  description: 'Posts a message to a Discord channel.',
  options,
  operations: {
    message: {
      description: 'Posts one message',
      input: message,
      audience: 'colleagues',
      testMarkField: 'text',
      receipt,
      repeat: 'A repeated message says that it is one',
      limits: [
        'Text is cut at 2,000 characters with a mark; titles of embeds at 256, descriptions at 4,096, values at 1,024, all of them at 6,000',
        'About 30 messages a minute and channel: rate: 1/2s',
      ],
    },
  },
  defaultOperation: 'message',
  checkOptions,
  addresses: ({ webhook_url: url }) => [new URL(url).hostname],
  inspect,
  send,
});

function send(request: SendRequest<DiscordOptions>): Promise<AttemptOutcome> {
  return makeAttempt(request, discordApi(request.options), async (exchange) => {
    const content = readMessage(request.input, request.mayHaveArrived);
    if (typeof content === 'string') return refuse(content);
    // Only with `wait` does Discord say what became of the message, and its id.
    return readReceipt(await exchange.write({ path: '', query: { wait: true }, json: content }));
  });
}

function readReceipt(answer: ApiAnswer): Receipt {
  const { id, channel_id: channel } = isJsonObject(answer.json) ? answer.json : {};
  if (typeof id === 'string') return { id, channel: typeof channel === 'string' ? channel : '' };
  return endAttempt({
    ...{ outcome: 'unknown', reason: 'server_error', httpStatus: answer.status },
    message: `no message in the answer of Discord: ${describeAnswer(answer)}`,
  });
}

/** Reading a webhook by its own URL changes nothing and tells its name. */
function inspect(request: InspectRequest<DiscordOptions>): Promise<Inspection> {
  return inspectWith(request, discordApi(request.options), async (inspector) => {
    const { json } = await inspector.read({ path: '' });
    const account = isJsonObject(json) && typeof json.name === 'string' ? json.name : null;
    return { account, problems: [] };
  });
}
