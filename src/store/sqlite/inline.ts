import { type Backend } from '../backend.js';
import { SqliteEngine, type SqliteEngineOptions } from './engine.js';

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
