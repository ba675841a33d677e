import { readFileSync, readdirSync } from 'node:fs';
import { nearest } from '../lib/nearest.js';

/** The fixtures of the tests travel with the package: the vendor's own sample call and its known variants. */
const FOLDER = new URL('../../test/fixtures/autocalls/', import.meta.url);
const SOURCE = 'autocalls';

/** Names of the sample calls that `trigger`, `simulate` and the tests of rules know without a file. */
export function sampleNames(): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  return files.map((file) => `${SOURCE}/${file.replace(/\.json$/, '')}`).sort();
}

/** JSON text of a sample, found with or without its folder: `autocalls/busy-nulls` or `busy-nulls`. */
export function findSample(name: string): string | undefined {
  const wanted = name.replace(/\.json$/, '');
  const known = sampleNames().find((sample) => sample === wanted || sample === `${SOURCE}/${wanted}`);
  if (known === undefined) return undefined;
  return readFileSync(new URL(`${known.slice(SOURCE.length + 1)}.json`, FOLDER), 'utf8').trimEnd();
}

/** For messages about a name that is neither a file nor a sample. */
export function suggestSamples(name: string): string {
  const names = sampleNames();
  const near = nearest(name.includes('/') ? name : `${SOURCE}/${name}`, names);
  return near === null ? `samples: ${names.join(', ')}` : `did you mean ${near}?`;
}
