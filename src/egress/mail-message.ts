import { type SendMailOptions } from 'nodemailer';
import { type MailAddress, parseMailAddress } from './mail-address.js';
import { type MailMessage, MailError } from './mail-client.js';

/**
 * A message as nodemailer takes it, every address read by our own parser and handed over in parts.
 * @throws {MailError} `message` for an address, subject or header that could smuggle something in.
 */
export function toNodemailer(message: MailMessage): SendMailOptions {
  const from = readAddress('from', message.from);
  const to = message.to.map((address) => readAddress('to', address));
  const cc = (message.cc ?? []).map((address) => readAddress('cc', address));
  const recipients = message.recipients?.map((address) => readAddress('recipients', address)) ?? [
    ...to,
    ...cc,
  ];
  if (recipients.length === 0) throw invalid('there is nobody to send the mail to');
  checkHeaders({ subject: message.subject, ...message.headers });
  if (!/^<[^\s<>@]+@[^\s<>@]+>$/.test(message.messageId)) throw invalid('the message id is none');
  return {
    ...{ from, to, cc, subject: message.subject, messageId: message.messageId, headers: message.headers },
    ...(message.replyTo !== undefined && { replyTo: readAddress('reply_to', message.replyTo) }),
    ...(message.text !== undefined && { text: message.text }),
    ...(message.html !== undefined && { html: message.html }),
    ...(message.attachments && { attachments: message.attachments.map(attachmentOf) }),
    ...(message.dkim && { dkim: { ...message.dkim, ...signedHeaders(message.headers) } }),
    envelope: { from: from.address, to: recipients.map(({ address }) => address) },
    xMailer: false,
  };
}

function attachmentOf({ name, text }: { name: string; text: string }) {
  if (!/^[^\u0000-\u001f\u007f"/\\]{1,100}\.txt$/.test(name))
    throw invalid('an attachment has no plain name');
  return { filename: name, content: text, contentType: 'text/plain; charset=utf-8' };
}

/** RFC 8058: one click counts only where the signature covers both headers; nodemailer leaves the second out. */
function signedHeaders(headers: Record<string, string> = {}): { headerFieldNames?: string } {
  if (headers['List-Unsubscribe-Post'] === undefined) return {};
  const names = ['From', 'Reply-To', 'Subject', 'Date', 'Message-ID', 'To', 'Cc', 'MIME-Version'];
  const ours = ['Content-Type', 'List-Unsubscribe', 'List-Unsubscribe-Post'];
  return { headerFieldNames: [...names, ...ours].join(':') };
}

function readAddress(field: string, text: string): MailAddress {
  const address = parseMailAddress(text);
  if (typeof address === 'string') throw invalid(`${field} ${address}`);
  return address;
}

function checkHeaders(headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!-9;-~]+$/.test(name)) throw invalid('a header has a name that mail does not allow');
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) throw invalid(`${name} holds a control character`);
  }
}

function invalid(message: string): MailError {
  return new MailError('message', message, null, false);
}
