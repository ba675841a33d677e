import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Adapter } from '../adapters/adapter.js';
import { loadAdapters } from '../adapters/catalogue.js';
import { loadSources } from '../sources/catalogue.js';
import { type Source } from '../sources/source.js';
import { type ConfigInput, type ConfigReading, formatProblem, readConfig } from './read-config.js';

let kinds: ReadonlyMap<string, Adapter>;
let sourceKinds: ReadonlyMap<string, Source>;

beforeAll(async () => {
  kinds = await loadAdapters();
  sourceKinds = await loadSources();
});

function read(input: ConfigInput, env = {}): Promise<ConfigReading> {
  return readConfig({ input, env, kinds, sourceKinds });
}

describe('readConfig', () => {
  it('reads the example configuration without a warning', async () => {
    const reading = await read('config');
    expect(reading.ok ? reading.config.warnings : reading.problems.map(formatProblem)).toEqual([]);
  });
});
