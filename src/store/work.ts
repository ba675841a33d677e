import { type Statement } from './statement.js';

/** One statement with its arguments, waiting to be run. */
export interface Query {
  statement: Statement<never, unknown>;
  args: object;
}

/**
 * What happens inside one transaction, told without saying who runs it: it yields queries and is given
 * their rows. SQLite runs it without ever leaving the thread, PostgreSQL may wait between the steps.
 */
export type Work<Result> = Generator<Query, Result, unknown[]>;

export function* all<Args extends object, Row>(statement: Statement<Args, Row>, args: Args): Work<Row[]> {
  return (yield { statement, args }) as Row[];
}

export function* first<Args extends object, Row>(
  statement: Statement<Args, Row>,
  args: Args,
): Work<Row | null> {
  const rows = yield* all(statement, args);
  return rows[0] ?? null;
}
