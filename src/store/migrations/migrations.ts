import { type Migration } from 'kysely';
import { type Dialect } from '../dialect.js';
import { start } from './0001-start.js';
import { trust } from './0002-trust.js';
import { fleet } from './0003-fleet.js';
import { results } from './0004-results.js';
import { followUps } from './0005-follow-ups.js';

export type Migrations = Readonly<Record<string, Migration>>;

/** All migrations by name; they run in the order of their names. */
export function migrationsFor(dialect: Dialect): Migrations {
  return {
    '0001-start': start(dialect),
    '0002-trust': trust(dialect),
    '0003-fleet': fleet(dialect),
    '0004-results': results(dialect),
    '0005-follow-ups': followUps(dialect),
  };
}
