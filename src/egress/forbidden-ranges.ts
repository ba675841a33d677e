import net from 'node:net';
import { type IpRanges, ipRanges } from '../lib/ip-ranges.js';
import { embeddedIpv4, ipv6Bytes, isIsatap } from './ipv6.js';

/**
 * Networks that are not the public internet (IANA special-purpose registries, read 2026-11, those whose
 * purpose is reached from anywhere included), by the word people know them by. 168.63.129.16 is the one
 * cloud-internal service on a public number (Azure's hosts); the metadata services of the others lie in
 * 169.254/16, 100.64/10, 192.0.0/24 and fc00::/7.
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
  ['192.31.196.0/24', 'AS112 name service'],
  ['192.52.193.0/24', 'multicast relay'],
  ['192.88.99.0/24', '6to4 relay'],
  ['192.168.0.0/16', 'private'],
  ['192.175.48.0/24', 'AS112 name service'],
  ['198.18.0.0/15', 'benchmarking'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
];

/** Within 2000::/3; everything outside of it is not global unicast to begin with. */
const FORBIDDEN_IPV6: readonly (readonly [cidr: string, word: string])[] = [
  ['2001::/32', 'Teredo'],
  ['2001::/23', 'protocol assignments'],
  ['2001:db8::/32', 'documentation'],
  ['2002::/16', '6to4'],
  ['2620:4f:8000::/48', 'AS112 name service'],
  ['3fff::/20', 'documentation'],
];

/** Names for what lies outside of 2000::/3, for a message that helps. */
const OUTSIDE_IPV6: readonly (readonly [cidr: string, word: string])[] = [
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['::/96', 'IPv4-compatible'],
  ['64:ff9b:1::/48', 'local NAT64'],
  ['100::/64', 'discard'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'site-local'],
  ['ff00::/8', 'multicast'],
];

/** What kind of address outside the public internet this is, or null for a public one. No zone ids. */
export function forbiddenWord(address: string): string | null {
  return net.isIPv4(address) ? wordOf(IPV4_RULES, address) : ipv6Word(address);
}

function ipv6Word(address: string): string | null {
  const inside = embeddedIpv4(address);
  if (inside !== null) return wordOf(IPV4_RULES, inside);
  const bytes = ipv6Bytes(address);
  const isGlobalUnicast = ((bytes?.[0] ?? 0) & 0xe0) === 0x20;
  if (!isGlobalUnicast) return wordOf(OUTSIDE_RULES, address) ?? 'not global unicast';
  return isIsatap(address) ? 'ISATAP' : wordOf(IPV6_RULES, address);
}

type Rules = { ranges: IpRanges; word: string }[];

const IPV4_RULES = rulesOf(FORBIDDEN_IPV4);
const IPV6_RULES = rulesOf(FORBIDDEN_IPV6);
const OUTSIDE_RULES = rulesOf(OUTSIDE_IPV6);

function rulesOf(table: readonly (readonly [string, string])[]): Rules {
  return table.map(([cidr, word]) => ({ ranges: ipRanges([cidr]), word }));
}

function wordOf(rules: Rules, address: string): string | null {
  return rules.find(({ ranges }) => ranges.contains(address))?.word ?? null;
}
