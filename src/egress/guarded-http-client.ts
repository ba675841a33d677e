import { type ClientRequest, type IncomingMessage } from 'node:http';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { type AddressGuard } from './address-guard.js';
import { startDeadline } from './deadline.js';
import { networkFailure } from './failure-codes.js';
import { createGuardedAgents, mayCarryBytes } from './guarded-agents.js';
import {
  type EgressFailure,
  EgressError,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
} from './http-client.js';

/** Of an answer, after decompression. */
const MAX_RESPONSE_BYTES = 1024 * 1024;
/** Events have at most 5 MiB; rendered bodies may hold one and more. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

/** The one door out for HTTP. Answers of any status are returned; what is no answer throws {@link EgressError}. */
export function createHttpClient(guard: AddressGuard): HttpClient & { close(): void } {
  const agents = createGuardedAgents(guard);
  const client = axios.create({
    adapter: 'http',
    httpAgent: agents.http,
    httpsAgent: agents.https,
    proxy: false,
    maxRedirects: 0,
    maxContentLength: MAX_RESPONSE_BYTES,
    maxBodyLength: MAX_REQUEST_BYTES,
    responseType: 'text',
    // Bodies go out and come in as they are; axios would read and rewrite JSON.
    transformRequest: [],
    transformResponse: [],
    validateStatus: null,
    headers: { 'User-Agent': 'Aftercall', Accept: 'application/json, */*' },
  });
  return {
    send: (request) => sendRequest(client, request),
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

async function sendRequest(client: AxiosInstance, request: HttpRequest): Promise<HttpResponse> {
  refuseInvalid(request);
  const deadline = startDeadline(request.timeoutMs, request.signal);
  try {
    return toResponse(await client.request<string>(axiosRequest(request, deadline.signal)));
  } catch (error) {
    throw egressError(error, request);
  } finally {
    deadline.clear();
  }
}

function axiosRequest(request: HttpRequest, signal: AbortSignal) {
  const { method, url, body } = request;
  const data = body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : body;
  // Without this axios would call every body of unknown type a form.
  const headers = hasContentType(request.headers)
    ? request.headers
    : { ...request.headers, 'Content-Type': false };
  return { method, url, headers, data, signal };
}

function hasContentType(headers: Record<string, string> | undefined): boolean {
  for (const name in headers) if (name.length === 12 && name.toLowerCase() === 'content-type') return true;
  return false;
}

/** axios would strip such characters silently and read `data:` URLs; both hide a mistake or an attack. */
function refuseInvalid({ url, headers }: HttpRequest): void {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw invalid('the URL is not an http or https address');
  for (const name in headers) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
      throw invalid('a header has a name that HTTP does not allow');
    if (/[^\t\x20-\x7e\x80-\xff]/.test(headers[name] ?? ''))
      throw invalid(`header ${name} holds a character that HTTP does not allow in headers`);
  }
}

function invalid(message: string): EgressError {
  return new EgressError('invalid_request', message, false);
}

function toResponse({ status, headers, data }: AxiosResponse<string>): HttpResponse {
  const plain: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value: unknown = headers[name];
    plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return { status, headers: plain, body: data };
}

/** What axios leaves on its errors. */
interface AxiosFailure {
  code?: unknown;
  message?: unknown;
  request?: Partial<ClientRequest> & { res?: IncomingMessage };
}

function egressError(error: unknown, request: HttpRequest): EgressError {
  const { code, message, request: sentRequest } = error as AxiosFailure;
  const failure = failureOf(String(code), String(message));
  const status = sentRequest?.res?.statusCode ?? null;
  const sent = status !== null || mayCarryBytes(sentRequest?.socket);
  return new EgressError(failure, describe(failure, String(code), String(message), request), sent, status);
}

function failureOf(code: string, message: string): EgressFailure {
  if (code === 'ERR_CANCELED') return 'timeout';
  if (code === 'ERR_ADDRESS_FORBIDDEN') return 'address_forbidden';
  if (code === 'ERR_BAD_REQUEST') return 'invalid_request';
  if (message.startsWith('maxContentLength')) return 'response_too_large';
  return networkFailure(code);
}

/** Names the host at most: paths and queries of webhooks are secrets. */
function describe(failure: EgressFailure, code: string, message: string, request: HttpRequest): string {
  const host = new URL(request.url).host;
  if (failure === 'address_forbidden') return message;
  if (failure === 'invalid_request') return `the request to ${host} cannot be sent: its body is over 16 MiB`;
  if (failure === 'response_too_large') return `the answer of ${host} is longer than 1 MiB`;
  if (failure === 'dns') return `${host} cannot be resolved (${code})`;
  if (failure === 'tls') return `no trusted TLS connection to ${host} (${code})`;
  if (failure === 'connection') return `the connection to ${host} failed (${code})`;
  if (request.signal?.aborted) return `stopped before ${host} had answered`;
  return `${host} did not answer within ${request.timeoutMs} ms`;
}
