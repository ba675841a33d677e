import { createRequire } from 'node:module';
import { type Database, type Statement } from 'better-sqlite3';
import { type Control } from './plan.js';
import { type Trap } from './trap.js';

/** Methods that are called with whatever `this` they are given. */
type Unbound<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (this: T, ...args: A) => R : T[K];
};

/** What the statements since the last `begin` have written. */
export interface Transaction {
  holdsEvent: boolean;
}

type SqliteClass = new (...args: never[]) => Database;

/**
 * Sets traps inside transactions, where no contract of ours reaches: at the statements that the driver is
 * given. Only for a store on this thread.
 */
export function strikeSqlite(trap: Trap, control: Control | undefined): void {
  const require = createRequire(new URL('../../../src/runtime.js', import.meta.url));
  const { prototype } = require('better-sqlite3') as SqliteClass & { prototype: Database };
  const { exec, prepare } = prototype as Unbound<Database>;
  const transaction: Transaction = { holdsEvent: false };
  prototype.exec = function (this: Database, sql: string) {
    if (sql === 'COMMIT' && transaction.holdsEvent) trap.reach('commit-inside');
    if (sql.startsWith('BEGIN')) transaction.holdsEvent = false;
    return exec.call(this, isLocking(this) ? sql : withoutTransaction(sql, control));
  };
  prototype.prepare = function (this: Database, sql: string) {
    // Until the schema is settled, every statement is a step of the migration or a look before it.
    trap.reach('migration');
    const statement = prepare.call(this, withoutTransaction(sql, control));
    return watched(statement, () => onStatement(sql, trap, transaction, control));
  } as typeof prototype.prepare;
}

export function onStatement(
  sql: string,
  trap: Trap,
  transaction: Transaction,
  control: Control | undefined,
): void {
  if (/^delete from "(events|decisions|deliveries|attempts)"|^update "events"/.test(sql)) trap.reach('prune');
  if (!/^insert into "(events|deliveries)"/.test(sql)) return;
  // Without a transaction there is no commit: the place to strike is between the event and its deliveries.
  if (control === 'no-transaction' && sql.startsWith('insert into "deliveries"')) trap.reach('commit-inside');
  transaction.holdsEvent = true;
}

/** The lock that keeps a second process out is an open transaction as well, and stays one. */
function isLocking({ name }: Database): boolean {
  return name.endsWith('.lock');
}

export function withoutTransaction(sql: string, control: Control | undefined): string {
  const isTransaction = /^(begin|commit|rollback|savepoint|release)/i.test(sql);
  return control === 'no-transaction' && isTransaction ? 'select 1' : sql;
}

function watched(statement: Statement, onRun: () => void): Statement {
  const { run, all } = statement as Unbound<Statement>;
  statement.run = function (...values: unknown[]) {
    onRun();
    return run.apply(statement, values);
  };
  statement.all = function (...values: unknown[]) {
    onRun();
    return all.apply(statement, values);
  };
  return statement;
}
