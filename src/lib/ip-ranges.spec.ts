import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ipRanges, plainAddress } from './ip-ranges.js';

describe('ipRanges', () => {
  const ranges = ipRanges(['10.0.0.0/8', '203.0.113.7', '2001:db8::/32', '::ffff:192.168.0.0/112']);

  it.each([
    '10.0.0.0',
    '10.255.255.255',
    '203.0.113.7',
    '2001:db8::1',
    '192.168.4.5',
    '::ffff:10.1.2.3',
    '::ffff:a01:203',
  ])('contains %s', (address) => {
    expect(ranges.contains(address)).toBe(true);
  });

  it.each([
    '11.0.0.0',
    '9.255.255.255',
    '203.0.113.8',
    '2001:db9::1',
    '::ffff:11.1.2.3',
    '::1',
    '',
    'localhost',
    '10.0.0',
  ])('does not contain %j', (address) => {
    expect(ranges.contains(address)).toBe(false);
  });

  it('names what is no range and keeps the others', () => {
    const given = [
      '10.0.0.0/33',
      '10.0.0/8',
      'example.com',
      '::1/129',
      '1.2.3.4/',
      '1.2.3.4/-1',
      '1.2.3.4/8/8',
      '',
      '::ffff:1.2.3.4/40',
      '127.0.0.1',
    ];
    const read = ipRanges(given);
    expect(read.invalid).toEqual(given.slice(0, -1));
    expect(read.contains('127.0.0.1')).toBe(true);
  });

  it('takes host bits and the whole internet', () => {
    expect(ipRanges(['10.1.2.3/8']).contains('10.200.0.1')).toBe(true);
    expect(ipRanges(['0.0.0.0/0']).contains('8.8.8.8')).toBe(true);
    expect(ipRanges(['0.0.0.0/0']).contains('2001:db8::1')).toBe(false);
  });

  it('contains nothing when empty', () => {
    expect(ipRanges([]).contains('127.0.0.1')).toBe(false);
  });

  it('finds every IPv4 address in its mapped form', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(ipRanges([`${address}/32`]).contains(`::ffff:${address}`)).toBe(true);
      }),
    );
  });

  it('never throws on arbitrary text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (cidr, address) => {
        expect(ipRanges([cidr]).contains(address)).toBe(false);
      }),
    );
  });
});

describe('plainAddress', () => {
  it.each([
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['0:0:0:0:0:ffff:1.2.3.4', '1.2.3.4'],
    ['::FFFF:0102:0304', '1.2.3.4'],
    ['fe80::1%eth0', 'fe80::1'],
    ['2001:db8::ffff:1:2', '2001:db8::ffff:1:2'],
    ['64:ff9b::1.2.3.4', '64:ff9b::1.2.3.4'],
    ['1.2.3.4', '1.2.3.4'],
  ])('reads %s as %s', (written, plain) => {
    expect(plainAddress(written)).toBe(plain);
  });
});
