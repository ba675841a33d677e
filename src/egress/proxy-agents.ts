import { AsyncLocalStorage } from 'node:async_hooks';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { type Socket, isIP } from 'node:net';
import { type Duplex } from 'node:stream';
import tls from 'node:tls';
import { failureCode } from './failure-codes.js';
import { AGENT_OPTIONS, remember } from './guarded-agents.js';
import { type Proxy } from './proxy-settings.js';
import { type Lookup } from './resolve-host.js';

type Created = (error: Error | null, socket: Duplex) => void;

/** `offline`: the proxy itself does not work. `refused`: it works and does not let us there. */
export type ProxyTrouble = 'offline' | 'refused' | 'unreachable';

/** The error that a request fails with when the proxy keeps it from its destination. Nothing was sent. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code = 'ERR_PROXY';
  constructor(
    readonly trouble: ProxyTrouble,
    message: string,
  ) {
    super(message);
  }
}

/** How far a request has got with its proxy; its tunnel is given up when `signal` aborts. */
export interface Passage {
  signal: AbortSignal;
  /** True once the proxy has taken the connection: from then on silence is the destination's. */
  reachedProxy: boolean;
}

/** Node's agents are told nothing about the request that they connect for. */
const passages = new AsyncLocalStorage<Passage>();

export function withPassage<T>(passage: Passage, work: () => Promise<T>): Promise<T> {
  return passages.run(passage, work);
}

export interface ProxyAgents {
  /** Speaks to the proxy itself: plain HTTP is asked of it by whole address. */
  toProxy: { http: http.Agent; https: https.Agent };
  /** Speaks TLS with the destination through a tunnel (CONNECT). */
  tunnel: https.Agent;
  /** All of them. */
  agents: readonly http.Agent[];
}

/** Agents for one proxy. Its address is the operator's choice and is not asked of the guard. */
export function createProxyAgents(proxy: Proxy, lookup: Lookup): ProxyAgents {
  const options = { ...AGENT_OPTIONS, lookup: lookup as http.AgentOptions['lookup'] };
  const toProxy = { http: new PlainToProxyAgent(options), https: new TlsToProxyAgent(options) };
  const tunnel = new TunnelAgent(proxy, lookup);
  return { toProxy, tunnel, agents: [toProxy.http, toProxy.https, tunnel] };
}

class PlainToProxyAgent extends http.Agent {
  override createConnection(options: http.ClientRequestArgs, callback?: Created): Duplex | null | undefined {
    return remember(super.createConnection(options, callback), 'connect');
  }
}

class TlsToProxyAgent extends https.Agent {
  override createConnection(options: https.RequestOptions, callback?: Created): Duplex | null | undefined {
    return remember(super.createConnection(options, callback), 'secureConnect');
  }
}

class TunnelAgent extends https.Agent {
  constructor(
    private readonly proxy: Proxy,
    private readonly lookup: Lookup,
  ) {
    // Requests never queue for a tunnel: whoever gets one would be tied to another request's deadline.
    super({ ...AGENT_OPTIONS, maxSockets: Infinity });
  }

  override createConnection(options: https.RequestOptions, callback?: Created): undefined {
    const target = `${isIP(options.host ?? '') === 6 ? `[${options.host}]` : options.host}:${options.port}`;
    openTunnel(this.proxy, target, this.lookup).then(
      (socket) => {
        const secured = tls.connect({ ...options, path: undefined, socket } as tls.ConnectionOptions);
        callback?.(null, remember(secured, 'secureConnect'));
      },
      // Node takes an error without a socket, its types do not say so.
      (error: Error) => (callback as ((error: Error) => void) | undefined)?.(error),
    );
    return undefined;
  }
}

/** Asks the proxy for a connection to `target` (`host:port`); gives up with the request that wants it. */
function openTunnel(proxy: Proxy, target: string, lookup: Lookup): Promise<Socket> {
  const passage = passages.getStore();
  return new Promise((done, fail) => {
    const request = (proxy.protocol === 'https' ? https : http).request({
      ...{ method: 'CONNECT', host: proxy.host, port: proxy.port, path: target, agent: false },
      lookup: lookup,
      headers: { Host: target, ...authorization(proxy) },
      signal: passage?.signal,
    });
    const readyEvent = proxy.protocol === 'https' ? 'secureConnect' : 'connect';
    request.once('socket', (socket) => {
      socket.once(readyEvent, () => {
        if (passage) passage.reachedProxy = true;
      });
    });
    request.once('connect', (answer: IncomingMessage, socket: Socket, head: Buffer) => {
      const refusal = refusalOf(answer.statusCode ?? 0, answer.headers);
      if (refusal === null && head.length === 0) return done(socket);
      socket.destroy();
      fail(refusal ?? new ProxyError('offline', 'the proxy speaks out of turn'));
    });
    request.on('error', (error) => fail(proxyFailure(error)));
    request.end();
  });
}

function authorization({ auth }: Proxy): Record<string, string> {
  if (auth === null) return {};
  const credentials = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
  return { 'Proxy-Authorization': `Basic ${credentials}` };
}

/** What kept us from the proxy. Node's messages may hold its address, so only their code is shown. */
export function proxyFailure(error: unknown): ProxyError {
  return new ProxyError('offline', `the proxy cannot be reached (${failureCode(error)})`);
}

/**
 * What an answer to CONNECT says. 403, and 407 that asks for no credentials (Smokescreen's way): it does not
 * let us there. 407 otherwise: it does not let us in. Anything else but 2xx: it could not get there.
 */
function refusalOf(status: number, headers: Headers): ProxyError | null {
  if (status >= 200 && status < 300) return null;
  if (status === 403) return new ProxyError('refused', 'the proxy lets nobody there (403)');
  return refusalOfLogin(status, headers) ?? new ProxyError('unreachable', `the proxy answered ${status}`);
}

type Headers = Record<string, string | string[] | undefined>;

/** 407 is always the proxy's own answer, also to a request that it would have passed on. */
export function refusalOfLogin(status: number, headers: Headers): ProxyError | null {
  if (status !== 407) return null;
  if (headers['proxy-authenticate'] === undefined)
    return new ProxyError('refused', 'the proxy lets nobody there (407)');
  return new ProxyError('offline', 'the proxy does not take our user and password (407)');
}
