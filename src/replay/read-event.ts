import { type Config, type SourceConfig } from '../config/config.js';
import { type ReadCall } from '../sources/source.js';
import { type StoredEvent } from '../store/store.js';
import { DeskError } from './desk-error.js';

/**
 * Reads the bytes of a stored event again, the way its source reads today.
 * @throws {DeskError} `conflict` where the bytes or the source are gone, `unreadable` where they are no call.
 */
export function readEvent(
  config: Config,
  { event, raw, bodyPrunedAt }: StoredEvent,
): { source: SourceConfig; reading: ReadCall } {
  if (bodyPrunedAt !== null) throw gone('the bytes of this event');
  const source = config.sources.get(event.source);
  if (!source)
    throw new DeskError(
      'conflict',
      `the configuration has no source ${event.source}, which reads this event`,
    );
  const reading = source.source.read(raw);
  if (reading.as === 'unreadable')
    throw new DeskError('unreadable', 'this event cannot be read as a call', reading.problems);
  return { source, reading };
}

/** What retention removed can be neither explained nor replayed. */
export function gone(what: string): DeskError {
  return new DeskError('conflict', `${what} are gone: retention removed them`);
}
