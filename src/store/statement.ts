import { type Compilable, type RawBuilder, sql } from 'kysely';
import { decodeText, encodeText } from './text.js';

export type SqlValue = string | number | null | Uint8Array;

/** A query compiled once. `Row` is what it answers; statements without an answer give no rows. */
export interface Statement<Args, Row> {
  readonly sql: string;
  /** True for a statement made for one use, which is not worth keeping prepared. */
  readonly once: boolean;
  /** Values in the order of the placeholders. */
  bind(args: Args): SqlValue[];
  /** Carries the type only. */
  readonly row?: Row;
}

/** Stands in a query where the value of the argument of that name goes. */
export type Params<Args> = <Name extends keyof Args & string>(name: Name) => RawBuilder<Args[Name]>;

class Marker {
  constructor(readonly name: string) {}
}

/**
 * Builds a query once, with markers for its arguments: `statement<{ id: string }>()((arg) => …arg('id')…)`.
 * The first call names the arguments, so that the second can infer the row.
 */
export function statement<Args extends Record<string, SqlValue>>() {
  return <Row>(build: (arg: Params<Args>) => Compilable<Row>): Statement<Args, Row> => {
    const arg: Params<Args> = (name) => sql`${new Marker(name)}`;
    const compiled = build(arg).compile();
    const slots = compiled.parameters.map(toSlot<Args>);
    return { sql: compiled.sql, once: false, bind: (args) => slots.map((slot) => slot(args)) };
  };
}

/** A statement for a query that differs from call to call. */
export function onceStatement<Row>(query: Compilable<Row>): Statement<object, Row> {
  const { sql, parameters } = query.compile();
  return { sql, once: true, bind: () => parameters.map(toSqlValue) };
}

function toSlot<Args extends Record<string, SqlValue>>(parameter: unknown): (args: Args) => SqlValue {
  if (!(parameter instanceof Marker)) {
    const fixed = toSqlValue(parameter);
    return () => fixed;
  }
  const { name } = parameter;
  return (args) => {
    const value = args[name];
    return typeof value === 'string' ? encodeText(value) : (value ?? null);
  };
}

function toSqlValue(value: unknown): SqlValue {
  if (typeof value === 'string') return encodeText(value);
  if (typeof value === 'number' || value === null || value instanceof Uint8Array) return value;
  throw new TypeError(`a ${typeof value} cannot stand in a query`);
}

/** Turns the texts of a row back into what was bound, in place. */
export function decodeRow(row: Record<string, unknown>): void {
  for (const name in row) {
    const value = row[name];
    if (typeof value === 'string') row[name] = decodeText(value);
  }
}
