import { type Read } from '../reads.js';
import { StoreRefusedError, StoreUnavailableError } from '../store.js';
import { type Settled } from '../write-queue.js';
import { type Write } from '../writes.js';

/** From the main thread to the worker. `id` comes back with the answer. */
export type Request =
  | { id: number; do: 'apply'; writes: Write[] }
  | { id: number; do: 'query'; read: Read }
  | { id: number; do: 'close' };

/** From the worker. The first one, with id 0, says whether the file could be opened. */
export type Reply = { id: number } & Answer;

/** A value, or an error without its class, which is lost between threads. */
export type Answer = { value: unknown } | { failure: { name: string; message: string } };

/**
 * Lays the bytes of all events side by side in one buffer that then changes hands. Bytes of a request are
 * often a view of a much larger buffer, and that would be copied whole for each of them.
 */
export function packBytes(writes: readonly Write[]): { writes: Write[]; buffer: ArrayBuffer } {
  const size = writes.reduce(
    (sum, write) => sum + (write.do === 'accept' ? write.event.raw.byteLength : 0),
    0,
  );
  const bytes = new Uint8Array(size);
  let offset = 0;
  const packed = writes.map((write): Write => {
    if (write.do !== 'accept') return write;
    const raw = bytes.subarray(offset, offset + write.event.raw.byteLength);
    raw.set(write.event.raw);
    offset += raw.byteLength;
    return { do: 'accept', event: { ...write.event, raw } };
  });
  return { writes: packed, buffer: bytes.buffer };
}

export function toAnswer(settled: Settled): Answer {
  return 'error' in settled ? toFailure(settled.error) : settled;
}

export function toFailure(error: unknown): Answer {
  if (!(error instanceof Error)) return { failure: { name: 'Error', message: String(error) } };
  return { failure: { name: error.name, message: error.message } };
}

export function toSettled(answer: Answer): Settled {
  if ('value' in answer) return answer;
  const { name, message } = answer.failure;
  if (name === 'StoreUnavailableError') return { error: new StoreUnavailableError(message) };
  if (name === 'StoreRefusedError') return { error: new StoreRefusedError(message) };
  return { error: new Error(message) };
}
