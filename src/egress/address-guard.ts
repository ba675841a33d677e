import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import net from 'node:net';
import { type IpRanges, ipRanges } from '../lib/ip-ranges.js';
import { embeddedIpv4, ipv6Bytes } from './ipv6.js';

/**
 * Networks that are not the public internet (IANA special-purpose registries, read 2026-11), by the word
 * people know them by. 168.63.129.16 is the one cloud-internal service on a public number (Azure's hosts);
 * the metadata services of the others lie in 169.254/16, 100.64/10, 192.0.0/24 and fc00::/7.
 */
const FORBIDDEN_IPV4: readonly (readonly [cidr: string, word: string])[] = [
  ['0.0.0.0/8', 'this network'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'carrier-grade NAT'],
  ['127.0.0.0/8', 'loopback'],
  ['168.63.129.16/32', 'cloud host service'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'protocol assignments'],
  ['192.0.2.0/24', 'documentation'],
  ['192.88.99.0/24', '6to4 relay'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'benchmarking'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
];

/** Within 2000::/3; everything outside of it is not global unicast to begin with. */
const FORBIDDEN_IPV6: readonly (readonly [cidr: string, word: string])[] = [
  ['2001::/23', 'protocol assignments'],
  ['2001:db8::/32', 'documentation'],
  ['2002::/16', '6to4'],
  ['3fff::/20', 'documentation'],
];

/** Names for what lies outside of 2000::/3, for a message that helps. */
const OUTSIDE_IPV6: readonly (readonly [cidr: string, word: string])[] = [
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['ff00::/8', 'multicast'],
];

type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Shaped as `net.connect` calls it: one address or, with `all`, a list. */
export type GuardedLookup = (
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
) => void;

/** Decides which addresses may be dialled. */
export interface AddressGuard {
  /** Why a literal address or a name of this machine may not be dialled, or null. Other names are judged by {@link lookup}. */
  checkHost(host: string): string | null;
  /** Resolves a name and hands out checked addresses only: what is checked is what is dialled. */
  lookup: GuardedLookup;
  /** Puts other open networks in force, after a change of `egress.allow`. */
  setAllowed(allowCidrs: readonly string[]): void;
}

/** The error a refused dial fails with. The message names the host, the network and the cure. */
export class AddressForbiddenError extends Error {
  override readonly name = 'AddressForbiddenError';
  readonly code = 'ERR_ADDRESS_FORBIDDEN';
}

/**
 * A guard that lets only global unicast addresses pass, and the networks of `allowCidrs` (`10.0.0.0/8`,
 * `fd00::/8`, single addresses). `resolve` stands in for the system's resolver in tests.
 * @throws {Error} when an entry of `allowCidrs` is no network; the message says which.
 */
export function createAddressGuard(
  allowCidrs: readonly string[],
  resolve: Resolve = dns.lookup,
): AddressGuard {
  let allowed = rangesOf(allowCidrs);
  return {
    checkHost: (host) => refusalOfHost(host, allowed),
    lookup: (hostname, options, callback) => {
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, '');
        const checked = checkAddresses(hostname, addresses, allowed);
        if (checked instanceof Error) return callback(checked, '');
        if (options.all === true) return callback(null, checked);
        return callback(null, checked[0]?.address ?? '', checked[0]?.family);
      });
    },
    setAllowed: (cidrs) => {
      allowed = rangesOf(cidrs);
    },
  };
}

/**
 * One forbidden address among several refuses the name: a resolver that mixes inside and outside is
 * either an attack or a mistake. But where the operator opened one of them (`localhost` is 127.0.0.1 and
 * ::1), the others are left aside.
 */
function checkAddresses(
  hostname: string,
  addresses: LookupAddress[],
  allowed: IpRanges,
): LookupAddress[] | Error {
  if (addresses.length === 0) return notFound(hostname);
  const refusals = addresses.map(({ address }) => refusalOfAddress(address, allowed));
  const firstRefusal = refusals.find((refusal) => refusal !== null);
  if (firstRefusal === undefined) return addresses;
  const opened = addresses.filter(({ address }) => allowed.contains(address));
  if (opened.length > 0) return opened;
  return new AddressForbiddenError(`${hostname} leads to ${firstRefusal}`);
}

function notFound(hostname: string): Error {
  return Object.assign(new Error(`no address for ${hostname}`), { code: 'ENOTFOUND' });
}

function refusalOfHost(host: string, allowed: IpRanges): string | null {
  const bare = host.replace(/^\[|\]$/g, '');
  if (net.isIP(bare) !== 0) return refusalOfAddress(bare, allowed);
  // Only a hint for `check`: what the name leads to is judged when it is dialled.
  const isThisMachine = /(^|\.)localhost\.?$/i.test(bare);
  if (!isThisMachine || allowed.contains('127.0.0.1') || allowed.contains('::1')) return null;
  return refusalOfAddress('127.0.0.1', allowed);
}

function refusalOfAddress(address: string, allowed: IpRanges): string | null {
  const bare = address.replace(/%.*$/, '');
  const word = net.isIPv4(bare) ? ipv4Word(bare) : ipv6Word(bare);
  if (word === null || allowed.contains(bare)) return null;
  return `${bare}, a forbidden address (${word}); open its network under egress.allow if it is meant`;
}

function ipv4Word(address: string): string | null {
  return wordOf(IPV4_RULES, address);
}

function ipv6Word(address: string): string | null {
  const inside = embeddedIpv4(address);
  if (inside !== null) return ipv4Word(inside);
  const isGlobalUnicast = ((ipv6Bytes(address)?.[0] ?? 0) & 0xe0) === 0x20;
  if (!isGlobalUnicast) return wordOf(OUTSIDE_RULES, address) ?? 'not global unicast';
  return wordOf(IPV6_RULES, address);
}

type Rules = { ranges: IpRanges; word: string }[];

const IPV4_RULES = rulesOf(FORBIDDEN_IPV4);
const IPV6_RULES = rulesOf(FORBIDDEN_IPV6);
const OUTSIDE_RULES = rulesOf(OUTSIDE_IPV6);

function rulesOf(table: readonly (readonly [string, string])[]): Rules {
  return table.map(([cidr, word]) => ({ ranges: rangesOf([cidr]), word }));
}

function wordOf(rules: Rules, address: string): string | null {
  return rules.find(({ ranges }) => ranges.contains(address))?.word ?? null;
}

function rangesOf(cidrs: readonly string[]): IpRanges {
  const ranges = ipRanges(cidrs);
  const [wrong] = ranges.invalid;
  if (wrong === undefined) return ranges;
  throw new Error(
    `${JSON.stringify(wrong)} is no network; expected something like 10.0.0.0/8, fd00::/8 or 192.168.1.7`,
  );
}
