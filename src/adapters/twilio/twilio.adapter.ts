import { z } from 'zod';
import { defineAdapter } from '../adapter.js';
import { checkReaders } from '../colleague-message.js';
import { inspectTwilio } from './inspect.js';
import { sendSms, sms } from './sms.js';
import { checkOptions, options } from './twilio-options.js';

export const adapter = defineAdapter({
  kind: 'twilio',
  description: 'Sends a text message to the contact through Twilio.',
  options,
  operations: {
    sms: {
      description: 'Sends one text message',
      input: sms,
      audience: 'contact',
      reaches: { channel: 'sms', addresses: ({ to }) => [to ?? null] },
      // What is said on the phone must not choose who seems to write.
      check: (content) => checkReaders(content, 'from'),
      receipt: z.strictObject({ id: z.string().describe('SID of the message') }),
      repeat:
        'Held after an unknown outcome; then the messages to the number are searched for the same text first',
      limits: ['Text is cut at 1,600 characters', 'One message a second and ordinary number: rate: 1/s'],
    },
  },
  defaultOperation: 'sms',
  checkOptions,
  addresses: ({ base_url: base }) => [new URL(base).hostname],
  inspect: inspectTwilio,
  send: sendSms,
});
