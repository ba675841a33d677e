import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { findSample, SAMPLES, suggestSamples } from './catalogue.js';

const folder = new URL('../../../test/fixtures/autocalls/', import.meta.url);
const fixtures = readdirSync(folder).filter((file) => file.endsWith('.json'));

describe('samples', () => {
  it('are all the fixtures', () => {
    const names = fixtures.map((file) => `autocalls/${file.replace('.json', '')}`);
    expect([...SAMPLES.keys()].sort()).toEqual(names.sort());
  });

  it.each(fixtures)('hold %s to the letter', (file) => {
    expect(findSample(`autocalls/${file}`)).toBe(readFileSync(new URL(file, folder), 'utf8').trimEnd());
  });

  it('are found without their folder', () => {
    expect(findSample('busy-nulls')).toBe(findSample('autocalls/busy-nulls'));
  });

  it('names the nearest one for a slip, all of them otherwise', () => {
    expect(suggestSamples('autocalls/busy-null')).toBe('did you mean autocalls/busy-nulls?');
    expect(suggestSamples('x')).toContain('autocalls/hostile-text');
  });
});
