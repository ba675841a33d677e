import net from 'node:net';

/** The 16 bytes of an IPv6 address in any spelling, or null. Zone ids (`%eth0`) are left aside. */
export function ipv6Bytes(address: string): number[] | null {
  const bare = address.replace(/%.*$/, '');
  if (!net.isIPv6(bare)) return null;
  const [head = '', tail] = withHexTail(bare).split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const zeros = new Array<number>(8 - left.length - right.length).fill(0);
  return [...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 0xff]);
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => parseInt(group, 16));
}

/** `::ffff:1.2.3.4` -> `::ffff:102:304` */
function withHexTail(address: string): string {
  return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, a: string, b: string, c: string, d: string) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  );
}

/**
 * The IPv4 address that an IPv6 address stands for and that decides where packets end: IPv4-mapped
 * (::ffff:0:0/96), which the system dials as IPv4, and NAT64 (64:ff9b::/96), which a gateway translates.
 * The other embeddings (::/96, ::ffff:0:0:0/96, 64:ff9b:1::/48, 6to4, Teredo, ISATAP) are outdated or local
 * and have no business in a URL: they are no global unicast addresses and are refused as they are.
 */
export function embeddedIpv4(address: string): string | null {
  const bytes = ipv6Bytes(address);
  if (bytes === null) return null;
  const prefix = hex(bytes.slice(0, 12));
  const isMapped = prefix === '00000000000000000000ffff';
  const isNat64 = prefix === '0064ff9b0000000000000000';
  return isMapped || isNat64 ? bytes.slice(12).join('.') : null;
}

/** ISATAP (RFC 5214): an IPv4 address behind 0000:5efe or 0200:5efe in the lower half, under any prefix. */
export function isIsatap(address: string): boolean {
  return /^0[02]005efe$/.test(hex(ipv6Bytes(address)?.slice(8, 12) ?? []));
}

function hex(bytes: number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
