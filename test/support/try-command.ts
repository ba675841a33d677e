import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Io } from '../../src/cli/io.js';
import { createProgram } from '../../src/cli/program.js';

/** What a command said and how it ended. */
export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** What differs from a command without a terminal and an environment. `input` is its standard input. */
export type TrialIo = Partial<Pick<Io, 'env' | 'isTty' | 'ask' | 'now'>> & { input?: string };

/** A folder of its own in which commands are tried inside this process. */
export interface CommandTrial {
  dir: string;
  write(name: string, content: string): void;
  run(args: readonly string[], io?: TrialIo): Promise<CommandResult>;
  remove(): void;
}

export function startTrial(): CommandTrial {
  const dir = mkdtempSync(join(tmpdir(), 'aftercall-cli-'));
  return {
    dir,
    write: (name, content) => {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), content);
    },
    run: (args, io = {}) => runIn(dir, args, io),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

async function runIn(
  cwd: string,
  args: readonly string[],
  { env = {}, isTty = false, ask = null, now = Date.now, input = '' }: TrialIo,
): Promise<CommandResult> {
  const said = { stdout: '', stderr: '' };
  const io: Io = {
    stdout: (text) => void (said.stdout += text),
    stderr: (text) => void (said.stderr += text),
    stdin: () => Promise.resolve(Buffer.from(input)),
    env,
    isTty,
    ask,
    now,
    cwd,
  };
  const exitCode = await createProgram(io).run(args);
  return { exitCode, ...said };
}
