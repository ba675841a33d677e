import { describe, expect, it } from '@jest/globals';
import { parseIpRange } from './ip-range.js';

describe('parseIpRange', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['127.0.0.1', '127.0.0.1/32'],
    ['::1', '::1/128'],
    ['fd00::/8', 'fd00::/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
  ])('reads %s', (text, range) => {
    expect(parseIpRange(text)).toBe(range);
  });

  it.each([
    '',
    '10.0.0.0/33',
    '10.0.0/8',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    'localhost',
    'fe80::1%eth0',
    '::/129',
  ])('refuses %j', (text) => {
    expect(parseIpRange(text)).toBeNull();
  });
});
