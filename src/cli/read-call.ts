import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Config } from '../config/config.js';
import { type EventRecord } from '../domain/event.js';
import { usageError } from './exit-codes.js';
import { type Io } from './io.js';
import { withStoreToRead } from './open-store.js';
import { findSample, suggestSamples } from './samples.js';

/** A call as bytes, with what is known of it when it is a stored event. */
export interface GivenCall {
  raw: Uint8Array;
  event: EventRecord | null;
}

/** Whether a command means a stored event; a file of such a name needs `./` before it. */
export function isEventId(given: string): boolean {
  return EVENT_ID.test(given);
}

const EVENT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Finds the call that a command names: `-` for standard input, a file, the id of a stored event, or a sample.
 * @throws {CliError} when it is none of them.
 */
export async function readCall(given: string, io: Io, config: Config): Promise<GivenCall> {
  if (isEventId(given)) return readEvent(given, config);
  const text = await readFileOrSample(given, io);
  if (text !== null) return { raw: text, event: null };
  throw usageError(`there is no file, event or sample ${given}; ${suggestSamples(given)}`);
}

/** As {@link readCall}, where no store is looked at. */
export async function readSample(given: string, io: Io): Promise<string> {
  const text = await readFileOrSample(given, io);
  if (text !== null) return Buffer.from(text).toString('utf8');
  throw usageError(`there is no file or sample ${given}; ${suggestSamples(given)}`);
}

async function readFileOrSample(given: string, io: Io): Promise<Uint8Array | null> {
  if (given === '-') return io.stdin();
  const bytes = await readIfThere(resolve(io.cwd, given));
  const sample = bytes === null ? findSample(given) : undefined;
  return sample === undefined ? bytes : Buffer.from(sample);
}

async function readIfThere(file: string): Promise<Uint8Array | null> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw usageError(`${file} cannot be read: ${code === 'EISDIR' ? 'it is a folder' : code}`);
  }
}

async function readEvent(id: string, config: Config): Promise<GivenCall> {
  const found = await withStoreToRead(config, (store) => store.findEvent(id.toLowerCase()));
  if (found) return found;
  throw usageError(`there is no event ${id} in ${config.storage.replace(/\/\/.*@/, '//…@')}`);
}
