import { type DeskError } from '../replay/desk-error.js';

/** What the command answers to a script. */
export const EXIT = {
  fine: 0,
  /** Problems in the configuration, failed tests, a refused call or command. */
  findings: 1,
  /** The command was called wrongly, or something it names does not exist. */
  usage: 2,
  unreachable: 3,
} as const;

/** Ends a command with one clear message for a person on standard error. */
export class CliError extends Error {
  override readonly name = 'CliError';
  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** Unknown ids and senseless filters are wrong usage; a wrong state is a finding. */
export function exitCodeOf({ status }: DeskError): number {
  return status === 'not_found' || status === 'bad_request' ? EXIT.usage : EXIT.findings;
}

export function usageError(message: string): CliError {
  return new CliError(EXIT.usage, message);
}
