import { join } from 'node:path';
import { createDatabase, redisWithPrefix } from '../support/services.js';
import { type History } from './history.js';
import { PostgresRecords } from './postgres-records.js';
import { readStore } from './read-store.js';
import { type Pair } from './row.js';

/** What the rows of a run say; `doubts` only where the database itself keeps count of them. */
export type Rows = Pick<History, 'events' | 'deliveries' | 'attempts'> & Partial<Pick<History, 'doubts'>>;

/** Where the program of a run keeps its rows and by what it is woken. */
export interface FaultStorage {
  /** Keys of aftercall.yaml. */
  settings: { storage: string; queue?: string };
  /** Called around each start: what is taken up from then on is noted. */
  watch(): Promise<void>;
  /** The rows of a program that has stopped. */
  read(): Promise<Rows>;
  remove(): Promise<void>;
}

export async function createStorage(pair: Pair, dir: string): Promise<FaultStorage> {
  return pair === 'sqlite' ? sqliteStorage(dir) : await postgresStorage();
}

function sqliteStorage(dir: string): FaultStorage {
  return {
    settings: { storage: 'sqlite:./data/aftercall.db' },
    watch: () => Promise.resolve(),
    read: () => Promise.resolve(readStore(join(dir, 'data', 'aftercall.db'))),
    remove: () => Promise.resolve(),
  };
}

/** The servers of the machine, with a database and a key prefix of its own. */
async function postgresStorage(): Promise<FaultStorage> {
  const database = await createDatabase();
  const redis = redisWithPrefix();
  const records = new PostgresRecords(database.url);
  return {
    settings: { storage: database.url, queue: redis.url },
    watch: () => records.watch(),
    read: () => records.read(),
    remove: async () => {
      await database.drop();
      await redis.clear();
    },
  };
}
