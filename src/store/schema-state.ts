import { type Migrations } from './migrations/migrations.js';
import { StoreRefusedError } from './store.js';

/** What a database has of the migrations of this program. */
export interface SchemaState {
  applied: string[];
  /** In the order in which they run. */
  missing: string[];
  /** Names that this program does not know. */
  unknown: string[];
  /** No migration ran here, and tables of the same names are there already. */
  isForeign: boolean;
}

/** @param hasTables whether tables of our names are there */
export function compareSchema(
  applied: readonly string[],
  migrations: Migrations,
  hasTables: boolean,
): SchemaState {
  const known = Object.keys(migrations).sort();
  return {
    applied: [...applied],
    missing: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
    isForeign: applied.length === 0 && hasTables,
  };
}

/** @param kind what else could be taken: a `database` or a `file` @throws {StoreRefusedError} */
export function refuseNewer(
  place: string,
  { unknown }: SchemaState,
  migrations: Migrations,
  kind: string,
): void {
  const newest = unknown.at(-1);
  if (newest === undefined) return;
  throw new StoreRefusedError(
    `${place}: made by a newer version (it has ${newest}, this version knows up to ` +
      `${Object.keys(migrations).sort().at(-1) ?? 'nothing'}); run that version or take another ${kind}`,
  );
}

/** @throws {StoreRefusedError} */
export function refuseForeign(place: string, { isForeign }: SchemaState, kind: string): void {
  if (isForeign)
    throw new StoreRefusedError(
      `${place}: there are tables in it that are not Aftercall's; take an empty ${kind}`,
    );
}
