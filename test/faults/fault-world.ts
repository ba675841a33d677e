import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { freePort } from '../support/server-process.js';
import { checkHistory } from './check-history.js';
import { type Expectations, type Findings } from './history.js';
import { Load } from './load.js';
import { type Pair } from './row.js';
import { SinkLog } from './sink-log.js';
import { createStorage } from './storage.js';
import { startVictim, type Victim } from './victim-process.js';
import { type VictimPlan } from './victim/plan.js';

const TOKEN = 'fault-token-fault-token-fault-token';

/** Short, because what a process leaves behind is taken up after it; of no meaning on SQLite. */
const LEASE_MS = 3_000;

/** Where a program at this port takes calls. */
export function hookUrl(port: number): string {
  return `http://127.0.0.1:${port}/hooks/autocalls/${TOKEN}`;
}

/** Rules and destinations of a run, as they stand in the files. */
export interface FaultConfig {
  /** Options by name; `sink:` in an address stands for the sink's. */
  destinations: Record<string, object>;
  rules: Record<string, object>;
  /** Further keys of aftercall.yaml. */
  settings?: object;
}

/** A folder with a configuration, a destination that keeps a log, a load, and one life of the program after the other. */
export interface FaultWorld {
  dir: string;
  /** As it stands behind `storage:`. */
  storage: string;
  /** Where the load expects the program. */
  port: number;
  sink: HttpSink;
  log: SinkLog;
  load: Load;
  /** How often each delivery was found `sending` by a successor; on PostgreSQL the database keeps count. */
  doubts: Map<string, number>;
  /** Changes the configuration of the running program or of the next one. */
  configure(config: FaultConfig): void;
  /** Starts a life of the program, by default at the port of the load; what it found `sending` is not counted yet. */
  launch(plan?: VictimPlan, at?: { port?: number; env?: NodeJS.ProcessEnv }): Promise<Victim>;
  /** Starts the next life and waits until it takes calls or has ended. */
  start(plan?: VictimPlan, at?: { port?: number; env?: NodeJS.ProcessEnv }): Promise<Victim>;
  /** Waits until the destinations have seen so many requests, or so long. */
  untilSeen(count: number, withinMs: number): Promise<void>;
  /** Waits until nothing is on its way any more, or so long. */
  untilIdle(victim: Victim, withinMs: number): Promise<void>;
  /** Waits until nothing is on its way any more, stops the program and judges everything. */
  settle(victim: Victim, expectations: Expectations, options?: SettleOptions): Promise<Findings>;
  /** Kills what is still alive. */
  stopAll(): Promise<void>;
  remove(): Promise<void>;
}

export interface SettleOptions {
  /** What is still on its way by then is lost. Default 20 s. */
  withinMs?: number;
  /** The true time where the program's own clock may be wrong. Default: what the program says. */
  now?: () => number;
}

export async function createWorld(config: FaultConfig, pair: Pair): Promise<FaultWorld> {
  const dir = mkdtempSync(join(tmpdir(), 'aftercall-faults-'));
  const storage = await createStorage(pair, dir);
  const sink = await startHttpSink({ keep: false });
  const port = await freePort();
  const log = new SinkLog();
  const load = new Load([hookUrl(port)]);
  const doubts = new Map<string, number>();
  const lives: Victim[] = [];
  const configure = (next: FaultConfig) => writeConfig(dir, sink.url, withSettings(next, storage.settings));
  configure(config);
  const stopAll = async () => {
    await load.stop();
    for (const victim of lives.filter((life) => life.isAlive())) {
      victim.kill('SIGKILL');
      await victim.ended;
    }
  };
  const launch: FaultWorld['launch'] = async (plan = {}, at = {}) => {
    await storage.watch();
    const victim = await startVictim({ cwd: dir, port, ...at }, { leaseMs: LEASE_MS, ...plan });
    lives.push(victim);
    return victim;
  };
  return {
    ...{ dir, port, sink, log, load, doubts, configure, launch },
    storage: storage.settings.storage,
    start: async (plan, at) => {
      const victim = await launch(plan, at);
      await victim.ready;
      await storage.watch();
      for (const id of foundSending(victim)) doubts.set(id, (doubts.get(id) ?? 0) + 1);
      return victim;
    },
    untilSeen: async (count, withinMs) => {
      const until = Date.now() + withinMs;
      while (log.seen.length < count && Date.now() < until) await sleep(20);
    },
    untilIdle: async (victim, withinMs) => void (await drain(victim, withinMs)),
    settle: async (victim, expectations, { withinMs = 20_000, now } = {}) => {
      await load.stop();
      const itsNow = victim.isAlive() ? await drain(victim, withinMs) : Date.now();
      const trueNow = now?.() ?? itsNow;
      const stopped = await stop(victim, withinMs);
      const { answered } = load;
      const rows = await storage.read();
      const history = { answered, doubts, ...rows, seen: log.seen, expectations, now: trueNow };
      const findings = checkHistory(history);
      if (!stopped) findings.violations.push('the program did not stop when it was asked to');
      return findings;
    },
    stopAll,
    remove: async () => {
      await stopAll();
      await sink.close();
      await storage.remove();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Asks for an orderly stop and, in the end, for less; false where that was needed. */
async function stop(victim: Victim, withinMs: number): Promise<boolean> {
  victim.kill('SIGTERM');
  const late = setTimeout(() => victim.kill('SIGKILL'), withinMs);
  await victim.ended;
  clearTimeout(late);
  return !victim.wasKilled();
}

function withSettings(config: FaultConfig, settings: object): FaultConfig {
  return { ...config, settings: { ...settings, ...config.settings } };
}

export function writeConfig(
  dir: string,
  sinkUrl: string,
  { destinations, rules, settings }: FaultConfig,
): void {
  const main = {
    schema: 1,
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    destinations,
    egress: { allow: ['127.0.0.1/32'] },
    ...settings,
  };
  const write = (name: string, content: object) => {
    const file = join(dir, 'config', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, stringify(content).replaceAll('sink:', `${sinkUrl}/`));
  };
  write('rules/faults.yaml', { schema: 1, rules });
  write('aftercall.yaml', main);
}

function foundSending({ lines }: Victim): string[] {
  return lines.flatMap((line) => (line.is === 'found-sending' ? line.ids : []));
}

interface Counts {
  /** Deliveries that are being sent or will be soon. */
  busy: number;
  /** The victim's own clock. */
  now: number;
}

/** Answers the victim's time at the end; what is still on its way by then is for the checker to judge. */
async function drain(victim: Victim, withinMs: number): Promise<number> {
  const until = Date.now() + withinMs;
  for (;;) {
    const { busy, now } = await victim.ask<Counts>('/counts', 'GET');
    if (busy === 0 || Date.now() > until) return now;
    await sleep(50);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
