import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import pc from 'picocolors';

/** Everything a command touches of the process, so that tests can hand in their own. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Reads standard input to its end. */
  stdin(): Promise<Uint8Array>;
  /** What the configuration sees. The environment twins of flags are read by commander itself. */
  env: NodeJS.ProcessEnv;
  /** Whether standard output is a terminal. */
  isTty: boolean;
  /** Puts a question to the person at the terminal and answers the line typed; null where nobody sits there. */
  ask: ((question: string) => Promise<string>) | null;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Relative paths start here. */
  cwd: string;
}

/** The process itself. A reader that goes away early (`aftercall check | head`) ends the command quietly. */
export function processIo(): Io {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    stdin: () => buffer(process.stdin),
    env: process.env,
    isTty: process.stdout.isTTY ?? false,
    ask: process.stdin.isTTY && process.stderr.isTTY ? askAtTerminal : null,
    now: Date.now,
    cwd: process.cwd(),
  };
}

/** On standard error, so that the answer of the command can go elsewhere. Ctrl-C and Ctrl-D answer nothing. */
function askAtTerminal(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    const leave = () => {
      process.stderr.write('\n');
      resolve('');
    };
    lines.once('close', leave);
    lines.question(question, (answer) => {
      lines.off('close', leave);
      lines.close();
      resolve(answer);
    });
  });
}

export type Colours = ReturnType<typeof pc.createColors>;

/** Colours only on a terminal, and never where `NO_COLOR` is set to something. */
export function coloursFor(io: Io): Colours {
  return pc.createColors(io.isTty && !io.env.NO_COLOR);
}
