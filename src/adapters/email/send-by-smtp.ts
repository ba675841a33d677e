import { type AttemptOutcome } from '../../domain/attempt.js';
import { type MailMessage, MailError } from '../../egress/mail-client.js';
import { type SendRequest } from '../adapter.js';
import { type EmailOptions } from './email-options.js';
import { outcomeOfMailError, outcomeOfMailResult, readProgress } from './mail-outcome.js';

/** Hands the mail over for all addresses, or for those that the last attempt left. */
export async function sendBySmtp(
  { mail, timeoutMs, signal, ...request }: SendRequest<EmailOptions>,
  smtpUrl: string,
  message: MailMessage,
): Promise<AttemptOutcome> {
  const progress = readProgress(request.progress);
  const recipients = progress ? { recipients: progress.remaining } : {};
  try {
    const result = await mail.send(smtpUrl, { ...message, ...recipients }, timeoutMs, signal);
    return outcomeOfMailResult(result, progress, message.messageId);
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    return outcomeOfMailError(error, progress, message.messageId);
  }
}
