import { createRequire } from 'node:module';
import { type Client, type QueryConfig } from 'pg';
import { type Control } from './plan.js';
import { onStatement, type Transaction, withoutTransaction } from './struck-sql.js';
import { type Trap } from './trap.js';

type Query = (this: Client, query: string | QueryConfig, ...more: unknown[]) => unknown;

/** The same traps inside the transactions of a PostgreSQL client. A commit is sent when all before it is answered. */
export function strikePg(trap: Trap, control: Control | undefined): void {
  const require = createRequire(new URL('../../../src/runtime.js', import.meta.url));
  const { prototype } = (require('pg') as { Client: { prototype: { query: Query } } }).Client;
  const { query } = prototype;
  const transactions = new WeakMap<Client, Transaction>();
  prototype.query = function (this: Client, asked: string | QueryConfig, ...more: unknown[]) {
    const sql = typeof asked === 'string' ? asked : asked.text;
    const transaction = transactions.get(this) ?? { holdsEvent: false };
    transactions.set(this, transaction);
    // Migrations run on connections of their own, statement by statement.
    trap.reach('migration');
    if (sql === 'commit' && transaction.holdsEvent) trap.reach('commit-inside');
    if (sql === 'begin') transaction.holdsEvent = false;
    onStatement(sql, trap, transaction, control);
    const given = withoutTransaction(sql, control);
    return query.call(this, given === sql ? asked : given, ...more);
  };
}
