import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { loadAdapters } from '../adapters/catalogue.js';
import { formatProblem, readConfig } from '../config/read-config.js';
import { loadSources } from '../sources/catalogue.js';
import { CliError, EXIT, usageError } from './exit-codes.js';
import { type Io } from './io.js';

export type ConfigReading = Awaited<ReturnType<typeof readConfig>>;
export type LoadedConfig = Extract<ConfigReading, { ok: true }>;

/**
 * Reads a folder of configuration files with every built-in kind.
 * @throws {CliError} when there is no such folder.
 */
export async function readConfigFolder(io: Io, folder: string): Promise<ConfigReading> {
  const input = await requireFolder(io, folder);
  const [kinds, sourceKinds] = await Promise.all([loadAdapters(), loadSources()]);
  return readConfig({ input, env: io.env, kinds, sourceKinds });
}

/** Where the folder is, for {@link readConfig}. @throws {CliError} when there is none. */
export async function requireFolder(io: Io, folder: string): Promise<string> {
  const dir = resolve(io.cwd, folder);
  const found = await stat(dir).catch(() => null);
  if (found?.isDirectory()) return inWords(dir);
  throw usageError(
    `there is no configuration folder ${folder}; name one with --config, or make one: aftercall init ${folder}`,
  );
}

/** The configuration, or all of its problems as one error. */
export async function loadConfig(io: Io, folder: string): Promise<LoadedConfig> {
  const read = await readConfigFolder(io, folder);
  if (read.ok) return read;
  const problems = read.problems.map(formatProblem).join('\n');
  throw new CliError(EXIT.findings, `the configuration cannot be used:\n${problems}`);
}

/** Relative where it lies below the working directory, so that problems name short paths. */
function inWords(dir: string): string {
  const below = relative(process.cwd(), dir);
  return below === '' || below.startsWith('..') ? dir : below;
}
