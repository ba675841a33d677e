import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { type ServerProcess, type StartOptions, freePort, startServer } from '../support/server-process.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** A folder of its own with a configuration, and the built server in it. */
export interface Trial {
  dir: string;
  /** The running server, or the one that ran last. */
  server: ServerProcess;
  /** Writes a file below `config/`: text as it is, anything else as YAML with `schema: 1`. */
  write(name: string, content: string | object): void;
  /** Starts the server; each time on a port of its own, and with its store in `data/`. */
  start(options?: Partial<StartOptions>): Promise<ServerProcess>;
  /** Runs a command of the built program to its end. */
  run(args: string[], env?: NodeJS.ProcessEnv): { status: number | null; stdout: string; stderr: string };
  /** Address of a hook; without a token the path ends at the source. */
  hook(source: string, token?: string): string;
  /** Looks into the store beside the server, or after it. */
  rows<Row>(sql: string, ...values: unknown[]): Row[];
  /** Page of numbers. */
  metrics(): Promise<string>;
  /** Kills the server and removes the folder. */
  remove(): Promise<void>;
}

export function createTrial(): Trial {
  const dir = mkdtempSync(join(tmpdir(), 'aftercall-e2e-'));
  const trial: Trial & { running: ServerProcess | null } = {
    dir,
    running: null,
    get server() {
      if (this.running === null) throw new Error('no server was started');
      return this.running;
    },
    write: (name, content) => writeConfig(join(dir, 'config', name), content),
    start: async (options = {}) => {
      trial.running = await startServer({ cwd: dir, port: await freePort(), ...options });
      return trial.running;
    },
    run: (args, env = {}) =>
      spawnSync(process.execPath, [MAIN, ...args], {
        cwd: dir,
        encoding: 'utf8',
        env: { ...process.env, ...env },
        timeout: 30_000,
      }),
    hook: (source, token) => [trial.server.url, 'hooks', source, token].filter(Boolean).join('/'),
    rows: (sql, ...values) => readRows(join(dir, 'data', 'aftercall.db'), sql, values),
    metrics: async () => (await fetch(`${trial.server.url}/metrics`)).text(),
    remove: async () => {
      await trial.running?.end('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return trial;
}

function writeConfig(path: string, content: string | object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : stringify({ schema: 1, ...content }));
}

function readRows<Row>(file: string, sql: string, values: unknown[]): Row[] {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare(sql).all(...values) as Row[];
  } finally {
    database.close();
  }
}

/** Looks again and again until the condition gives something true, because another process brings it about. */
export async function until<T>(
  condition: () => T | null | false | Promise<T | null | false>,
  withinMs = 15_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const value = await condition();
    if (value !== null && value !== false) return value;
    if (Date.now() > end)
      throw new Error(`did not come about within ${withinMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
