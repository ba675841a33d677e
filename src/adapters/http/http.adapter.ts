import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { type HttpRequest } from '../../egress/http-client.js';
import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { type SendRequest, defineAdapter, fieldFormat, holdWhenMissing } from '../adapter.js';
import { judgeByStatus } from '../http-outcome.js';
import { inspectClient, withAccessToken } from './client-credentials.js';
import { type Content, type HttpOptions, headers, method, options } from './http-options.js';
import { mergeJson } from './merge-json.js';
import { buildHeaders, reservedHeader } from './request-headers.js';
import { joinUrl } from './request-url.js';
import { keepingFields, responseFields } from './response-fields.js';

const input = z.strictObject({
  body: holdWhenMissing(fieldFormat('any', z.unknown().optional())).describe(
    'Sent as JSON; without it the event goes out as it came in',
  ),
  path: fieldFormat('path', z.string().optional()).describe('Appended to the path of url'),
  method: method.optional().describe('In place of that of the destination'),
  headers: fieldFormat('header', headers.optional()).describe('Besides those of the destination'),
  query: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe('Query parameters; encoded for you'),
  response: responseFields,
});

export const adapter = defineAdapter({
  kind: 'http',
  description: 'Sends an HTTP request to any address: the event as it came in, or a JSON body of your own.',
  options,
  operations: {
    send: {
      description: 'Sends one request',
      input,
      audience: 'system',
      receiptFields: ({ response }) => Object.keys(isJsonObject(response) ? response : {}),
      repeat: 'The same Idempotency-Key on every attempt; the receiver must know it',
    },
  },
  defaultOperation: 'send',
  checkOptions,
  addresses: ({ url, auth }) =>
    [url, ...(auth && 'oauth2' in auth ? [auth.oauth2.token_url] : [])].map((each) => new URL(each).hostname),
  inspect: async (request) => {
    const { auth } = request.options;
    return auth && 'oauth2' in auth ? inspectClient(request, auth.oauth2) : null;
  },
  send,
});

async function send(request: SendRequest<HttpOptions>): Promise<AttemptOutcome> {
  const { auth } = request.options;
  const sendWith = (token: string | null) => sendOnce(request, token);
  return auth && 'oauth2' in auth ? withAccessToken(request, auth.oauth2, sendWith) : sendWith(null);
}

async function sendOnce(request: SendRequest<HttpOptions>, token: string | null): Promise<AttemptOutcome> {
  const built = buildRequest(request, token);
  if (typeof built === 'string') return rejected(built);
  const { http, now, input: given } = request;
  return isJsonObject(given.response)
    ? keepingFields(http, built, now, given.response)
    : judgeByStatus(http, built, now);
}

function rejected(message: string): AttemptOutcome {
  return { outcome: 'rejected', reason: 'invalid_input', message };
}

function checkOptions({ headers: given, auth }: HttpOptions): { path: string; problem: string }[] {
  const names = Object.keys(given ?? {});
  const reserved = names.find((name) => reservedHeader(name));
  if (reserved !== undefined)
    return [{ path: `headers.${reserved}`, problem: 'is set by Aftercall itself; leave it out' }];
  const twice = auth && names.find((name) => name.toLowerCase() === 'authorization');
  return twice === undefined
    ? []
    : [{ path: `headers.${twice}`, problem: 'stands beside auth; give one of the two' }];
}

/** The request, or a sentence about what keeps it from being sent. */
function buildRequest(request: SendRequest<HttpOptions>, token: string | null): HttpRequest | string {
  const { input: given, options: to, timeoutMs, signal } = request;
  const url = joinUrl(to.url, given.path, given.query);
  if (!url.ok) return url.problem;
  const verb = typeof given.method === 'string' ? given.method : to.method;
  const content = contentOf(request, verb);
  if (typeof content === 'string') return content;
  const headersOrProblem = buildHeaders(request, content, token);
  if (typeof headersOrProblem === 'string') return headersOrProblem;
  return { method: verb, url: url.href, headers: headersOrProblem, body: content.body, timeoutMs, signal };
}

function contentOf(
  { input: given, options: to, event }: SendRequest<HttpOptions>,
  verb: string,
): Content | string {
  const json = bodyOf(given, to);
  if (json !== undefined && verb === 'GET') return 'GET carries no body; use query, or another method';
  if (json !== undefined) return { body: JSON.stringify(json), contentType: 'application/json' };
  if (verb === 'GET' || verb === 'DELETE') return { contentType: null };
  return { body: event.raw, contentType: event.contentType };
}

function bodyOf({ body }: JsonObject, { body: base }: HttpOptions): Json | undefined {
  if (base === undefined) return body;
  return body === undefined || isJsonObject(body) ? mergeJson(base as JsonObject, body ?? {}) : body;
}
