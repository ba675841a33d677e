import { z } from 'zod';
import { fieldFormat } from '../adapter.js';

const MAX_ATTACHMENTS = 5;

const addresses = z.union([z.string(), z.array(z.string())]);

const attachment = z.strictObject({
  name: fieldFormat('header', z.string()).describe(
    'Name of the file; .txt is put behind it where it is missing',
  ),
  text: z.string().optional().describe('What it holds'),
});

const content = {
  reply_to: fieldFormat('header', z.string().optional()).describe('Where answers go'),
  subject: fieldFormat('header', z.string()).describe('One line'),
  text: fieldFormat('text', z.string().optional()).describe('Body as plain text'),
  html: fieldFormat('html', z.string().optional()).describe('Body as HTML; output of templates is escaped'),
  template: fieldFormat('template', z.string().optional())
    .meta({ into: 'html' })
    .describe('File of templates/ that gives the HTML body'),
  attachments: z
    .array(attachment)
    .max(MAX_ATTACHMENTS)
    .optional()
    .describe('Text files, e.g. the transcript: a list of { name, text }; one without text is left out'),
};

const unsubscribeUrl = fieldFormat('header', z.string().min(1));
const ABOUT_UNSUBSCRIBING = 'https address that ends such mail by one click (RFC 8058)';

type Body = Partial<Record<'text' | 'html' | 'template', string | undefined>>;
const hasBody = ({ text, html, template }: Body) => [text, html, template].some((body) => body !== undefined);
const NO_BODY = 'needs text, html or template';

/** A mail to people of the house, or to systems that take mail. */
export const mail = z
  .strictObject({
    to: fieldFormat('header', addresses).describe(
      "Address or list of addresses: one mail to all of them; fixed, or by lookup: '<table>'",
    ),
    cc: fieldFormat('header', addresses.optional()).describe(
      "Address or list of addresses; fixed, or by lookup: '<table>'",
    ),
    ...content,
    unsubscribe_url: unsubscribeUrl.optional().describe(ABOUT_UNSUBSCRIBING),
  })
  .refine(hasBody, NO_BODY);

/** A mail to the contact of the call, who must be able to say no to more. */
export const mailToContact = z
  .strictObject({
    to: fieldFormat('header', z.string()).describe('Address of the contact, with or without a name'),
    ...content,
    unsubscribe_url: unsubscribeUrl.describe(ABOUT_UNSUBSCRIBING),
  })
  .refine(hasBody, NO_BODY);
