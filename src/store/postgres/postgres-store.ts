import { BackedStore } from '../backed-store.js';
import { type Migrations, migrationsFor } from '../migrations/migrations.js';
import { postgres } from '../dialect.js';
import { type Store } from '../store.js';
import { type WriteQueueLimits } from '../write-queue.js';
import { type ConnectionOptions } from './connection.js';
import { PostgresBackend } from './postgres-backend.js';
import { prepareSchema } from './migrate.js';
import { inspectServer } from './server-check.js';

export interface PostgresStoreOptions extends ConnectionOptions {
  /** Default: the system clock. */
  now?: () => number;
  /** Told what is set so that a 2xx may not be kept; a line each. */
  onWarning?: (message: string) => void;
  /** How long a server that is not there yet is waited for. Default: not at all. */
  waitMs?: number;
  /** An empty database is refused. Default false: it gets its schema. */
  mustExist?: boolean;
  /** Default: those of this program. */
  migrations?: Migrations;
  /** Bounds of what may wait to be written. */
  limits?: Partial<WriteQueueLimits>;
}

/**
 * Each event and each contact of a batch takes a lock, and a server with its default settings has room for 6,400 of
 * all its connections.
 */
const MAX_BATCH_OPS = 250;

/**
 * Opens the store on a PostgreSQL server, which any number of processes may use at the same time. An empty database
 * gets its schema. @throws {StoreRefusedError} with one line for a person.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { migrations = migrationsFor(postgres), limits } = options;
  await inspectServer(options);
  await prepareSchema(options, migrations);
  return new BackedStore(new PostgresBackend(options), {
    ...options,
    isShared: true,
    limits: { maxBatchOps: MAX_BATCH_OPS, ...limits },
  });
}
