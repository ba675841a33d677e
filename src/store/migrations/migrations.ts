import { type Migration } from 'kysely';
import { start } from './0001-start.js';
import { trust } from './0002-trust.js';

/** All migrations by name; they run in the order of their names. */
export const migrations: Readonly<Record<string, Migration>> = { '0001-start': start, '0002-trust': trust };
