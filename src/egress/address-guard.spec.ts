import { type LookupAddress } from 'node:dns';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AddressForbiddenError, createAddressGuard } from './address-guard.js';

const FORBIDDEN = {
  'this network': ['0.0.0.0', '0.255.255.255'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', 'fc00::1', 'fdff::1', 'fd00:ec2::254'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.255', '100.100.100.200'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1'],
  'cloud host service': ['168.63.129.16'],
  'link-local': ['169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'febf::1'],
  'protocol assignments': [
    '192.0.0.192',
    '192.0.0.9',
    '2001:1::1',
    '2001:2::1',
    '2001:20::1',
    '2001:10::1',
    '2001:30::1',
  ],
  Teredo: ['2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  'AS112 name service': ['192.31.196.1', '192.175.48.1', '2620:4f:8000::1'],
  'multicast relay': ['192.52.193.1'],
  documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  '6to4 relay': ['192.88.99.1'],
  benchmarking: ['198.18.0.1', '198.19.255.255'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  reserved: ['240.0.0.1', '255.255.255.255'],
  unspecified: ['::'],
  '6to4': ['2002:7f00:1::', '2002:808:808::1'],
  'IPv4-compatible': ['::7f00:1', '::8.8.8.8'],
  'local NAT64': ['64:ff9b:1::808:808', '64:ff9b:1:ffff::a00:1'],
  discard: ['100::1'],
  'site-local': ['fec0::1'],
  ISATAP: ['2600:1234::5efe:10.0.0.1', '2600:1234::200:5efe:8.8.8.8'],
  'not global unicast': ['::ffff:0:127.0.0.1', '5f00::1', '4000::1', '100:0:0:1::1', '64:ff9b:0:1::1'],
};
/** Another spelling of the same or a translated IPv4 address: judged by the address inside. */
const EMBEDDED = [
  '::ffff:127.0.0.1',
  '::FFFF:7F00:1',
  '0:0:0:0:0:ffff:10.0.0.1',
  '64:ff9b::169.254.169.254',
  '64:ff9b::a00:1',
];
const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '11.0.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '192.0.1.1',
  '198.17.0.1',
  '198.20.0.1',
  '223.255.255.255',
  '2606:4700::1111',
  '2a00:1450::5',
  '2001:4860:4860::8888',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
];

const guard = createAddressGuard([]);

describe('checkHost', () => {
  const table = Object.entries(FORBIDDEN).flatMap(([word, list]) =>
    list.map((address) => ({ word, address })),
  );

  it.each(table)('refuses $address as $word', ({ word, address }) => {
    expect(guard.checkHost(address)).toContain(`(${word})`);
  });

  it.each(EMBEDDED)('refuses %s by the address inside', (address) => {
    expect(guard.checkHost(address)).toMatch(/loopback|private|link-local/);
  });

  it.each(PUBLIC)('lets %s pass', (address) => {
    expect(guard.checkHost(address)).toBeNull();
  });

  it.each([
    'http://2130706433',
    'http://0x7f.1',
    'http://0177.0.0.1',
    'http://127.1',
    'http://127.0.0.1.',
    'http://127.0.0.1',
    'http://①②⑦.0.0.1',
    'http://%31%32%37.0.0.1',
    'http://[::ffff:127.0.0.1]',
    'http://0',
    'http://user@127.0.0.1:80',
  ])('refuses the host that a URL parser makes of %s', (url) => {
    expect(guard.checkHost(new URL(url).hostname)).not.toBeNull();
  });

  it('refuses the names of this machine and leaves other names to the lookup', () => {
    expect(guard.checkHost('localhost')).toContain('loopback');
    expect(guard.checkHost('db.localhost.')).toContain('loopback');
    expect(guard.checkHost('hooks.slack.com')).toBeNull();
  });

  it('says how to open the network', () => {
    expect(guard.checkHost('10.1.2.3')).toBe(
      '10.1.2.3, a forbidden address (private); open its network under egress.allow if it is meant',
    );
  });

  it('judges an IPv4 address and its mapped spelling alike', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(guard.checkHost(`::ffff:${address}`) === null).toBe(guard.checkHost(address) === null);
      }),
    );
  });

  it('lets no address outside of 2000::/3 pass, embedded public IPv4 addresses aside', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const isOutside = !/^[23][0-9a-f]{3}:/i.test(address);
        if (isOutside && !/^(64:ff9b:|.*ffff:)/i.test(address))
          expect(guard.checkHost(address)).not.toBeNull();
      }),
    );
  });
});

describe('egress.allow', () => {
  it('opens a network, also in its mapped spelling, and nothing beside it', () => {
    const opened = createAddressGuard(['127.0.0.1/32', '10.1.0.0/16', 'fd12::/16', '192.168.7.7']);
    for (const address of [
      '127.0.0.1',
      '::ffff:127.0.0.1',
      '10.1.255.1',
      'fd12::5',
      '192.168.7.7',
      'localhost',
    ])
      expect(opened.checkHost(address)).toBeNull();
    for (const address of ['127.0.0.2', '10.2.0.1', 'fd13::5', '192.168.7.8', '::1', '64:ff9b::7f00:1'])
      expect(opened.checkHost(address)).not.toBeNull();
  });

  it('can be changed while running', () => {
    const changing = createAddressGuard([]);
    changing.setAllowed(['10.0.0.0/8']);
    expect(changing.checkHost('10.0.0.1')).toBeNull();
    changing.setAllowed([]);
    expect(changing.checkHost('10.0.0.1')).not.toBeNull();
  });

  it.each(['10.0.0.0/33', 'fd00::/129', 'localhost', '10.0.0.0/8/8', '10.0.0.0/', '10.0.0/8', ''])(
    'refuses %j, which is no network',
    (cidr) => {
      expect(() => createAddressGuard([cidr])).toThrow('is no network; expected something like 10.0.0.0/8');
    },
  );
});

describe('lookup', () => {
  const resolving = (addresses: string[], allow: string[] = []) =>
    createAddressGuard(allow, (_hostname, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    );
  const lookup = (addresses: string[], all: boolean, allow: string[] = []) =>
    new Promise<{ error: Error | null; address: string | LookupAddress[] }>((done) =>
      resolving(addresses, allow).lookupFor(443)('host.test', { all }, (error, address) =>
        done({ error, address }),
      ),
    );

  it('hands out the addresses it checked', async () => {
    expect(await lookup(['8.8.8.8', '2606:4700::1'], true)).toEqual({
      error: null,
      address: [
        { address: '8.8.8.8', family: 4 },
        { address: '2606:4700::1', family: 6 },
      ],
    });
    expect(await lookup(['8.8.8.8'], false)).toEqual({ error: null, address: '8.8.8.8' });
  });

  it('refuses a name when one of its addresses is forbidden', async () => {
    const { error } = await lookup(['8.8.8.8', '169.254.169.254'], true);
    expect(error).toBeInstanceOf(AddressForbiddenError);
    expect(error?.message).toContain('host.test leads to 169.254.169.254');
  });

  it('dials only the opened address of a name that has others', async () => {
    const { error, address } = await lookup(['::1', '127.0.0.1'], true, ['127.0.0.1/32']);
    expect(error).toBeNull();
    expect(address).toEqual([{ address: '127.0.0.1', family: 4 }]);
  });

  it('fails for a name without addresses', async () => {
    expect((await lookup([], true)).error).toMatchObject({ code: 'ENOTFOUND' });
  });
});
