import { createHmac } from 'node:crypto';
import { type SendRequest } from '../adapter.js';
import { isJsonObject } from '../../lib/json.js';
import { type Content, type HttpOptions } from './http-options.js';

/** Headers that describe the connection or that receivers trust to be ours. */
const RESERVED = [
  'connection',
  'content-length',
  'expect',
  'host',
  'idempotency-key',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'webhook-id',
  'webhook-signature',
  'webhook-timestamp',
];

export function reservedHeader(name: string): boolean {
  return RESERVED.includes(name.toLowerCase());
}

/**
 * All headers in lower case; later ones win: content type, destination, action, login, ours. Or a problem.
 * `token` is the access token of OAuth 2.0, where the destination wants one.
 */
export function buildHeaders(
  { input, options, idempotencyKey, now }: SendRequest<HttpOptions>,
  content: Content,
  token: string | null = null,
): Record<string, string> | string {
  const given = isJsonObject(input.headers) ? (input.headers as Record<string, string>) : {};
  const problem = headersProblem(given);
  if (problem !== null) return problem;
  return {
    ...(content.contentType !== null && { 'content-type': content.contentType }),
    ...lowerCased(options.headers ?? {}),
    ...lowerCased(given),
    ...authorization(options.auth, token),
    'idempotency-key': idempotencyKey,
    ...(options.secret !== undefined && signature(options.secret, idempotencyKey, now, content.body ?? '')),
  };
}

function headersProblem(given: Record<string, string>): string | null {
  for (const [name, value] of Object.entries(given)) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return 'a header has a name that HTTP does not allow';
    if (reservedHeader(name)) return `header ${name} is set by Aftercall itself; leave it out`;
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
      return `header ${name} holds a line break or a character beyond Latin-1`;
  }
  return null;
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function authorization(auth: HttpOptions['auth'], token: string | null): Record<string, string> {
  if (token !== null) return { authorization: `Bearer ${token}` };
  if (auth === undefined || 'oauth2' in auth) return {};
  if ('bearer' in auth) return { authorization: `Bearer ${auth.bearer}` };
  return { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` };
}

/**
 * Headers of Standard Webhooks (https://www.standardwebhooks.com): the id is the idempotency key, the
 * timestamp that of the attempt in seconds, so that receivers can refuse what is old.
 */
export function signature(
  secret: string,
  id: string,
  now: number,
  body: string | Uint8Array,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const hmac = createHmac('sha256', keyOf(secret))
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${hmac}` };
}

function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret);
}
