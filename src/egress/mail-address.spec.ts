import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseMailAddress } from './mail-address.js';

describe('parseMailAddress', () => {
  it.each([
    ['jane@example.com', '', 'jane@example.com'],
    [' jane.doe+tag@mail.example.co.uk ', '', 'jane.doe+tag@mail.example.co.uk'],
    ['Jane Doe <jane@example.com>', 'Jane Doe', 'jane@example.com'],
    ['"Doe, Jane" <jane@example.com>', 'Doe, Jane', 'jane@example.com'],
    ['<jane@localhost>', '', 'jane@localhost'],
    ['Jürgen <jürgen@müller.example>', 'Jürgen', 'jürgen@müller.example'],
  ])('reads %s', (text, name, address) => {
    expect(parseMailAddress(text)).toEqual({ name, address });
  });

  it.each([
    ['', 'is empty'],
    ['jane', 'is not one address'],
    ['jane@', 'is not one address'],
    ['@example.com', 'is not one address'],
    ['a@b@c.com', 'is not one address'],
    ['jane@example.com, joe@example.com', 'is not one address'],
    ['group: jane@example.com;', 'is not one address'],
    ['"jane@evil.com x"@example.com', 'is not one address'],
    ['jane@example.com <joe@example.com>', 'is not one address'],
    ['"a" <jane@example.com> <b@example.com>', 'is not one address'],
    ['jane@[127.0.0.1]', 'is not one address'],
    ['jane@-example.com', 'is not one address'],
    ['jane..doe@example.com', 'is not one address'],
    ['jane@example.com\r\nBcc: joe@example.com', 'holds a control character'],
    [`${'a'.repeat(310)}@example.com`, 'is longer than 320 characters'],
  ])('refuses %j', (text, problem) => {
    expect(parseMailAddress(text)).toContain(problem);
  });

  it('never lets line breaks, brackets or a second address through', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.emailAddress()), (text) => {
        const parsed = parseMailAddress(text);
        if (typeof parsed === 'object') expect(parsed.address).toMatch(/^[^\s<>,;]+@[^\s<>@,;]+$/);
      }),
    );
  });
});
