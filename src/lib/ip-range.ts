import { isIP } from 'node:net';

/**
 * An address range in CIDR form: `10.0.0.0/8` and `fd00::/8` as they are, a single address with its full
 * mask. Null when it is neither.
 */
export function parseIpRange(text: string): string | null {
  const [address = '', mask, ...rest] = text.trim().split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || address.includes('%')) return null;
  const longest = family === 4 ? 32 : 128;
  if (mask === undefined) return `${address}/${longest}`;
  return /^\d{1,3}$/.test(mask) && Number(mask) <= longest ? `${address}/${Number(mask)}` : null;
}
