import { z } from 'zod';
import { parseMailAddress } from '../../egress/mail-address.js';
import { parseSmtpUrl } from '../../egress/smtp-url.js';
import { secret } from '../adapter.js';

/** Options of a destination of kind `email`. */
export const options = z.strictObject({
  smtp_url: secret(z.string().min(1).optional()).describe(
    'smtp://user:password@host:587 or smtps://user:password@host:465, percent-encoded; ?requireTLS=true insists on STARTTLS',
  ),
  resend_api_key: secret(z.string().min(1).optional()).describe(
    'In place of smtp_url: key of an account at Resend, starts with re_',
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
  base_url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.resend.com')
    .describe('Stands in for https://api.resend.com'),
});

export type EmailOptions = z.output<typeof options>;

interface OptionProblem {
  path: string;
  problem: string;
}

export function checkOptions(options: EmailOptions): OptionProblem[] {
  const sender = parseMailAddress(options.from);
  const problems = typeof sender === 'string' ? [{ path: 'from', problem: sender }] : [];
  return [...problems, ...wayProblems(options)];
}

/** Mail goes out one way or the other. */
function wayProblems({ smtp_url: url, resend_api_key: key, dkim }: EmailOptions): OptionProblem[] {
  if (url === undefined && key === undefined)
    return [{ path: 'smtp_url', problem: 'is missing; give smtp_url or resend_api_key' }];
  if (url !== undefined && key !== undefined)
    return [{ path: 'smtp_url', problem: 'stands beside resend_api_key; give one of the two' }];
  if (url === undefined)
    return dkim
      ? [{ path: 'dkim', problem: 'is for smtp_url; Resend signs by itself, so leave it out' }]
      : [];
  try {
    parseSmtpUrl(url);
    return [];
  } catch (error) {
    return [{ path: 'smtp_url', problem: error instanceof Error ? error.message : String(error) }];
  }
}

/** The host that mail is handed to. */
export function addressesOf({ smtp_url: url, base_url: base }: EmailOptions): string[] {
  return [url === undefined ? new URL(base).hostname : parseSmtpUrl(url).host];
}
