import { type IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { ipRanges } from '../lib/ip-ranges.js';
import { clientAddress } from './client-address.js';

const trusted = ipRanges(['10.0.0.0/8', '127.0.0.1']);

function address(peer: string | undefined, forwarded?: string | string[]): string | null {
  const headers = { 'x-forwarded-for': forwarded };
  return clientAddress({ socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage, trusted);
}

describe('clientAddress', () => {
  it.each<[string, string, string | string[] | undefined, string]>([
    ['the peer, without a header', '203.0.113.7', undefined, '203.0.113.7'],
    ['the peer, when it is not trusted', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['what a trusted proxy says', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['the first untrusted from the right', '10.0.0.1', '1.1.1.1, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['the leftmost, when all are trusted', '127.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['the proxy itself, when it says nothing of use', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['the last good entry before nonsense', '10.0.0.1', '1.1.1.1, x, 10.0.0.2', '10.0.0.2'],
    ['an entry less its port', '10.0.0.1', '198.51.100.1:5678', '198.51.100.1'],
    ['an IPv6 entry less brackets and port', '10.0.0.1', '[2001:db8::1]:5678', '2001:db8::1'],
    ['a mapped peer as what it is', '::ffff:203.0.113.7', undefined, '203.0.113.7'],
    ['through a mapped proxy', '::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['a header that came in parts', '10.0.0.1', ['1.1.1.1', '198.51.100.1'], '198.51.100.1'],
  ])('is %s', (_what, peer, forwarded, expected) => {
    expect(address(peer, forwarded)).toBe(expected);
  });

  it('is unknown when the connection is gone', () => {
    expect(address(undefined, '198.51.100.1')).toBeNull();
  });
});
