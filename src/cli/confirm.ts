import { usageError } from './exit-codes.js';
import { type Io } from './io.js';

/**
 * Asks the person at the terminal. Only a plain yes is one.
 * @param what e.g. `12 dead deliveries will be tried again at once`
 * @throws {CliError} where nobody can be asked.
 */
export async function confirm(io: Io, what: string): Promise<boolean> {
  if (io.ask === null) throw usageError(`${what}; say --yes to go on, for there is no terminal to ask at`);
  const answer = await io.ask(`${what}. Go on? [y/N] `);
  return /^y(es)?$/i.test(answer.trim());
}
