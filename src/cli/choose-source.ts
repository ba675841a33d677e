import { type Config, type SourceConfig } from '../config/config.js';
import { nearest } from '../lib/nearest.js';
import { usageError } from './exit-codes.js';
import { type Io } from './io.js';

/**
 * The named source, or the first one, with a note when there are others.
 * @throws {CliError} when there is none.
 */
export function chooseSource(config: Config, name: string | undefined, io: Io): SourceConfig {
  if (name !== undefined) return namedSource(config, name);
  const [first, ...others] = [...config.sources.values()];
  if (first === undefined) throw usageError('the configuration has no source; add one under sources:');
  const names = [...config.sources.keys()].join(', ');
  if (others.length > 0) io.stderr(`as from source ${first.name} (--source chooses among ${names})\n`);
  return first;
}

function namedSource(config: Config, name: string): SourceConfig {
  const source = config.sources.get(name);
  if (source) return source;
  const near = nearest(name, config.sources.keys());
  const names = [...config.sources.keys()].join(', ') || 'none';
  throw usageError(
    `the configuration has no source ${name}; ${near === null ? `it has ${names}` : `did you mean ${near}?`}`,
  );
}
