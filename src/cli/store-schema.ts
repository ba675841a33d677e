import { resolve } from 'node:path';
import { readStorage } from '../open-store.js';
import { type Dialect, postgres, sqlite } from '../store/dialect.js';
import { type MigrationStep, migrationSteps } from '../store/migrations/migration-sql.js';
import { type Migrations, migrationsFor } from '../store/migrations/migrations.js';
import { placeOf } from '../store/postgres/connection.js';
import { applyMigrations, readSchema } from '../store/postgres/migrate.js';
import { inspectServer } from '../store/postgres/server-check.js';
import { refuseForeign, refuseNewer, type SchemaState } from '../store/schema-state.js';
import { migrateFile, readFileSchema } from '../store/sqlite/migrate.js';

export interface MigrationPlan {
  /** Without user and password. */
  place: string;
  applied: string[];
  missing: { name: string; steps: MigrationStep[] }[];
}

export interface AppliedMigrations {
  place: string;
  applied: string[];
  /** Where an SQLite file as it was before is kept. */
  copy: string | null;
}

/** What {@link applyToStore} would do. @throws {StoreRefusedError} where it would be refused. */
export async function planForStore(storage: string): Promise<MigrationPlan> {
  const place = readStorage(storage);
  if (place.kind === 'sqlite') {
    const file = resolve(place.file);
    const migrations = migrationsFor(sqlite);
    return plan(file, 'file', readFileSchema(file, migrations), migrations, sqlite);
  }
  const migrations = migrationsFor(postgres);
  await inspectServer({ url: place.url });
  const found = await readSchema({ url: place.url }, migrations);
  return plan(placeOf(place.url), 'database', found, migrations, postgres);
}

async function plan(
  place: string,
  kind: string,
  found: SchemaState,
  migrations: Migrations,
  { name: dialect }: Dialect,
): Promise<MigrationPlan> {
  refuseNewer(place, found, migrations, kind);
  refuseForeign(place, found, kind);
  const made = new Set<string>();
  const missing: MigrationPlan['missing'] = [];
  for (const name of found.missing)
    missing.push({ name, steps: await migrationSteps(migrations[name]!, dialect, made) });
  return { place, applied: found.applied, missing };
}

/** Brings a store to the schema of this version; an empty one gets it. @throws {StoreRefusedError} */
export async function applyToStore(storage: string): Promise<AppliedMigrations> {
  const place = readStorage(storage);
  if (place.kind === 'sqlite') {
    const file = resolve(place.file);
    return { place: file, ...(await migrateFile(file, migrationsFor(sqlite))) };
  }
  await inspectServer({ url: place.url });
  const applied = await applyMigrations({ url: place.url }, migrationsFor(postgres));
  return { place: placeOf(place.url), applied, copy: null };
}
