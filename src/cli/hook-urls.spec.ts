import { describe, expect, it } from '@jest/globals';
import { baseUrl, hookUrl, localUrl, maskToken } from './hook-urls.js';

const server = { host: '127.0.0.1', port: 3000, publicUrl: null, trustedProxies: [] };

describe('baseUrl', () => {
  it.each([
    [server, undefined, 'http://127.0.0.1:3000'],
    [server, 8080, 'http://127.0.0.1:8080'],
    [{ ...server, publicUrl: 'https://hooks.example.com/' }, 8080, 'https://hooks.example.com'],
  ])('of %j with port %s is %s', (settings, port, url) => {
    expect(baseUrl(settings, port)).toBe(url);
  });
});

describe('localUrl', () => {
  it.each([
    ['0.0.0.0', 'http://localhost:80'],
    ['::', 'http://localhost:80'],
    ['::1', 'http://[::1]:80'],
    ['example.com', 'http://example.com:80'],
  ])('makes of %s something one can open', (host, url) => {
    expect(localUrl(host, 80)).toBe(url);
  });
});

describe('hookUrl', () => {
  it('escapes the name of the source', () => {
    expect(hookUrl('http://x', 'a b', 'token')).toBe('http://x/hooks/a%20b/token');
  });
});

describe('maskToken', () => {
  it('shows four characters of a long token, nothing of a short one', () => {
    expect(maskToken('abcdefghijklmnop')).toBe('abcd…');
    expect(maskToken('abcdefgh')).toBe('…');
  });
});
