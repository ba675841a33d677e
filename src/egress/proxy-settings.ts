import { isIP } from 'node:net';
import { ipRanges } from '../lib/ip-ranges.js';

/** A proxy for outgoing HTTP. User and password are secrets. */
export interface Proxy {
  protocol: 'http' | 'https';
  /** Without brackets. */
  host: string;
  port: number;
  auth: { username: string; password: string } | null;
}

/** Which proxy an address is reached through. */
export interface ProxySettings {
  /** The proxy of `http:` and `https:` addresses; null: reached directly. */
  http: Proxy | null;
  https: Proxy | null;
  /** True for what NO_PROXY lists. */
  isExempt(host: string, port: number): boolean;
}

/**
 * Reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY; the lower-case twin of each goes before, as curl and others
 * have it. An https address never goes through HTTP_PROXY.
 * @throws {Error} for a proxy that cannot be used; the message names the variable and never its content.
 */
export function readProxySettings(env: NodeJS.ProcessEnv): ProxySettings {
  return {
    http: readProxy(env, 'HTTP_PROXY'),
    https: readProxy(env, 'HTTPS_PROXY'),
    isExempt: exemptions(valueOf(env, 'NO_PROXY').text),
  };
}

function valueOf(env: NodeJS.ProcessEnv, name: string): { name: string; text: string } {
  const lower = name.toLowerCase();
  const text = env[lower]?.trim();
  return text ? { name: lower, text } : { name, text: env[name]?.trim() ?? '' };
}

function readProxy(env: NodeJS.ProcessEnv, variable: string): Proxy | null {
  const { name, text } = valueOf(env, variable);
  if (text === '') return null;
  const href = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!/^https?:\/\//i.test(href) || !URL.canParse(href))
    throw new Error(`${name} is no proxy that can be used; expected http://host:port or https://host:port`);
  const { protocol, hostname, port, username, password } = new URL(href);
  const kind = protocol === 'https:' ? 'https' : 'http';
  return {
    protocol: kind,
    host: bare(hostname),
    port: port === '' ? (kind === 'https' ? 443 : 80) : Number(port),
    auth:
      username === '' && password === ''
        ? null
        : { username: decode(username, name), password: decode(password, name) },
  };
}

function decode(text: string, variable: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(`user and password in ${variable} must be percent-encoded (% as %25, @ as %40)`);
  }
}

/**
 * NO_PROXY: names (`example.com`, with or without a leading dot or `*.`, with everything below them),
 * addresses, networks (`10.0.0.0/8`), each with a port if need be, between commas or spaces; `*` for all.
 */
function exemptions(text: string): (host: string, port: number) => boolean {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
  const rules = entries.map(readExemption);
  return (host, port) => {
    const name = bare(host).toLowerCase().replace(/\.$/, '');
    return rules.some((rule) => (rule.port === null || rule.port === port) && rule.covers(name));
  };
}

interface Exemption {
  port: number | null;
  covers(name: string): boolean;
}

function readExemption(entry: string): Exemption {
  if (entry === '*') return { port: null, covers: () => true };
  const [, inBrackets, host = inBrackets ?? '', port] =
    /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? ([null, undefined, entry] as const);
  const networks = ipRanges([host]);
  const suffix = host
    .toLowerCase()
    .replace(/^\*?\./, '')
    .replace(/\.$/, '');
  const covers =
    networks.invalid.length === 0
      ? (name: string) => networks.contains(name)
      : (name: string) => isIP(name) === 0 && (name === suffix || name.endsWith(`.${suffix}`));
  return { port: port === undefined ? null : Number(port), covers };
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
