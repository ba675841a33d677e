import { z } from 'zod';
import { secret } from '../adapter.js';

/** Options of a destination of kind `email`. */
export const options = z.strictObject({
  smtp_url: secret(z.string().min(1)).describe(
    'smtp://user:password@host:587 or smtps://user:password@host:465, percent-encoded; ?requireTLS=true insists on STARTTLS',
  ),
  from: z.string().min(1).describe('Sender, e.g. Acme calls <calls@example.com>'),
  dkim: z
    .strictObject({
      domain: z.string().min(1).describe('Domain that signs, usually that of the sender'),
      selector: z.string().min(1).describe('Name of the DNS record below _domainkey'),
      private_key: secret(z.string().min(1)).describe('PEM text, e.g. ${file:/run/secrets/dkim.pem}'),
    })
    .optional()
    .describe('Signs each mail; leave out where the mail server does'),
});

export type EmailOptions = z.output<typeof options>;
