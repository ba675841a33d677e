import { describe, expect, it } from '@jest/globals';
import { findSample, sampleNames, suggestSamples } from './samples.js';

describe('samples', () => {
  it('are the calls that the tests use', () => {
    expect(sampleNames()).toContain('autocalls/completed-campaign');
    expect(JSON.parse(findSample('autocalls/completed-campaign') ?? '')).toMatchObject({ id: 12345 });
  });

  it('are found without their folder and with their ending', () => {
    const text = findSample('autocalls/busy-nulls');
    expect([findSample('busy-nulls'), findSample('autocalls/busy-nulls.json')]).toEqual([text, text]);
  });

  it('are no way to read other files', () => {
    expect(findSample('../README.md')).toBeUndefined();
    expect(findSample('autocalls/../json-logic/compatible')).toBeUndefined();
  });

  it('names the nearest one for a slip, all of them otherwise', () => {
    expect(suggestSamples('autocalls/busy-null')).toBe('did you mean autocalls/busy-nulls?');
    expect(suggestSamples('x')).toContain('autocalls/hostile-text');
  });
});
