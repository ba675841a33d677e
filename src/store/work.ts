import { type Statement } from './statement.js';

/** One statement with its arguments, waiting to be run. */
export interface Query {
  statement: Statement<never, unknown>;
  args: object;
}

/**
 * What happens inside one transaction, told without saying who runs it: it yields queries, each list to be run
 * in order, and is given their rows. SQLite runs it without ever leaving the thread; PostgreSQL sends a list at
 * once and waits between lists.
 */
export type Work<Result> = Generator<readonly Query[], Result, unknown[][]>;

export function* all<Args extends object, Row>(statement: Statement<Args, Row>, args: Args): Work<Row[]> {
  const [rows = []] = yield [{ statement, args }];
  return rows as Row[];
}

export function* first<Args extends object, Row>(
  statement: Statement<Args, Row>,
  args: Args,
): Work<Row | null> {
  const rows = yield* all(statement, args);
  return rows[0] ?? null;
}

/** The same statement for each of `args`, none of which needs an answer of another. */
export function* each<Args extends object, Row>(
  statement: Statement<Args, Row>,
  args: readonly Args[],
): Work<Row[][]> {
  if (args.length === 0) return [];
  return (yield args.map((one) => ({ statement, args: one }))) as Row[][];
}
