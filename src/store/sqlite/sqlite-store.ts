import { BackedStore } from '../backed-store.js';
import { type Store } from '../store.js';
import { type WriteQueueLimits } from '../write-queue.js';
import { openInline } from './inline.js';
import { openThreaded } from './threaded.js';

export interface SqliteStoreOptions {
  /** Path of the database; its folder is made. */
  file: string;
  /** Runs the database on a thread of its own. Only from compiled files. */
  thread: boolean;
  /** Default false. Needs an existing file of the current schema; works beside a running server. */
  readOnly?: boolean;
  /** Default: the system clock. */
  now?: () => number;
  /** How long a write waits while another program has the file locked. Default 1000. */
  busyTimeoutMs?: number;
  /** Bounds of what may wait to be written. */
  limits?: Partial<WriteQueueLimits>;
}

/**
 * Opens the embedded store. Only one process at a time may have it open for writing.
 * @throws {StoreRefusedError} with one line for a person.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, readOnly, busyTimeoutMs } = options;
  const open = options.thread ? openThreaded : openInline;
  return new BackedStore(await open({ file, readOnly, busyTimeoutMs }), { ...options, isShared: false });
}
