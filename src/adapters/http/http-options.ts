import { z } from 'zod';
import { secret } from '../adapter.js';

export const method = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
export const headers = z.record(z.string(), z.string());

/** Options of a destination of kind `http`. */
export const options = z.strictObject({
  url: secret(z.url({ protocol: /^https?$/ })).describe(
    'Where requests go; an action may add a path, never a host',
  ),
  method: method.default('POST').describe('GET and DELETE carry no event'),
  headers: secret(headers.optional()).describe('Sent with every request'),
  secret: secret(z.string().min(8).optional()).describe(
    'Signs requests as Standard Webhooks: whsec_ and base64, or any text',
  ),
  auth: z
    .union([
      z.strictObject({ bearer: secret(z.string().min(1)) }),
      z.strictObject({ username: z.string().min(1), password: secret(z.string()) }),
    ])
    .optional()
    .describe('{ bearer: token } or { username: …, password: … }'),
  body: z.record(z.string(), z.unknown()).optional().describe('The body of an action is merged over it'),
});

export type HttpOptions = z.output<typeof options>;

/** What goes out as body, with its content type. */
export interface Content {
  body?: string | Uint8Array;
  contentType: string | null;
}
