import { describe, expect, it } from '@jest/globals';
import { parseSmtpUrl } from './smtp-url.js';

describe('parseSmtpUrl', () => {
  it('reads host, login and defaults', () => {
    expect(parseSmtpUrl('smtps://me%40example.com:p%2Fw@mail.example.com')).toEqual({
      host: 'mail.example.com',
      port: 465,
      secure: true,
      requireTls: false,
      verifyCertificate: true,
      auth: { user: 'me@example.com', pass: 'p/w' },
      name: null,
    });
  });

  it('reads options', () => {
    expect(
      parseSmtpUrl('smtp://[::1]:2525?requireTLS=true&tls.rejectUnauthorized=false&name=me.test'),
    ).toMatchObject({
      ...{ host: '::1', port: 2525, secure: false, auth: null },
      ...{ requireTls: true, verifyCertificate: false, name: 'me.test' },
    });
    expect(parseSmtpUrl('smtp://mail').port).toBe(587);
  });

  it.each([
    ['https://user:hush@host', 'not an SMTP URL; expected smtp://'],
    ['mail.example.com', 'not an SMTP URL'],
    ['smtp://', 'no host'],
    ['smtp://user:hush@host?socketPath=/x', 'unknown option socketPath'],
    ['smtp://user:hush@host?requireTLS=1', 'must be true or false'],
    ['smtp://user:hush%@host', 'percent-encoded'],
  ])('refuses %s without quoting the password', (url, problem) => {
    expect(() => parseSmtpUrl(url)).toThrow(problem);
    expect(() => parseSmtpUrl(url)).not.toThrow('hush');
  });
});
