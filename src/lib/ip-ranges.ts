import { BlockList, isIP } from 'node:net';

/** A set of address ranges. */
export interface IpRanges {
  /** True when the address lies in one of the ranges; text that is no address lies in none. */
  contains(address: string): boolean;
  /** What was given and is no range, as given. */
  invalid: string[];
}

/**
 * Reads CIDR ranges (`10.0.0.0/8`, `2001:db8::/32`) and single addresses. IPv4 addresses written in IPv6
 * (`::ffff:10.0.0.1`, as a dual-stack socket reports them) count as what they are, on both sides.
 */
export function ipRanges(cidrs: readonly string[]): IpRanges {
  const list = new BlockList();
  const invalid = cidrs.filter((cidr) => !addRange(list, cidr));
  return {
    invalid,
    contains: (address) => {
      const plain = plainAddress(address);
      const family = isIP(plain);
      return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
    },
  };
}

/** An IPv4 range written in IPv6 has 96 bits in front of its own. */
const MAPPED_BITS = 96;

function addRange(list: BlockList, cidr: string): boolean {
  const [written = '', mask, ...rest] = cidr.trim().split('/');
  const address = plainAddress(written);
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || !(mask === undefined || /^\d{1,3}$/.test(mask))) return false;
  const longest = family === 6 ? 128 : 32;
  const mappedBits = isIP(written) === family ? 0 : MAPPED_BITS;
  const prefix = mask === undefined ? longest : Number(mask) - mappedBits;
  if (prefix < 0 || prefix > longest) return false;
  list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
  return true;
}

/** Takes the zone (`%eth0`) off, and the IPv4 address out of a mapped one. */
export function plainAddress(address: string): string {
  const withoutZone = address.split('%')[0] ?? '';
  if (isIP(withoutZone) !== 6) return withoutZone;
  const dotted = /^(?:0{0,4}:){1,5}:?ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(withoutZone);
  if (dotted?.[1] !== undefined) return dotted[1];
  const hex = /^(?:0{0,4}:){1,5}:?ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(withoutZone);
  if (hex === null) return withoutZone;
  const high = Number.parseInt(hex[1] ?? '', 16);
  const low = Number.parseInt(hex[2] ?? '', 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
