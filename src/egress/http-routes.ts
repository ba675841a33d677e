import type http from 'node:http';
import type https from 'node:https';
import { type AxiosProxyConfig } from 'axios';
import { type AddressGuard } from './address-guard.js';
import { type GuardedAgents, createGuardedAgents } from './guarded-agents.js';
import { type ProxyAgents, ProxyError, createProxyAgents } from './proxy-agents.js';
import { type Proxy, type ProxySettings } from './proxy-settings.js';
import { type Lookup } from './resolve-host.js';

/**
 * How a request leaves. `direct`: the guard sees the address that is dialled. `forward`: a proxy is asked for
 * a whole http address. `tunnel`: a proxy connects to an https destination for us.
 */
export interface Route {
  kind: 'direct' | 'forward' | 'tunnel';
  httpAgent: http.Agent;
  httpsAgent: https.Agent;
  proxy: AxiosProxyConfig | false;
}

/** The agents of all routes. `lookup` resolves the names of proxies, which are not asked of the guard. */
export class HttpRoutes {
  readonly #direct: GuardedAgents;
  #proxied = new Map<Proxy, ProxyAgents>();
  #settings: ProxySettings | Error | null = null;

  constructor(
    guard: AddressGuard,
    private readonly lookup: Lookup,
  ) {
    this.#direct = createGuardedAgents(guard);
  }

  /** What is under way goes on; idle connections to proxies of before are closed. */
  setProxies(settings: ProxySettings | Error | null): void {
    for (const { agents } of this.#proxied.values()) agents.forEach(retire);
    this.#proxied = new Map();
    this.#settings = settings;
  }

  /**
   * @throws {ProxyError} when proxies are wanted and their settings cannot be read: going past them would be
   * the one thing that was not wanted.
   */
  of(url: URL): Route {
    const proxy = this.#proxyOf(url);
    if (proxy === null) {
      this.#direct.dropRefused();
      return { kind: 'direct', httpAgent: this.#direct.http, httpsAgent: this.#direct.https, proxy: false };
    }
    const { toProxy, tunnel } = this.#agentsOf(proxy);
    if (url.protocol === 'https:')
      return { kind: 'tunnel', httpAgent: toProxy.http, httpsAgent: tunnel, proxy: false };
    const { protocol, host, port, auth } = proxy;
    const asked = { protocol, host, port, ...(auth && { auth }) };
    return { kind: 'forward', httpAgent: toProxy.http, httpsAgent: toProxy.https, proxy: asked };
  }

  close(): void {
    for (const agent of [this.#direct.http, this.#direct.https]) agent.destroy();
    for (const { agents } of this.#proxied.values()) agents.forEach((agent) => agent.destroy());
  }

  #proxyOf(url: URL): Proxy | null {
    const settings = this.#settings;
    if (settings instanceof Error) throw new ProxyError('offline', settings.message);
    const proxy = settings?.[url.protocol === 'https:' ? 'https' : 'http'] ?? null;
    return proxy === null || settings?.isExempt(url.hostname, portOf(url)) ? null : proxy;
  }

  #agentsOf(proxy: Proxy): ProxyAgents {
    const agents = this.#proxied.get(proxy) ?? createProxyAgents(proxy, this.lookup);
    this.#proxied.set(proxy, agents);
    return agents;
  }
}

export function portOf({ protocol, port }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** Keeps no connection from now on; those in use are closed by Node when their request is done. */
function retire(agent: http.Agent): void {
  agent.maxFreeSockets = 0;
  for (const socket of Object.values(agent.freeSockets).flatMap((list) => list ?? [])) socket.destroy();
}
