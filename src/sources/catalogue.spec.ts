import { describe, expect, it } from '@jest/globals';
import { loadSources } from './catalogue.js';

describe('loadSources', () => {
  it('finds every folder with a source, under the name of the folder', async () => {
    const sources = await loadSources();
    expect([...sources.keys()]).toContain('autocalls');
    for (const [name, source] of sources) {
      expect(source.kind).toBe(name);
      expect(source.description).not.toBe('');
    }
  });
});
