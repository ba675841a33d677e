import { type Read } from '../reads.js';
import { StoreRefusedError, StoreUnavailableError } from '../store.js';
import { type Settled } from '../write-queue.js';
import { type Write } from '../writes.js';
import { messageOf } from './sqlite-errors.js';

/** From the main thread to the worker. `id` comes back with the answer. */
export type Request =
  | ({ id: number; do: 'apply' } & PackedWrites)
  | { id: number; do: 'query'; read: Read }
  | { id: number; do: 'close' };

/** From the worker. The first one, with id 0, says whether the file could be opened. */
export type Reply = { id: number } & Answer;

/** A value, or an error without its class, which is lost between threads. */
export type Answer = { value: unknown } | { failure: { name: string; message: string } };

/** A batch as it goes to the worker: one text, and the bytes of all events side by side. */
export interface PackedWrites {
  /** The writes as JSON, the bytes of events left out. */
  text: string;
  /** Length of each event's bytes, in the order of the events. */
  lengths: number[];
  bytes: ArrayBuffer;
}

/**
 * Packs a batch. As JSON it costs a third of what handing over the objects does, since a structured clone
 * spells out every key of every object; measured, that was a fifth of the main thread's time. Bytes of a
 * request are often a view of a much larger buffer, and that would be copied whole for each of them.
 */
export function packWrites(writes: readonly Write[]): PackedWrites {
  const raws = writes.flatMap((write) => (write.do === 'accept' ? [write.event.raw] : []));
  const lengths = raws.map((raw) => raw.byteLength);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let offset = 0;
  for (const raw of raws) {
    bytes.set(raw, offset);
    offset += raw.byteLength;
  }
  const bare = writes.map((write) =>
    write.do === 'accept' ? { do: write.do, event: { ...write.event, raw: null } } : write,
  );
  return { text: JSON.stringify(bare), lengths, bytes: bytes.buffer };
}

export function unpackWrites({ text, lengths, bytes }: PackedWrites): Write[] {
  const writes = JSON.parse(text) as Write[];
  let offset = 0;
  let nth = 0;
  for (const write of writes) {
    if (write.do !== 'accept') continue;
    const length = lengths[nth++] ?? 0;
    write.event.raw = new Uint8Array(bytes, offset, length);
    offset += length;
  }
  return writes;
}

export function toAnswer(settled: Settled): Answer {
  return 'error' in settled ? toFailure(settled.error) : settled;
}

export function toFailure(error: unknown): Answer {
  if (!(error instanceof Error)) return { failure: { name: 'Error', message: messageOf(error) } };
  return { failure: { name: error.name, message: error.message } };
}

export function toSettled(answer: Answer): Settled {
  if ('value' in answer) return answer;
  const { name, message } = answer.failure;
  if (name === 'StoreUnavailableError') return { error: new StoreUnavailableError(message) };
  if (name === 'StoreRefusedError') return { error: new StoreRefusedError(message) };
  return { error: new Error(message) };
}
