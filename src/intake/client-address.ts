import { type IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { type IpRanges, plainAddress } from '../lib/ip-ranges.js';

/**
 * Where a request comes from: the other end of the connection or, when that is a trusted proxy, what the proxies
 * say, read from the right, as far as they are trusted. What stands further left may be made up by the sender.
 * Null where the connection is gone.
 */
export function clientAddress(request: IncomingMessage, trusted: IpRanges): string | null {
  const peer = request.socket.remoteAddress;
  if (peer === undefined) return null;
  const header = request.headers['x-forwarded-for'];
  const forwarded = Array.isArray(header) ? header.join(',') : (header ?? '');
  let address = plainAddress(peer);
  for (const entry of forwarded.split(',').reverse()) {
    const next = withoutPort(entry.trim());
    if (!trusted.contains(address) || isIP(next) === 0) return address;
    address = next;
  }
  return address;
}

/** Some proxies write `1.2.3.4:5678` or `[2001:db8::1]:5678`. */
function withoutPort(entry: string): string {
  const [, bracketed, dotted] = /^\[([^\]]*)\](?::\d+)?$|^([\d.]+):\d+$/.exec(entry) ?? [];
  return plainAddress(bracketed ?? dotted ?? entry);
}
