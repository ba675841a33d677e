import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readRedisUrl } from './redis-url.js';

describe('readRedisUrl', () => {
  it('knows the defaults', () => {
    expect(readRedisUrl('redis://127.0.0.1')).toEqual({
      host: '127.0.0.1',
      port: 6379,
      db: 0,
      isEncrypted: false,
      prefix: 'aftercall',
    });
  });

  it('reads every part', () => {
    expect(readRedisUrl('rediss://me:p%40ss%25@[::1]:7000/3?prefix=acme:eu')).toEqual({
      host: '::1',
      port: 7000,
      username: 'me',
      password: 'p@ss%',
      db: 3,
      isEncrypted: true,
      prefix: 'acme:eu',
    });
  });

  it.each([
    ['redis://h?prefix=', /prefix "" in the address; expected one word without spaces/],
    ['redis://h?prefix=a%20b', /prefix "a b"/],
    ['redis://h?prefix=a%00', /prefix "a\\u0000"/],
    ['redis://h?keyPrefix=x', /unknown parameter "keyPrefix"/],
    ['redis://h/db', /number of a database/],
    ['redis://', /no address of a Redis server; expected redis:\/\//],
    ['https://h', /no address of a Redis server/],
    ['h:6379', /no address of a Redis server/],
    ['redis://:100%@h', /a literal % to be written as %25/],
  ])('refuses %s', (url, message) => {
    expect(() => readRedisUrl(url)).toThrow(message);
  });

  it('gives back any password, and never tells it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, unit: 'grapheme' }), (password) => {
        const url = `redis://:${encodeURIComponent(password)}@h`;
        expect(readRedisUrl(url).password).toBe(password);
        let message = '';
        try {
          readRedisUrl(`${url}/x?prefix=`);
        } catch (error) {
          message = String(error);
        }
        expect(message).not.toContain(password);
        expect(message).toContain('expected');
      }),
    );
  });
});
