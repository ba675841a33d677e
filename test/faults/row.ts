import { type Findings } from './history.js';

/** How long a row runs: a few strikes in the test suite, hundreds by `npm run faults`. */
export type Scale = 'short' | 'long';

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
  name: string;
  /** One line for the table. */
  what: string;
  run(scale: Scale): Promise<Outcome>;
  control: { what: string; run(scale: Scale): Promise<Outcome> };
}
