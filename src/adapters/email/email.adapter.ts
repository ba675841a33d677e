import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { parseMailAddress } from '../../egress/mail-address.js';
import { type MailMessage, MailError } from '../../egress/mail-client.js';
import { parseSmtpUrl } from '../../egress/smtp-url.js';
import { type SendRequest, defineAdapter, fieldFormat } from '../adapter.js';
import { buildMail } from './build-mail.js';
import { type EmailOptions, options } from './email-options.js';
import { type MailProgress, outcomeOfMailError, outcomeOfMailResult, readProgress } from './mail-outcome.js';

const addresses = z.union([z.string(), z.array(z.string())]);

const input = z
  .strictObject({
    to: fieldFormat('header', addresses).describe('Address or list of addresses: one mail to all of them'),
    cc: fieldFormat('header', addresses.optional()).describe('Address or list of addresses'),
    reply_to: fieldFormat('header', z.string().optional()).describe('Where answers go'),
    subject: fieldFormat('header', z.string()).describe('One line'),
    text: fieldFormat('text', z.string().optional()).describe('Body as plain text'),
    html: fieldFormat('html', z.string().optional()).describe('Body as HTML; output of templates is escaped'),
    template: fieldFormat('template', z.string().optional())
      .meta({ into: 'html' })
      .describe('File of templates/ that gives the HTML body'),
  })
  .refine(
    ({ text, html, template }) => [text, html, template].some((body) => body !== undefined),
    'needs text, html or template',
  );

export const adapter = defineAdapter({
  kind: 'email',
  description: 'Sends an e-mail over SMTP.',
  options,
  operations: {
    send: {
      description: 'Sends one mail to all recipients',
      input,
      audience: 'system',
      repeat: 'The same Message-ID on every attempt, which mail clients fold into one',
    },
  },
  defaultOperation: 'send',
  checkOptions,
  addresses: ({ smtp_url: url }) => [parseSmtpUrl(url).host],
  send,
});

function checkOptions({ smtp_url: url, from }: EmailOptions): { path: string; problem: string }[] {
  const sender = parseMailAddress(from);
  const problems = typeof sender === 'string' ? [{ path: 'from', problem: sender }] : [];
  try {
    parseSmtpUrl(url);
  } catch (error) {
    problems.push({ path: 'smtp_url', problem: error instanceof Error ? error.message : String(error) });
  }
  return problems;
}

async function send(request: SendRequest<EmailOptions>): Promise<AttemptOutcome> {
  const progress = readProgress(request.progress);
  const mail = buildMail(request.input, request.options, request.idempotencyKey);
  if (typeof mail === 'string') return { outcome: 'rejected', reason: 'invalid_input', message: mail };
  return hand(request, mail, progress);
}

async function hand(
  { mail, options: { smtp_url: url }, timeoutMs, signal }: SendRequest<EmailOptions>,
  message: MailMessage,
  progress: MailProgress | null,
): Promise<AttemptOutcome> {
  const recipients = progress ? { recipients: progress.remaining } : {};
  try {
    const result = await mail.send(url, { ...message, ...recipients }, timeoutMs, signal);
    return outcomeOfMailResult(result, progress, message.messageId);
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    return outcomeOfMailError(error, progress, message.messageId);
  }
}
