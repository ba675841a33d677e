import { checkConfig, type CheckOptions, type ConfigReading } from './check-config.js';
import { loadFolder, loadObject } from './load-files.js';

export { formatProblem } from './findings.js';
export { type ConfigReading } from './check-config.js';

/** Path of a configuration folder, or the same content as an object (`rules` and `templates` beside the keys of `aftercall.yaml`). */
export type ConfigInput = string | object;

export interface ConfigRequest extends CheckOptions {
  input: ConfigInput;
}

/**
 * Reads and checks a whole configuration: one frozen, typed {@link Config}, or every problem of every file.
 * Never throws for what stands in the files.
 */
export function readConfig({ input, ...options }: ConfigRequest): Promise<ConfigReading> {
  const load = () => (typeof input === 'string' ? loadFolder(input) : loadObject(input));
  return Promise.resolve().then(() => checkConfig(load(), options));
}
