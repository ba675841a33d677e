import {
  type Dialect as KyselyDialect,
  DummyDriver,
  Kysely,
  type LogConfig,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { type Dialect } from './dialect.js';

const COMPILING: Record<Dialect['name'], KyselyDialect> = {
  sqlite: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
  postgres: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
};

/** Compiles queries for a database and never runs one; `log` hears of each that it would have run. */
export function compilerFor<Tables>(dialect: Dialect['name'], log?: LogConfig): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: COMPILING[dialect], log });
}
