import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { type Operation, type SendRequest, defineAdapter } from '../adapter.js';
import { buildMail } from './build-mail.js';
import { mail, mailToContact } from './email-input.js';
import { addressesOf, checkOptions, type EmailOptions, options } from './email-options.js';
import { inspectEmail } from './inspect-resend.js';
import { checkRecipients, reachedBy } from './recipients.js';
import { sendByResend } from './send-by-resend.js';
import { sendBySmtp } from './send-by-smtp.js';

const receipt = z.strictObject({
  message_id: z.string().describe('Its Message-ID; with Resend the id that it has there'),
  refused: z
    .array(z.strictObject({ address: z.string(), code: z.number() }))
    .describe('Addresses that the mail server refused for good'),
});

const shared = {
  receipt,
  repeat:
    'The same Message-ID on every attempt, which mail clients fold into one; Resend sends one mail per Idempotency-Key for 24 hours',
  limits: [
    'Five attachments, text only',
    'Resend takes 50 addresses, and two mails a second at first: rate: 2/s',
  ],
} satisfies Partial<Operation>;

export const adapter = defineAdapter({
  kind: 'email',
  description: 'Sends an e-mail over SMTP or by Resend.',
  options,
  operations: {
    send: {
      ...{ description: 'Sends one mail to all recipients', input: mail, audience: 'system' },
      check: checkRecipients,
      ...shared,
    },
    send_to_contact: {
      ...{ description: 'Sends one mail to the contact of the call', input: mailToContact },
      ...{
        audience: 'contact',
        reaches: { channel: 'email', addresses: reachedBy },
        ...shared,
      },
    },
  },
  defaultOperation: 'send',
  checkOptions,
  addresses: addressesOf,
  inspect: inspectEmail,
  send,
});

async function send(request: SendRequest<EmailOptions>): Promise<AttemptOutcome> {
  const { input, options: to, idempotencyKey } = request;
  const message = buildMail(input, to, idempotencyKey);
  if (typeof message === 'string') return { outcome: 'rejected', reason: 'invalid_input', message };
  const { smtp_url: url } = to;
  return url === undefined ? sendByResend(request, message) : sendBySmtp(request, url, message);
}
