import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { stringify } from 'lossless-json';
import { type GivenCall } from '../config/rule-test.js';
import { editCall } from './edit-call.js';
import { usageError } from './exit-codes.js';
import { findSample, suggestSamples } from './samples.js';

/**
 * The bytes of the call that a test begins with, changed as it says.
 * @param file absolute path of the rule file; fixtures may stand beside it.
 * @param folders further folders that fixtures may be named from.
 * @throws {CliError} when there is no such fixture, or a path leads nowhere.
 */
export async function buildCall(
  given: GivenCall,
  file: string,
  folders: readonly string[],
): Promise<Uint8Array> {
  const text =
    given.fixture === null
      ? (stringify(given.call) ?? '{}')
      : await readFixture(given.fixture, file, folders);
  return Buffer.from(editCall(text, given));
}

async function readFixture(name: string, file: string, folders: readonly string[]): Promise<string> {
  const sample = findSample(name);
  if (sample !== undefined) return sample;
  for (const folder of [dirname(file), ...folders]) {
    for (const path of [resolve(folder, name), resolve(folder, `${name}.json`)]) {
      const text = await readFile(path, 'utf8').catch(() => null);
      if (text !== null) return text;
    }
  }
  throw usageError(`there is no fixture ${name}, neither as a sample nor as a file; ${suggestSamples(name)}`);
}
