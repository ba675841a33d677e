import { describe, expect, it } from '@jest/globals';
import { redactEmails, redactPhones, redactSecrets } from './redact.js';

describe('redactSecrets', () => {
  it('replaces every occurrence', () => {
    expect(redactSecrets('a s3cret, again s3cret', ['s3cret'])).toBe('a [secret], again [secret]');
  });

  it('finds a secret in a JSON string and in a URL', () => {
    const secret = 'p"ss/w&rd';
    expect(redactSecrets(JSON.stringify({ secret }), [secret])).toBe('{"secret":"[secret]"}');
    expect(redactSecrets(`https://x/?k=${encodeURIComponent(secret)}`, [secret])).toBe(
      'https://x/?k=[secret]',
    );
  });

  it('leaves no rest of a secret that contains another', () => {
    expect(redactSecrets('https://hooks/abcd', ['abcd', 'https://hooks/abcd'])).toBe('[secret]');
  });

  it('leaves values alone that are too short to be secrets', () => {
    expect(redactSecrets('port 25, true', ['25', '', 'tru'])).toBe('port 25, true');
  });

  it('forgets the secrets of an earlier list', () => {
    expect(redactSecrets('first', ['first'])).toBe('[secret]');
    expect(redactSecrets('first second', ['second'])).toBe('first [secret]');
  });

  it('bears a secret with a lone surrogate', () => {
    expect(redactSecrets('x \ud800abc', ['\ud800abc'])).toBe('x [secret]');
  });
});

describe('redactPhones', () => {
  it.each([
    ['call +4917012345678 now', 'call +…78 now'],
    ['+1 (987) 654-3211', '+…11'],
    ['order 12345678 of 2025', 'order 12345678 of 2025'],
    ['+12', '+12'],
  ])('%s', (text, redacted) => {
    expect(redactPhones(text)).toBe(redacted);
  });
});

describe('redactEmails', () => {
  it('keeps the domain only', () => {
    expect(redactEmails('550 <jane.doe@example.com> unknown, a@b')).toBe('550 <…@example.com> unknown, …@b');
  });
});
