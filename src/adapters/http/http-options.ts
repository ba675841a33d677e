import { z } from 'zod';
import { secret } from '../adapter.js';

export const method = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
export const headers = z.record(z.string(), z.string());

const clientCredentials = z.strictObject({
  token_url: z.url({ protocol: /^https?$/ }).describe('Where access tokens are asked for'),
  client_id: z.string().min(1).describe('Name of the client at that server'),
  client_secret: secret(z.string().min(1)).describe('Its secret'),
  scope: z.string().min(1).optional().describe('What the token is for; several with spaces between'),
});

export type ClientCredentials = z.output<typeof clientCredentials>;

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
      z.strictObject({ oauth2: clientCredentials }),
    ])
    .optional()
    .describe(
      '{ bearer: token }, { username: …, password: … } or { oauth2: { token_url, client_id, client_secret } }',
    ),
  body: z.record(z.string(), z.unknown()).optional().describe('The body of an action is merged over it'),
});

export type HttpOptions = z.output<typeof options>;

/** What goes out as body, with its content type. */
export interface Content {
  body?: string | Uint8Array;
  contentType: string | null;
}
