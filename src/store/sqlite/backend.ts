import { type Read } from '../reads.js';
import { type Settled } from '../write-queue.js';
import { type Write } from '../writes.js';
import { SqliteEngine, type SqliteEngineOptions } from './engine.js';

/** Where the engine runs: on this thread, or on one of its own. */
export interface Backend {
  /** One settlement for each write, in order. */
  apply(writes: Write[]): Promise<Settled[]>;
  query(read: Read): Promise<unknown>;
  close(): Promise<void>;
}

/** The engine on this thread: a stalled disk stops everything else. For commands and tests. */
export async function openInline(options: SqliteEngineOptions): Promise<Backend> {
  const engine = await SqliteEngine.open(options);
  return {
    apply: (writes) => settle(() => engine.apply(writes)),
    query: (read) => settle(() => engine.query(read)),
    close: () => settle(() => engine.close()),
  };
}

function settle<T>(act: () => T): Promise<T> {
  return new Promise((resolve) => resolve(act()));
}
