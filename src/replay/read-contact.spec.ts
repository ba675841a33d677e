import { describe, expect, it } from '@jest/globals';
import { type Config } from '../config/config.js';
import { readContact, readScope } from './read-contact.js';

function refused(message: RegExp): object {
  return expect.objectContaining({
    status: 'bad_request',
    message: expect.stringMatching(message) as unknown,
  });
}

describe('readContact', () => {
  it.each([
    ['+436641234567', '+436641234567'],
    [' +43 664 1234567', '+436641234567'],
    ['0043 664/123 45 67', '+436641234567'],
    ['Ada@Example.COM ', 'ada@example.com'],
  ])('reads %j', (written, contact) => {
    expect(readContact(written)).toBe(contact);
  });

  it.each(['', '0664 1234567', 'Ada', 'ada@', '@example.com', 'a b@example.com', '+43'])(
    'refuses %j',
    (written) => {
      expect(() => readContact(written)).toThrow(
        refused(/^contact: expected a phone number with its country/),
      );
    },
  );

  it('never repeats what was written', () => {
    expect(() => readContact('0664 9876543')).not.toThrow(/9876543/);
  });
});

describe('readScope', () => {
  const config = (scopeLabel: string | null, ...labels: Record<string, string>[]): Config =>
    ({
      scopeLabel,
      sources: new Map(labels.map((each, i) => [String(i), { labels: each }])),
    }) as unknown as Config;

  it('is the empty one where clients are not kept apart', () => {
    expect(readScope(config(null), undefined)).toBe('');
    expect(() => readScope(config(null), 'acme')).toThrow(refused(/no contacts\.scope/));
  });

  it('has to be named where they are, unless no source has the label', () => {
    const two = config('client', { client: 'acme' }, { client: 'other' }, { client: 'acme' });
    expect(readScope(two, 'acme')).toBe('acme');
    expect(readScope(two, '')).toBe('');
    expect(() => readScope(two, undefined)).toThrow(
      refused(/^scope: contacts\.scope .* labels\.client; name one \(--scope\), such as acme, other$/),
    );
    expect(readScope(config('client', { other: 'x' }), undefined)).toBe('');
  });
});
