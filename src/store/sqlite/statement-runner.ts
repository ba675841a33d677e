import { type Statement as Prepared } from 'better-sqlite3';
import { decodeRow, type SqlValue } from '../statement.js';
import { type Query, type Work } from '../work.js';
import { type Connection } from './connection.js';

type PreparedStatement = Prepared<SqlValue[], Record<string, unknown>>;

/** Runs work on one connection, preparing each statement once. */
export class StatementRunner {
  readonly #db: Connection;
  readonly #prepared = new Map<Query['statement'], PreparedStatement>();

  constructor(db: Connection) {
    this.#db = db;
  }

  run<Result>(work: Work<Result>): Result {
    let step = work.next();
    while (step.done !== true) step = work.next(step.value.map((query) => this.#execute(query)));
    return step.value;
  }

  #execute({ statement, args }: Query): unknown[] {
    const prepared = this.#prepare(statement);
    const values = statement.bind(args as never);
    if (!prepared.reader) {
      prepared.run(...values);
      return [];
    }
    const rows = prepared.all(...values);
    rows.forEach(decodeRow);
    return rows;
  }

  #prepare(statement: Query['statement']): PreparedStatement {
    const known = this.#prepared.get(statement);
    if (known !== undefined) return known;
    const prepared = this.#db.prepare<SqlValue[], Record<string, unknown>>(statement.sql);
    if (!statement.once) this.#prepared.set(statement, prepared);
    return prepared;
  }
}
