import { describe, expect, it } from '@jest/globals';
import { sameSecret, secretMatcher } from './constant-time.js';

describe('sameSecret', () => {
  it('accepts the same secret', () => {
    expect(sameSecret('s3cret', 's3cret')).toBe(true);
  });

  it.each(['', 's3cre', 's3cret ', 'S3cret', 's3cret'.repeat(1000)])('refuses %.10j', (given) => {
    expect(sameSecret(given, 's3cret')).toBe(false);
  });
});

describe('secretMatcher', () => {
  it('accepts either of two secrets while they are rotated', () => {
    const matches = secretMatcher(['old', 'new']);
    expect(['old', 'new', 'other', '', 'oldnew'].map(matches)).toEqual([true, true, false, false, false]);
  });

  it('accepts nothing when there is no secret or an empty one', () => {
    expect(secretMatcher([])('')).toBe(false);
    expect(secretMatcher([''])('')).toBe(false);
  });
});
