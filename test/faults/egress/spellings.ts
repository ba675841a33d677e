import { isIPv4 } from 'node:net';
import { ipv6Bytes } from '../../../src/egress/ipv6.js';

/** Addresses that must never be dialled, by the range they stand for (IANA registries; clouds; embeddings). */
export const FORBIDDEN: Record<string, string> = {
  '0.0.0.0/32': '0.0.0.0',
  '0.0.0.0/8': '0.1.2.3',
  '10.0.0.0/8': '10.0.0.1',
  '10.255.0.0/16': '10.255.255.254',
  '100.64.0.0/10': '100.64.0.1',
  '100.100.100.200/32': '100.100.100.200',
  '100.127.0.0/16': '100.127.255.254',
  '127.0.0.0/8': '127.0.0.1',
  '127.255.0.0/16': '127.255.255.253',
  '168.63.129.16/32': '168.63.129.16',
  '169.254.0.0/16': '169.254.0.1',
  '169.254.169.254/32': '169.254.169.254',
  '172.16.0.0/12': '172.16.0.1',
  '172.31.0.0/16': '172.31.255.254',
  '192.0.0.0/24': '192.0.0.192',
  '192.0.0.0/29': '192.0.0.1',
  '192.0.0.8/32': '192.0.0.8',
  '192.0.0.9/32': '192.0.0.9',
  '192.0.0.10/32': '192.0.0.10',
  '192.0.0.170/31': '192.0.0.170',
  '192.0.2.0/24': '192.0.2.1',
  '192.31.196.0/24': '192.31.196.1',
  '192.52.193.0/24': '192.52.193.1',
  '192.88.99.0/24': '192.88.99.1',
  '192.168.0.0/16': '192.168.1.1',
  '192.175.48.0/24': '192.175.48.1',
  '198.18.0.0/15': '198.19.255.254',
  '198.51.100.0/24': '198.51.100.1',
  '203.0.113.0/24': '203.0.113.1',
  '224.0.0.0/4': '224.0.0.1',
  '239.0.0.0/8': '239.255.255.250',
  '240.0.0.0/4': '240.0.0.1',
  '255.255.255.255/32': '255.255.255.255',
  '::/128': '::',
  '::1/128': '::1',
  '::/96': '::7f00:1',
  '::ffff:0:0/96': '::ffff:127.0.0.1',
  '::ffff:a9fe:0/112': '::ffff:169.254.169.254',
  '::ffff:0:0:0/96': '::ffff:0:7f00:1',
  '64:ff9b::/96': '64:ff9b::7f00:1',
  '64:ff9b::a9fe:0/112': '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::/48': '64:ff9b:1::a9fe:a9fe',
  '100::/64': '100::1',
  '100:0:0:1::/64': '100:0:0:1::1',
  '2001::/32': '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  '2001:1::/32': '2001:1::1',
  '2001:2::/48': '2001:2::1',
  '2001:3::/32': '2001:3::1',
  '2001:4:112::/48': '2001:4:112::1',
  '2001:10::/28': '2001:10::1',
  '2001:20::/28': '2001:20::1',
  '2001:30::/28': '2001:30::1',
  '2001:db8::/32': '2001:db8::1',
  '2002::/16': '2002:7f00:1::1',
  '2620:4f:8000::/48': '2620:4f:8000::1',
  '3fff::/20': '3fff::1',
  '5f00::/16': '5f00::1',
  '4000::/3': '4000::1',
  'fc00::/8': 'fc00::1',
  'fd00::/8': 'fd00:ec2::254',
  'fe80::/10': 'fe80::1',
  'fec0::/10': 'fec0::1',
  'ff00::/8': 'ff02::1',
  ISATAP: '2a00:1450::5efe:10.0.0.1',
};

/** Those that every machine has. */
export const LOOPBACK = ['0.0.0.0/32', '127.0.0.0/8', '127.255.0.0/16', '::/128', '::1/128', '::ffff:0:0/96'];

/** What the kernel dials for nobody, guard or not: groups, broadcasts, link-local without a link. */
export const UNREACHABLE = ['224.0.0.0/4', '239.0.0.0/8', '255.255.255.255/32', 'fe80::/10', 'ff00::/8'];

/** One way to write a host into a URL. Names are resolved by {@link addressOfName}. */
export type Spelling = [how: string, authority: string, scheme?: string];

const PUBLIC = '8.8.8.8';

/** Twelve and more spellings of one address. */
export function spellingsOf(address: string): Spelling[] {
  return [...(isIPv4(address) ? ipv4Spellings(address) : ipv6Spellings(address)), ...nameSpellings(address)];
}

function nameSpellings(address: string): Spelling[] {
  const name = `at-${hexOf(address)}.test`;
  return [
    ['name', name],
    ['name, dot', `${name}.`],
    ['name, capitals', name.toUpperCase()],
    ['name beside a public address', `beside-${hexOf(address)}.test`],
  ];
}

function ipv4Spellings(address: string): Spelling[] {
  const bytes = address.split('.').map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const high = (a * 256 + b).toString(16);
  const low = (c * 256 + d).toString(16);
  const mapBytes = (spell: (byte: number) => string) => bytes.map(spell).join('.');
  return [
    ['plain', address],
    ['decimal', String(number)],
    ['hexadecimal', `0x${number.toString(16)}`],
    ['hexadecimal bytes', mapBytes((byte) => `0X${byte.toString(16)}`)],
    ['octal', mapBytes((byte) => `0${byte.toString(8).padStart(3, '0')}`)],
    ['short', `${a}.${b}.${c * 256 + d}`],
    ['full width', address.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))],
    ['ideographic dots', address.replaceAll('.', '\u3002')],
    ['percent', [...address].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('')],
    ['trailing dot', `${address}.`],
    ['user info', `hooks.slack.com:443@${address}`],
    ['mapped', `[::ffff:${address}]`],
    ['mapped, hexadecimal', `[::FFFF:${high}:${low}]`],
    ['NAT64', `[64:ff9b::${address}]`],
  ];
}

function ipv6Spellings(address: string): Spelling[] {
  const bytes = ipv6Bytes(address) ?? [];
  const groups = Array.from({ length: 8 }, (_, at) => (bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0));
  const padded = groups.map((group) => group.toString(16).padStart(4, '0')).join(':');
  const bare = groups.map((group) => group.toString(16)).join(':');
  const dotted = `${bare.split(':').slice(0, 6).join(':')}:${bytes.slice(12).join('.')}`;
  return [
    ['plain', `[${address}]`],
    ['no gap', `[${bare}]`],
    ['padded', `[${padded}]`],
    ['capitals', `[${padded.toUpperCase()}]`],
    ['dotted end', `[${dotted}]`],
    ['tab within', `[\t${address}]`],
    ['more slashes', `//[${address}]`],
    ['user info', `hooks.slack.com@[${address}]`],
  ];
}

function hexOf(address: string): string {
  return isIPv4(address)
    ? Buffer.from(address.split('.').map(Number)).toString('hex')
    : Buffer.from(ipv6Bytes(address) ?? []).toString('hex');
}

/** The addresses of a name from {@link spellingsOf}. */
export function addressesOfName(name: string): string[] {
  const [, kind, hex = ''] = /^(at|beside)-([0-9a-f]+)\.test$/.exec(name) ?? [];
  if (kind === undefined) return [];
  const bytes = [...Buffer.from(hex, 'hex')];
  const address = bytes.length === 4 ? bytes.join('.') : (hex.match(/.{4}/g) ?? []).join(':');
  return kind === 'at' ? [address] : [PUBLIC, address];
}
