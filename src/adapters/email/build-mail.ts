import { domainToASCII } from 'node:url';
import { parseMailAddress } from '../../egress/mail-address.js';
import { type MailMessage } from '../../egress/mail-client.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { readAttachments } from './attachments.js';
import { type EmailOptions } from './email-options.js';

/**
 * The mail that an input asks for, or a sentence about what is wrong with it. The same input and key give
 * the same mail: servers and mail clients fold mails with one Message-ID into one.
 */
export function buildMail(
  input: JsonObject,
  options: EmailOptions,
  idempotencyKey: string,
): MailMessage | string {
  const [to, cc, replyTo] = [listOf(input.to), listOf(input.cc), listOf(input.reply_to)];
  const problem = problemOf({ to, cc, reply_to: replyTo }, input);
  if (problem !== null) return problem;
  const attachments = readAttachments(input.attachments);
  if (typeof attachments === 'string') return attachments;
  return {
    ...{
      from: options.from,
      to: unique(to),
      cc: unique(cc).filter((address) => !unique(to).includes(address)),
    },
    subject: textOf(input.subject) ?? '',
    ...{ replyTo: replyTo[0], text: textOf(input.text), html: textOf(input.html) },
    messageId: messageIdOf(idempotencyKey, options.from),
    // RFC 3834: out-of-office replies and ticket systems do not answer such mail.
    headers: { 'Auto-Submitted': 'auto-generated', ...unsubscribing(input.unsubscribe_url) },
    ...(attachments.length > 0 && { attachments }),
    dkim: options.dkim && {
      domainName: options.dkim.domain,
      keySelector: options.dkim.selector,
      privateKey: options.dkim.private_key,
    },
  };
}

/** Without signs that would end the address within the header. */
const UNSUBSCRIBE_URL = /^https:\/\/[\w.~:/?#@!$&'()*+;=%-]{3,1000}$/;

/** RFC 8058: mail programs show a button that posts to the address. */
function unsubscribing(url: Json | undefined): Record<string, string> {
  if (typeof url !== 'string' || url === '') return {};
  return { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}

function problemOf(fields: Record<'to' | 'cc' | 'reply_to', string[]>, input: JsonObject): string | null {
  if (fields.to.length === 0) return 'to holds no address';
  if (textOf(input.text) === undefined && textOf(input.html) === undefined)
    return 'the mail has neither text nor html';
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(textOf(input.subject) ?? ''))
    return 'subject holds a control character';
  const link = textOf(input.unsubscribe_url);
  if (link !== undefined && !UNSUBSCRIBE_URL.test(link))
    return 'unsubscribe_url is no https address; mail programs call no other by one click';
  for (const [field, addresses] of Object.entries(fields)) {
    const problem = addresses.map(parseMailAddress).find((parsed) => typeof parsed === 'string');
    if (problem !== undefined) return `${field} ${problem}`;
  }
  return null;
}

/** Entries that rendered to nothing are left out. */
function listOf(value: Json | undefined): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((entry): entry is string => typeof entry === 'string' && entry.trim() !== '');
}

function unique(addresses: string[]): string[] {
  return [...new Map(addresses.map((address) => [address.trim().toLowerCase(), address])).values()];
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function messageIdOf(idempotencyKey: string, from: string): string {
  const sender = parseMailAddress(from);
  const domain = typeof sender === 'string' ? '' : domainToASCII(sender.address.split('@')[1] ?? '');
  return `<${encodeURIComponent(idempotencyKey)}@${domain || 'localhost'}>`;
}
