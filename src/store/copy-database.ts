import { type CompiledQuery } from 'kysely';
import { type CopiedTable, type Row } from './copy-tables.js';
import { type Dialect } from './dialect.js';

/** One of the two databases of a copy, of this program's schema. */
export interface CopyDatabase {
  readonly dialect: Dialect['name'];
  /** Where it is, for a person: no user, no password. */
  readonly place: string;
  /** Texts go in and come out as they were bound by the program. */
  run(query: CompiledQuery): Promise<Row[]>;
  /** All of them or none. */
  insert(table: CopiedTable, rows: readonly Row[]): Promise<void>;
  /** After the last row: what counts up goes on behind it, and what was written stays whatever happens. */
  settle(): Promise<void>;
  close(): Promise<void>;
}
