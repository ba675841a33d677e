import { type Kysely } from 'kysely';
import { type Dialect } from '../dialect.js';
import { type Database } from '../schema.js';
import { alertQueries } from './alert-queries.js';
import { contactQueries } from './contact-queries.js';
import { digestQueries } from './digest-queries.js';
import { eventQueries } from './event-queries.js';
import { fleetQueries } from './fleet-queries.js';
import { dueQueries, lookupQueries } from './lookup-queries.js';
import { planQueries } from './plan-queries.js';
import { pruneQueries } from './prune-queries.js';
import { repeatQueries } from './repeat-queries.js';
import { replayQueries } from './replay-queries.js';
import { sendingQueries } from './sending-queries.js';
import { resultQueries } from './result-queries.js';
import { settingQueries } from './setting-queries.js';

/** The statements that run all the time, compiled once for the dialect of `db`. */
export function buildQueries(db: Kysely<Database>, dialect: Dialect) {
  return {
    ...eventQueries(db),
    ...planQueries(db, dialect),
    ...sendingQueries(db, dialect),
    ...dueQueries(db),
    ...lookupQueries(db, dialect),
    ...fleetQueries(db, dialect),
    ...settingQueries(db),
    ...replayQueries(db, dialect),
    ...pruneQueries(db, dialect),
    ...alertQueries(db),
    ...resultQueries(db, dialect),
    ...repeatQueries(db, dialect),
    ...contactQueries(db),
    ...digestQueries(db, dialect),
  };
}

export type Queries = ReturnType<typeof buildQueries>;
