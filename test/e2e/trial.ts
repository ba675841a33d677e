import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { type ServerProcess, type StartOptions, freePort, startServer } from '../support/server-process.js';
import { pair } from './pair.js';
import { type TrialStore, createTrialStore } from './trial-store.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** A folder of its own with a configuration, a store of its own, and the built server on them. */
export interface Trial {
  dir: string;
  /** What `aftercall.yaml` says of store and queue. */
  settings: TrialStore['settings'];
  /** The running server, or the one that ran last. */
  server: ServerProcess;
  /**
   * Writes a file below `config/`: text as it is, anything else as YAML with `schema: 1`, and
   * `aftercall.yaml` with the {@link settings} that it does not have itself.
   */
  write(name: string, content: string | object): void;
  /** Runs `init`, and puts the {@link settings} into what it wrote. */
  init(): RunResult;
  /** Starts the server; each time on a port of its own, beside those that still run. */
  start(options?: Partial<StartOptions>): Promise<ServerProcess>;
  /** Runs a command of the built program to its end. */
  run(args: string[], env?: NodeJS.ProcessEnv, input?: string): RunResult;
  /** Address of a hook; without a token the path ends at the source. */
  hook(source: string, token?: string): string;
  /** Looks into the store beside the server, or after it; `?` stands for a value. */
  rows<Row>(sql: string, ...values: unknown[]): Promise<Row[]>;
  /** Page of numbers. */
  metrics(): Promise<string>;
  /** Kills every server and removes folder and store. */
  remove(): Promise<void>;
}

export interface RunResult {
  status: number | null;
  stdout: string;
  stderr: string;
}

export async function createTrial(): Promise<Trial> {
  const dir = mkdtempSync(join(tmpdir(), 'aftercall-e2e-'));
  return new RunningTrial(dir, await createTrialStore(pair, dir));
}

class RunningTrial implements Trial {
  readonly #servers: ServerProcess[] = [];

  constructor(
    readonly dir: string,
    private readonly store: TrialStore,
  ) {}

  get settings(): TrialStore['settings'] {
    return this.store.settings;
  }

  get server(): ServerProcess {
    const server = this.#servers.at(-1);
    if (server === undefined) throw new Error('no server was started');
    return server;
  }

  write(name: string, content: string | object): void {
    const path = join(this.dir, 'config', name);
    const settings = basename(name) === 'aftercall.yaml' ? this.settings : {};
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      typeof content === 'string' ? content : stringify({ schema: 1, ...settings, ...content }),
    );
  }

  init(): RunResult {
    const result = this.run(['init']);
    const file = join(this.dir, 'config', 'aftercall.yaml');
    const { storage } = this.settings;
    if (storage !== undefined)
      writeFileSync(file, readFileSync(file, 'utf8').replace(/^storage: .*$/m, stringify(this.settings)));
    return result;
  }

  async start(options: Partial<StartOptions> = {}): Promise<ServerProcess> {
    const server = await startServer({
      cwd: this.dir,
      port: await freePort(),
      readyWithinMs: 40_000,
      ...options,
    });
    this.#servers.push(server);
    return server;
  }

  run(args: string[], env: NodeJS.ProcessEnv = {}, input?: string): RunResult {
    return spawnSync(process.execPath, [MAIN, ...args], {
      ...{ cwd: this.dir, encoding: 'utf8', env: { ...process.env, ...env }, input },
      ...{ timeout: 30_000, maxBuffer: 10_000_000 },
    });
  }

  hook(source: string, token?: string): string {
    return [this.server.url, 'hooks', source, token].filter(Boolean).join('/');
  }

  rows<Row>(sql: string, ...values: unknown[]): Promise<Row[]> {
    return this.store.rows<Row>(sql, values);
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.server.url}/metrics`)).text();
  }

  async remove(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.end('SIGKILL')));
    await this.store.remove();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Looks again and again until the condition gives something true, because another process brings it about. */
export async function until<T>(
  condition: () => T | null | false | Promise<T | null | false>,
  withinMs = 30_000,
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
