import { networkInterfaces } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { isOwnListener } from './own-listener.js';

const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));

describe('isOwnListener', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '0.0.0.0', '::', ...own])(
    'recognises %s where the server listens everywhere',
    (address) => {
      for (const everywhere of ['0.0.0.0', '::'])
        expect(isOwnListener({ address: everywhere, port: 3000 }, address, 3000)).toBe(true);
    },
  );

  it.each(['127.0.0.1', '::ffff:7f00:1', '0.0.0.0', '::'])(
    'recognises %s where it listens on one address',
    (address) => {
      expect(isOwnListener({ address: '127.0.0.1', port: 3000 }, address, 3000)).toBe(true);
    },
  );

  it.each(['127.0.0.2', '::1', '203.0.113.9'])('lets %s pass, which is another address', (address) => {
    expect(isOwnListener({ address: '127.0.0.1', port: 3000 }, address, 3000)).toBe(false);
  });

  it('lets other ports pass', () => {
    expect(isOwnListener({ address: '0.0.0.0', port: 3000 }, '127.0.0.1', 3001)).toBe(false);
  });
});
