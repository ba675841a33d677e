import { DeskError } from '../replay/desk-error.js';
import { exitCodeOf } from './exit-codes.js';
import { coloursFor, type Io } from './io.js';
import { printable } from './print.js';

/**
 * Does the same for several ids. What is refused for one of them is said on standard error and does not keep
 * the others waiting; answers the exit code.
 */
export async function forEachId(
  io: Io,
  ids: readonly string[],
  act: (id: string) => Promise<void>,
): Promise<number> {
  let exitCode = 0;
  for (const id of ids) {
    try {
      await act(id);
    } catch (error) {
      if (!(error instanceof DeskError)) throw error;
      exitCode = Math.max(exitCode, exitCodeOf(error));
      io.stderr(`${coloursFor(io).red('aftercall:')} ${wordsFor(id, error)}\n`);
    }
  }
  return exitCode;
}

function wordsFor(id: string, { status, message, problems }: DeskError): string {
  const whose = status === 'not_found' ? '' : `${id}: `;
  const lines = problems.map(({ path, problem }) => `\n  ${path === '' ? '' : `${path}: `}${problem}`);
  return printable(`${whose}${message}${lines.join('')}`);
}
