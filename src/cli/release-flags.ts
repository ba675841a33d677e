import { InvalidArgumentError } from 'commander';
import { type Json, type JsonObject } from '../lib/json.js';
import { readJson } from '../lib/read-json.js';
import { type ReleaseOptions } from '../replay/queries.js';
import { splitPair } from './options.js';

export const IF_MISSING = ['mark', 'omit', 'empty'] as const;

export interface ReleaseFlags {
  set?: JsonObject;
  ifMissing?: (typeof IF_MISSING)[number];
}

/** Without what was not given: an empty object changes nothing. */
export function releaseOptions({ set = {}, ifMissing }: ReleaseFlags): ReleaseOptions {
  return {
    ...(ifMissing !== undefined && { if_missing: ifMissing }),
    ...(Object.keys(set).length > 0 && { with: set }),
  };
}

/** Gathers repeated `field=value`. A field is replaced as a whole, so a path into one would lose the rest of it. */
export function collectInput(written: string, before: JsonObject): JsonObject {
  const [field, value] = splitPair(written);
  if (!/^\w+$/.test(field))
    throw new InvalidArgumentError(
      `A field is replaced as a whole: give ${field.split(/\W/)[0] || 'its name'}='…' with all of it as JSON.`,
    );
  return { ...before, [field]: readValue(value) };
}

/** JSON where it is JSON, with every digit of long numbers; else the text itself. */
function readValue(written: string): Json {
  const read = readJson(Buffer.from(written));
  return read.ok ? read.value : written;
}
