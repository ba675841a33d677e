import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { secret } from '../../adapters/adapter.js';
import { passwordsIn, secretsIn } from './secrets.js';

describe('secretsIn', () => {
  const schema = z.strictObject({
    url: secret(z.string().optional()).describe('with words behind the mark'),
    headers: secret(z.record(z.string(), z.string()).optional()),
    auth: z
      .union([
        z.strictObject({ bearer: secret(z.string()) }),
        z.strictObject({ user: z.string(), password: secret(z.string()) }),
      ])
      .optional(),
    keys: z.array(z.object({ key: secret(z.string()), name: z.string() })).default([]),
    byName: z.record(z.string(), secret(z.string())).optional(),
    plain: z.string().optional(),
  });

  it('finds marked texts however deep they stand', () => {
    const value = {
      url: 'smtp://me:p%40ss@mail.example.com',
      headers: { Authorization: 'Bearer one' },
      auth: { user: 'me', password: 'two' },
      keys: [{ key: 'three', name: 'n' }],
      byName: { a: 'four' },
      plain: 'shown',
    };
    expect(new Set(secretsIn(schema, value))).toEqual(
      new Set(['smtp://me:p%40ss@mail.example.com', 'p%40ss', 'p@ss', 'Bearer one', 'two', 'three', 'four']),
    );
  });

  it('finds them in values that do not fit the schema', () => {
    expect(secretsIn(schema, { url: ['one', 2], keys: 'no list', auth: 7, unknown: 'x' })).toEqual(['one']);
    expect(secretsIn(schema, null)).toEqual([]);
  });
});

describe('passwordsIn', () => {
  it('leaves what is no URL, has no password or cannot be decoded as it is', () => {
    expect(passwordsIn('not a url')).toEqual([]);
    expect(passwordsIn('https://example.com')).toEqual([]);
    expect(passwordsIn('redis://:a%zz@host')).toEqual(['a%zz']);
  });
});
