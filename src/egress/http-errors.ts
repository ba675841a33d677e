import { type ClientRequest, type IncomingMessage } from 'node:http';
import { failureCode, networkFailure } from './failure-codes.js';
import { mayCarryBytes } from './guarded-agents.js';
import { type EgressFailure, EgressError, type HttpRequest } from './http-client.js';
import { type Route } from './http-routes.js';
import { type Passage, ProxyError, proxyFailure } from './proxy-agents.js';

/** What axios leaves on its errors. */
interface AxiosFailure {
  message?: unknown;
  cause?: unknown;
  request?: Partial<ClientRequest> & { res?: IncomingMessage };
}

/** What a request without a usable answer failed with, from axios's error. */
export function egressErrorOf(
  error: unknown,
  request: HttpRequest,
  { kind }: Pick<Route, 'kind'>,
  passage: Passage,
): EgressError {
  const { cause, message, request: sentRequest } = error as AxiosFailure;
  const status = sentRequest?.res?.statusCode ?? null;
  const sent = status !== null || mayCarryBytes(sentRequest?.socket);
  const code = failureCode(error);
  const failure = failureOf(code, String(message), sent);
  if (cause instanceof ProxyError) return proxyErrorOf(cause, request);
  const isAtProxy = kind !== 'direct' && !sent && !passage.reachedProxy;
  if (isAtProxy && failure === 'timeout' && !request.signal?.aborted)
    return proxyErrorOf(new ProxyError('offline', 'the proxy does not answer'), request);
  if (kind === 'forward' && !sent && AT_PROXY.includes(failure))
    return proxyErrorOf(proxyFailure(error), request);
  return new EgressError(failure, describe(failure, code, String(message), request), sent, status);
}

/** On the way to a proxy these are the proxy's, not the destination's. */
const AT_PROXY: readonly EgressFailure[] = ['offline', 'dns', 'tls', 'connection'];
const OF_PROXY = { offline: 'offline', refused: 'address_forbidden', unreachable: 'connection' } as const;

/** Nothing was sent. A proxy that does not work is our own trouble and charged to no destination. */
export function proxyErrorOf({ trouble, message }: ProxyError, request: HttpRequest): EgressError {
  const { host } = new URL(request.url);
  return new EgressError(OF_PROXY[trouble], `no way to ${host}: ${message}`, false);
}

function failureOf(code: string, message: string, sent: boolean): EgressFailure {
  if (code === 'ERR_CANCELED') return 'timeout';
  if (code === 'ERR_ADDRESS_FORBIDDEN') return 'address_forbidden';
  if (code === 'ERR_BAD_REQUEST') return 'invalid_request';
  if (message.startsWith('maxContentLength')) return 'response_too_large';
  return networkFailure(code, sent);
}

/** Names the host at most: paths and queries of webhooks are secrets. */
function describe(failure: EgressFailure, code: string, message: string, request: HttpRequest): string {
  const { host } = new URL(request.url);
  if (failure === 'address_forbidden') return message;
  if (failure === 'invalid_request') return `the request to ${host} cannot be sent: its body is over 16 MiB`;
  if (failure === 'response_too_large') return `the answer of ${host} is longer than 1 MiB`;
  if (failure === 'dns') return `${host} cannot be resolved (${code})`;
  if (failure === 'tls') return `no trusted TLS connection to ${host} (${code})`;
  if (failure === 'connection') return `the connection to ${host} failed (${code})`;
  if (failure === 'offline')
    return `${host} is out of reach: our own network or name service fails (${code})`;
  if (request.signal?.aborted) return `stopped before ${host} had answered`;
  return `${host} did not answer within ${request.timeoutMs} ms`;
}
