import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { HOSTS_FILE, createHostsFile } from './hosts-file.js';

/** All addresses of a name, shaped as `dns.lookup` with `all`. */
export type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** The same, shaped as `net.connect` calls it: one address or, with `all`, a list. */
export type Lookup = (
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
) => void;

/** Resolves for `net.connect`; `choose` picks from the addresses or gives an error instead. */
export function toLookup(
  resolve: Resolve,
  choose: (hostname: string, addresses: LookupAddress[]) => LookupAddress[] | Error = (_name, all) => all,
): Lookup {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '');
      const chosen = addresses.length === 0 ? failure('ENOTFOUND', hostname) : choose(hostname, addresses);
      if (chosen instanceof Error) return callback(chosen, '');
      if (options.all === true) return callback(null, chosen);
      return callback(null, chosen[0]?.address ?? '', chosen[0]?.family);
    });
  };
}

export interface HostResolverOptions {
  /** Name servers, e.g. `127.0.0.1:5353`. Default: the system's. */
  servers?: readonly string[];
  hostsFile?: string;
  /** What is asked about names that neither the hosts file nor the name servers know. Default `dns.lookup`. */
  system?: Resolve;
  /** Whether to ask for IPv6 addresses, too. Default: when this machine has one itself. */
  wantsIpv6?: () => boolean;
  /** How long the name servers are given for one name, in milliseconds. Default 5000. */
  limitMs?: number;
  /** And how long to show that they answer anything at all. Default 1500. */
  aliveMs?: number;
}

const LIMIT_MS = 5000;
const ALIVE_MS = 1500;
/** Some servers swallow questions for IPv6 addresses: once the IPv4 ones are there, they get this much more. */
const IPV6_GRACE_MS = 100;
const LOOPBACK: LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/**
 * Resolves as the system does (hosts file, name servers, then `dns.lookup` for what else there may be), but
 * asks the name servers itself. `dns.lookup` keeps one of libuv's threads until the last server has failed to
 * answer, and has two of them: two names whose servers are silent would stop every other destination. One
 * name is looked up once at a time, whoever asks; nothing is kept once it is answered.
 */
export function createHostResolver(options: HostResolverOptions = {}): Resolve {
  const lookUp = lookUpWith(options);
  const underWay = new Map<string, Promise<LookupAddress[]>>();
  return (hostname, { family }, callback) => {
    const name = hostname.toLowerCase().replace(/\.$/, '');
    let answer = underWay.get(name);
    if (answer === undefined) {
      answer = lookUp(name).finally(() => underWay.delete(name));
      underWay.set(name, answer);
    }
    answer.then(
      (addresses) => callback(null, ofFamily(addresses, family)),
      (error: unknown) => callback(error as NodeJS.ErrnoException, []),
    );
  };
}

function ofFamily(addresses: LookupAddress[], family: LookupOptions['family']): LookupAddress[] {
  const wanted = Number(String(family ?? 0).replace('IPv', ''));
  return wanted === 0 ? addresses : addresses.filter((address) => address.family === wanted);
}

function lookUpWith({
  servers,
  hostsFile = HOSTS_FILE,
  system = dns.lookup,
  wantsIpv6 = hasIpv6,
  limitMs = LIMIT_MS,
  aliveMs = ALIVE_MS,
}: HostResolverOptions): (name: string) => Promise<LookupAddress[]> {
  const hosts = createHostsFile(hostsFile);
  return async (name) => {
    if (isIP(name) !== 0) return [{ address: name, family: isIP(name) }];
    const listed = await hosts.find(name);
    if (listed.length > 0) return listed;
    // RFC 6761: never asked of a name server.
    if (/(^|\.)localhost$/.test(name)) return LOOPBACK;
    const answer = await askNameServers(name, newResolver(servers), { limitMs, wantsIpv6 });
    if (Array.isArray(answer)) return answer;
    if (!SLOW.test(answer)) return askSystem(system, name);
    // Nobody answers for this name. When nobody answers at all, the fault is our own and not the name's.
    const isAlive = await answersAnything(newResolver(servers), aliveMs);
    throw failure(isAlive ? answer : 'EAI_AGAIN', name);
  };
}

/** Read from the system anew each time (some 25 µs): name servers change when a machine changes networks. */
function newResolver(servers?: readonly string[]): dns.promises.Resolver {
  const resolver = new dns.promises.Resolver({ timeout: 1500, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  return resolver;
}

/** No answer, or one that a server gives after waiting for others in vain. The system would wait as long. */
const SLOW = /^(ETIMEOUT|ESERVFAIL)$/;

/** The addresses, IPv4 first, or the code of the failure that says most. */
async function askNameServers(
  name: string,
  resolver: dns.promises.Resolver,
  { limitMs, wantsIpv6 }: { limitMs: number; wantsIpv6: () => boolean },
): Promise<LookupAddress[] | string> {
  const limit = setTimeout(() => resolver.cancel(), limitMs);
  const ipv4 = resolver.resolve4(name);
  const ipv6 = wantsIpv6() ? resolver.resolve6(name) : Promise.resolve([]);
  const ipv6InTime = ipv4.then(
    () => Promise.race([ipv6, wait(IPV6_GRACE_MS, [], { ref: false })]),
    () => ipv6,
  );
  const answers = await Promise.allSettled([ipv4, ipv6InTime]);
  clearTimeout(limit);
  resolver.cancel();
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (addresses.length > 0) return addresses.map((address) => ({ address, family: isIP(address) }));
  const codes = answers.flatMap((answer) => (answer.status === 'rejected' ? [codeOf(answer.reason)] : []));
  return codes.find((code) => SLOW.test(code)) ?? codes[0] ?? 'ENOTFOUND';
}

/** As `dns.lookup` does for `net.connect`: no IPv6 addresses for a machine that has none itself. */
function hasIpv6(): boolean {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return own.some(
    ({ family, internal, address }) => family === 'IPv6' && !internal && !/^fe80/i.test(address),
  );
}

/** Every name server knows the root, or says at once that it does not. */
async function answersAnything(resolver: dns.promises.Resolver, aliveMs: number): Promise<boolean> {
  const limit = setTimeout(() => resolver.cancel(), aliveMs);
  const code = await resolver.resolveNs('.').then(
    () => '',
    (error: unknown) => codeOf(error),
  );
  clearTimeout(limit);
  return !SLOW.test(code) && code !== 'ECONNREFUSED';
}

/** Other sources of names: multicast DNS, search domains, directories. */
function askSystem(system: Resolve, name: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    system(name, { all: true, hints: dns.ADDRCONFIG }, (error, addresses) =>
      error ? reject(error) : resolve(addresses),
    );
  });
}

/** What we cancel has taken too long. */
function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECANCELLED' ? 'ETIMEOUT' : String(code);
}

function failure(code: string, name: string): Error {
  return Object.assign(new Error(`${name} cannot be resolved`), { code });
}
