import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readProxySettings } from './proxy-settings.js';

const PLAIN = { protocol: 'http', host: 'proxy.example', port: 3128, auth: null };

describe('readProxySettings', () => {
  it('reads a proxy for each scheme, with defaults', () => {
    expect(readProxySettings({ HTTPS_PROXY: 'http://proxy.example:3128' })).toMatchObject({
      https: PLAIN,
      http: null,
    });
    expect(readProxySettings({ HTTP_PROXY: 'proxy.example:3128/' })).toMatchObject({
      https: null,
      http: PLAIN,
    });
    expect(readProxySettings({ HTTPS_PROXY: 'https://proxy.example' }).https).toMatchObject({
      protocol: 'https',
      port: 443,
    });
    expect(readProxySettings({ HTTPS_PROXY: 'http://[fd00::1]' }).https).toMatchObject({
      host: 'fd00::1',
      port: 80,
    });
    expect(readProxySettings({})).toMatchObject({ http: null, https: null });
  });

  it('prefers the lower-case twin that says something', () => {
    const env = {
      HTTPS_PROXY: 'http://upper',
      https_proxy: 'http://lower',
      HTTP_PROXY: 'http://upper',
      http_proxy: ' ',
    };
    expect(readProxySettings(env)).toMatchObject({ https: { host: 'lower' }, http: { host: 'upper' } });
  });

  it('decodes user and password', () => {
    const { https } = readProxySettings({ HTTPS_PROXY: 'http://me%40corp:p%3A%25@proxy.example' });
    expect(https?.auth).toEqual({ username: 'me@corp', password: 'p:%' });
  });

  it.each([
    'socks5://me:hush@proxy',
    'ftp://me:hush@proxy',
    'http://me:hush@',
    'http://me:hush%@proxy',
    'http://me:hush@proxy:99999',
  ])('refuses %s and quotes nothing of it', (url) => {
    expect(() => readProxySettings({ HTTPS_PROXY: url })).toThrow(/HTTPS_PROXY/);
    expect(() => readProxySettings({ HTTPS_PROXY: url })).not.toThrow(/hush/);
  });

  it('never throws anything that quotes the variable', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), (text) => {
        try {
          readProxySettings({ http_proxy: text });
        } catch (error) {
          expect(String(error)).not.toContain(text.trim());
        }
      }),
    );
  });
});

describe('NO_PROXY', () => {
  const exempt = (list: string, host: string, port = 443) =>
    readProxySettings({ NO_PROXY: list }).isExempt(host, port);

  it.each([
    ['*', 'anything.example'],
    ['example.com', 'example.com'],
    ['example.com', 'EXAMPLE.com.'],
    ['example.com', 'api.example.com'],
    ['.example.com', 'api.example.com'],
    ['*.example.com', 'api.example.com'],
    ['a.example, example.com', 'example.com'],
    ['a.example example.com', 'example.com'],
    ['example.com:443', 'example.com'],
    ['10.0.0.0/8', '10.9.9.9'],
    ['10.1.2.3', '10.1.2.3'],
    ['10.1.2.3', '[::ffff:a01:203]'],
    ['::1', '[::1]'],
    ['[::1]:443', '[::1]'],
    ['fd00::/8', '[fd12::1]'],
    ['localhost', 'localhost'],
  ])('%s exempts %s', (list, host) => expect(exempt(list, host)).toBe(true));

  it.each([
    ['', 'example.com'],
    [',', 'example.com'],
    ['example.com', 'notexample.com'],
    ['example.com', 'example.com.evil.test'],
    ['example.com:80', 'example.com'],
    ['10.0.0.0/8', '11.0.0.1'],
    ['0.0.1', '127.0.0.1'],
    ['1', '10.0.0.1'],
    ['.', 'example.com'],
    ['10.0.0.0/8', 'ten.example'],
  ])('%j does not exempt %s', (list, host) => expect(exempt(list, host)).toBe(false));
});
