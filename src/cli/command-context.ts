import { type Io } from './io.js';

/** What every command is given. */
export interface CommandContext {
  io: Io;
  /** Says the exit code; a command that says none ends with 0. */
  finish: (exitCode: number) => void;
}
