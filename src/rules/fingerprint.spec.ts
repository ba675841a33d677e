import { describe, expect, it } from '@jest/globals';
import { fingerprintOf } from './fingerprint.js';
import { type RuleSetContent } from './rule.js';

const content: RuleSetContent = {
  timezone: 'UTC',
  tables: { a: { x: 1, y: 2 } },
  calendars: {},
  templates: {},
  rules: [],
};

describe('fingerprintOf', () => {
  it('names equal content alike, whatever the order of its keys', () => {
    const reordered = {
      rules: [],
      templates: {},
      calendars: {},
      tables: { a: { y: 2, x: 1 } },
      timezone: 'UTC',
    };
    expect(fingerprintOf(content)).toMatch(/^[0-9a-f]{32}$/);
    expect(fingerprintOf(reordered)).toBe(fingerprintOf(content));
  });

  it('changes with the content', () => {
    expect(fingerprintOf({ ...content, timezone: 'Europe/Vienna' })).not.toBe(fingerprintOf(content));
  });
});
