import { type Read } from './reads.js';
import { type Settled } from './write-queue.js';
import { type Write } from './writes.js';

/** Where statements run: on this thread, on one of its own, or in a server. */
export interface Backend {
  /** One settlement for each write, in order. */
  apply(writes: Write[]): Promise<Settled[]>;
  query(read: Read): Promise<unknown>;
  close(): Promise<void>;
}
