import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { freePort } from '../support/server-process.js';
import { checkHistory, type Expectations, type Findings } from './history.js';
import { Load } from './load.js';
import { readStore } from './read-store.js';
import { SinkLog } from './sink-log.js';
import { startVictim, type Victim } from './victim-process.js';
import { type VictimPlan } from './victim/plan.js';

const TOKEN = 'fault-token-fault-token-fault-token';

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
  sink: HttpSink;
  log: SinkLog;
  load: Load;
  /** How often each delivery was found `sending` by a successor. */
  doubts: Map<string, number>;
  /** Changes the configuration of the running program or of the next one. */
  configure(config: FaultConfig): void;
  /** Starts the next life and waits until it takes calls or has ended. */
  start(plan?: VictimPlan, env?: NodeJS.ProcessEnv): Promise<Victim>;
  /** Waits until nothing is on its way that could be, stops the program and judges everything. */
  settle(victim: Victim, expectations: Expectations, withinMs?: number): Promise<Findings>;
  remove(): Promise<void>;
}

export async function createWorld(config: FaultConfig): Promise<FaultWorld> {
  const dir = mkdtempSync(join(tmpdir(), 'aftercall-faults-'));
  const sink = await startHttpSink();
  const port = await freePort();
  const log = new SinkLog();
  const load = new Load(`http://127.0.0.1:${port}/hooks/autocalls/${TOKEN}`);
  const doubts = new Map<string, number>();
  const lives: Victim[] = [];
  const configure = (next: FaultConfig) => writeConfig(dir, sink.url, next);
  configure(config);
  return {
    ...{ dir, sink, log, load, doubts, configure },
    start: async (plan = {}, env = {}) => {
      const victim = await startVictim({ cwd: dir, port, env }, plan);
      lives.push(victim);
      await victim.ready;
      for (const line of victim.lines)
        if (line.is === 'found-sending') for (const id of line.ids) doubts.set(id, (doubts.get(id) ?? 0) + 1);
      return victim;
    },
    settle: async (victim, expectations, withinMs = 20_000) => {
      await load.stop();
      const now = await drain(victim, withinMs);
      victim.kill('SIGTERM');
      await victim.ended;
      const { answered } = load;
      return checkHistory({ answered, ...readStore(dir), seen: log.seen, doubts, expectations, now });
    },
    remove: async () => {
      await load.stop();
      for (const victim of lives.filter((life) => life.isAlive())) {
        victim.kill('SIGKILL');
        await victim.ended;
      }
      await sink.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function writeConfig(dir: string, sinkUrl: string, { destinations, rules, settings }: FaultConfig): void {
  const main = {
    schema: 1,
    storage: 'sqlite:./data/aftercall.db',
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

interface Counts {
  pending?: number;
  sending?: number;
  /** The victim's own clock. */
  now: number;
}

/** Answers the victim's time at the end; what is still on its way by then is for the checker to judge. */
async function drain(victim: Victim, withinMs: number): Promise<number> {
  const until = Date.now() + withinMs;
  for (;;) {
    const { pending = 0, sending = 0, now } = await victim.ask<Counts>('/counts', 'GET');
    if (pending + sending === 0 || Date.now() > until) return now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
