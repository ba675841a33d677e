import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface ServerProcess {
  url: string;
  /** What it printed so far. */
  output(): string;
  log(): string;
  pid: number;
  /** Ends it with a signal and waits; answers the exit code (null after a kill). */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/**
 * Below what systems give to outgoing connections and to `listen(0)` (from 32768, on some from 49152): a port that
 * is kept for a program while it is away must not be given to somebody else meanwhile.
 */
const KEPT_PORTS = { from: 12_000, to: 32_000 };

/** A port that nobody listens on at this moment, and that the system gives to nobody. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(KEPT_PORTS.from, KEPT_PORTS.to);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

export interface StartOptions {
  cwd: string;
  port: number;
  args?: string[];
  env?: NodeJS.ProcessEnv;
  /** Asked until it answers 2xx. Default `/health/live`. */
  readyPath?: string;
  /** How long until it must answer. Default 20 s. */
  readyWithinMs?: number;
}

/** Starts the built program (`dist/main.js serve`) and waits until it is ready. */
export function startServer(options: StartOptions): Promise<ServerProcess> {
  return startProgram([MAIN, 'serve', ...(options.args ?? [])], options);
}

/** Starts any Node program that listens on `PORT`. */
export async function startProgram(command: string[], options: StartOptions): Promise<ServerProcess> {
  const { cwd, port, env = {}, readyPath = '/health/live', readyWithinMs = 20_000 } = options;
  const child = spawn(process.execPath, command, {
    cwd,
    env: { ...process.env, PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = collect(child);
  const url = `http://127.0.0.1:${port}`;
  await untilReady(child, `${url}${readyPath}`, readyWithinMs, written);
  return {
    url,
    output: () => written.stdout,
    log: () => written.stderr,
    pid: child.pid ?? -1,
    end: (signal = 'SIGTERM') => end(child, signal),
  };
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const written = { stdout: '', stderr: '' };
  child.stdout?.on('data', (data: Buffer) => (written.stdout += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (written.stderr += data.toString()));
  return written;
}

async function untilReady(
  child: ChildProcess,
  url: string,
  withinMs: number,
  written: { stderr: string; stdout: string },
) {
  const until = Date.now() + withinMs;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`the server ended: ${written.stdout}${written.stderr}`);
    const ok = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not answer in ${withinMs} ms: ${written.stdout}${written.stderr}`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
  return child.exitCode;
}
