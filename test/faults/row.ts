import { type Findings } from './history.js';

/** How long a row runs: a few strikes in the test suite, hundreds by `npm run faults`. */
export type Scale = 'short' | 'long';

/** Where the program keeps its rows: SQLite with the queue in the process, or PostgreSQL with BullMQ. */
export type Pair = 'sqlite' | 'postgres';

/** What one run of a fault came to. */
export interface Outcome {
  /** Times that the fault was injected. */
  injected: number;
  /** Calls answered with 2xx. */
  accepted: number;
  findings: Findings;
  /** Seconds from each fault (or its end) until the program was back at work. */
  recoveries: number[];
}

/** A fault, how it is run, and the same run with a program that is wrong on purpose. */
export interface FaultRow {
  /** As on the command line; on PostgreSQL with `pg-` before it. */
  name: string;
  /** One line for the table. */
  what: string;
  run(scale: Scale, pair: Pair): Promise<Outcome>;
  control: { what: string; run(scale: Scale, pair: Pair): Promise<Outcome> };
}

/** A row at one place: a line of the table. */
export interface PlacedRow {
  name: string;
  what: string;
  place: Place;
  /** Why it cannot be run here; null when it can. */
  missing: string | null;
  run(scale: Scale): Promise<Outcome>;
  control: { what: string; run(scale: Scale): Promise<Outcome> };
}

/** One process on either pair, or several at once on PostgreSQL and Redis. */
export type Place = Pair | 'fleet';

export function placeRow(row: FaultRow, place: Place, missing: string | null): PlacedRow {
  const pair = place === 'sqlite' ? 'sqlite' : 'postgres';
  const name = place === 'postgres' ? `pg-${row.name}` : row.name;
  const control = { what: row.control.what, run: (scale: Scale) => row.control.run(scale, pair) };
  return { name, what: row.what, place, missing, run: (scale) => row.run(scale, pair), control };
}
