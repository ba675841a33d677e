import { isIP } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { AddressForbiddenError, type AddressGuard } from './address-guard.js';
import { startDeadline } from './deadline.js';
import { egressErrorOf, proxyErrorOf } from './http-errors.js';
import { EgressError, type HttpClient, type HttpRequest, type HttpResponse } from './http-client.js';
import { HttpRoutes, type Route, portOf } from './http-routes.js';
import { ProxyError, refusalOfLogin, withPassage } from './proxy-agents.js';
import { type ProxySettings } from './proxy-settings.js';
import { type Resolve, createHostResolver, toLookup } from './resolve-host.js';

/** Of an answer, after decompression. */
const MAX_RESPONSE_BYTES = 1024 * 1024;
/** Events have at most 5 MiB; rendered bodies may hold one and more. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

/** Names are mostly unknown where there is a proxy: what takes longer is left to the proxy. */
const PROXIED_LOOKUP_MS = 1000;

export interface GuardedHttpClient extends HttpClient {
  /** Sends through proxies from now on, or directly (null, as at first). An error: sends nothing, as `offline`. */
  setProxies(settings: ProxySettings | Error | null): void;
  close(): void;
}

/**
 * The one door out for HTTP. Answers of any status are returned; what is no answer throws {@link EgressError}.
 * `resolve` finds the addresses of proxies.
 */
export function createHttpClient(
  guard: AddressGuard,
  resolve: Resolve = createHostResolver(),
): GuardedHttpClient {
  const routes = new HttpRoutes(guard, toLookup(resolve));
  const client = axios.create({
    adapter: 'http',
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
    send: (request) => sendRequest(client, guard, routes, request),
    setProxies: (settings) => routes.setProxies(settings),
    close: () => routes.close(),
  };
}

async function sendRequest(
  client: AxiosInstance,
  guard: AddressGuard,
  routes: HttpRoutes,
  request: HttpRequest,
): Promise<HttpResponse> {
  refuseInvalid(request);
  const url = new URL(request.url);
  const route = routeOf(routes, url, request);
  const deadline = startDeadline(request.timeoutMs, request.signal);
  const passage = { signal: deadline.signal, reachedProxy: false };
  try {
    if (route.kind !== 'direct') await checkBehindProxy(guard, url);
    const sending = () => client.request<string>(axiosRequest(request, route, deadline.signal));
    const response = await (route.kind === 'tunnel' ? withPassage(passage, sending) : sending());
    return readResponse(response, route, request);
  } catch (error) {
    throw error instanceof EgressError ? error : egressErrorOf(error, request, route, passage);
  } finally {
    deadline.clear();
  }
}

function routeOf(routes: HttpRoutes, url: URL, request: HttpRequest): Route {
  try {
    return routes.of(url);
  } catch (error) {
    throw error instanceof ProxyError ? proxyErrorOf(error, request) : error;
  }
}

/**
 * The proxy resolves and dials, so it has the last word. What we can see is refused all the same: addresses,
 * and names that lead to forbidden ones here. A name that is unknown here may be known to the proxy.
 */
async function checkBehindProxy(guard: AddressGuard, url: URL): Promise<void> {
  const port = portOf(url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const refusal = guard.checkHost(host, port);
  if (refusal !== null) throw new AddressForbiddenError(refusal);
  if (isIP(host) !== 0) return;
  const error = await Promise.race([
    lookupError(guard, host, port),
    wait(PROXIED_LOOKUP_MS, null, { ref: false }),
  ]);
  if (error instanceof AddressForbiddenError) throw error;
}

function lookupError(guard: AddressGuard, host: string, port: number): Promise<Error | null> {
  return new Promise((done) => guard.lookupFor(port)(host, { all: true }, (error) => done(error)));
}

function axiosRequest(request: HttpRequest, { httpAgent, httpsAgent, proxy }: Route, signal: AbortSignal) {
  const { method, url, body } = request;
  const data = body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : body;
  // Without this axios would call every body of unknown type a form.
  const headers = hasContentType(request.headers)
    ? request.headers
    : { ...request.headers, 'Content-Type': false };
  return { method, url, headers, data, signal, httpAgent, httpsAgent, proxy };
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

function readResponse(
  { status, headers, data }: AxiosResponse<string>,
  route: Route,
  request: HttpRequest,
): HttpResponse {
  const plain: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value: unknown = headers[name];
    plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  const refusal = route.kind === 'forward' ? refusalOfLogin(status, plain) : null;
  if (refusal !== null) throw proxyErrorOf(refusal, request);
  return { status, headers: plain, body: data };
}
