import Database from 'better-sqlite3';
import { join } from 'node:path';
import pg from 'pg';
import { type Relay, startRelay } from '../support/relay.js';
import { type Pair } from './pair.js';
import { type Trial } from './trial.js';

/** Something that keeps the server from its store for a while. */
export interface StoreTrouble {
  pair: Pair;
  /** Prepares it, before the server starts; answers the `storage:` that the server takes. */
  prepare(trial: Trial): Promise<string | undefined>;
  begin(trial: Trial): Promise<void>;
  end(): Promise<void>;
  /** Takes away what {@link prepare} made. */
  remove(): Promise<void>;
}

export const STORE_TROUBLES: Record<string, () => StoreTrouble> = {
  'a file that another program has locked': lockedFile,
  'tables that another session has locked': lockedTables,
  'a PostgreSQL that cuts every connection': () => brokenWay((relay) => relay.cut()),
  'a PostgreSQL that has gone without a word': () => brokenWay((relay) => relay.mute()),
};

function lockedFile(): StoreTrouble {
  let other: Database.Database | undefined;
  return {
    pair: 'sqlite',
    prepare: () => Promise.resolve(undefined),
    begin: (trial) => {
      other = new Database(join(trial.dir, 'data', 'aftercall.db'));
      other.exec('BEGIN EXCLUSIVE');
      return Promise.resolve();
    },
    end: () => Promise.resolve(other?.exec('ROLLBACK')).then(() => void other?.close()),
    remove: () => Promise.resolve(),
  };
}

function lockedTables(): StoreTrouble {
  let other: pg.Client | undefined;
  return {
    pair: 'postgres',
    prepare: (trial) => Promise.resolve(trial.settings.storage),
    begin: async (trial) => {
      other = new pg.Client({ connectionString: trial.settings.storage });
      await other.connect();
      await other.query('begin; lock table events, deliveries, settings in access exclusive mode');
    },
    end: async () => {
      await other?.query('rollback');
      await other?.end();
    },
    remove: () => Promise.resolve(),
  };
}

function brokenWay(breakIt: (relay: Relay) => void): StoreTrouble {
  let relay: Relay | undefined;
  return {
    pair: 'postgres',
    prepare: async (trial) => {
      const url = new URL(trial.settings.storage ?? '');
      relay = await startRelay(url.hostname, Number(url.port));
      url.port = String(relay.port);
      return url.href;
    },
    begin: () => Promise.resolve(relay && breakIt(relay)),
    end: () => Promise.resolve(relay?.restore()),
    remove: () => relay?.close() ?? Promise.resolve(),
  };
}
