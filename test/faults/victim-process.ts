import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { buildVictim } from './build-victim.js';
import { type VictimLine, type VictimPlan } from './victim/plan.js';

/** One life of the program under test. */
export interface Victim {
  url: string;
  pid: number;
  /** Resolves when it takes calls, or when it has ended before. */
  ready: Promise<void>;
  /** Resolves when it has ended, by whatever. */
  ended: Promise<void>;
  /** Milliseconds since the epoch. */
  startedAt: number;
  isAlive(): boolean;
  wasKilled(): boolean;
  /** Null while it lives, and when a signal ended it. */
  exitCode(): number | null;
  isStopped(): boolean;
  /** What it said so far. */
  lines: VictimLine[];
  /** What went wrong with it so far. */
  log(): string;
  /** Most memory that it ever held, in MiB; 0 once it is gone. */
  peakMiB(): number;
  kill(signal: NodeJS.Signals): void;
  /** Asks one of the addresses of the test entry. */
  ask<T>(path: string, method?: 'GET' | 'POST'): Promise<T>;
}

export interface VictimPlace {
  cwd: string;
  port: number;
  env?: NodeJS.ProcessEnv;
}

export async function startVictim(place: VictimPlace, plan: VictimPlan): Promise<Victim> {
  const startedAt = Date.now();
  const child = spawn(process.execPath, [await buildVictim()], {
    cwd: place.cwd,
    env: { ...process.env, ...place.env, PORT: String(place.port), VICTIM: JSON.stringify(plan) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: VictimLine[] = [];
  const log = { text: '' };
  child.stderr.on('data', (data: Buffer) => (log.text += data.toString()));
  const ended = once(child, 'close').then(() => undefined);
  const isReady = new Promise<void>((resolve) => {
    createInterface(child.stdout).on('line', (text) => {
      const line = JSON.parse(text) as VictimLine;
      lines.push(line);
      if (line.is === 'ready') resolve();
    });
  });
  const url = `http://127.0.0.1:${place.port}`;
  return {
    ...{ url, startedAt, ended, lines, pid: child.pid ?? -1, log: () => log.text },
    ready: Promise.race([isReady, ended]),
    isAlive: () => child.exitCode === null && child.signalCode === null,
    wasKilled: () => child.signalCode === 'SIGKILL',
    exitCode: () => child.exitCode,
    isStopped: () => procField(child, 'State').startsWith('T'),
    peakMiB: () => (Number.parseInt(procField(child, 'VmHWM'), 10) || 0) / 1024,
    kill: (signal) => void child.kill(signal),
    ask: async <T>(path: string, method: 'GET' | 'POST' = 'POST') => {
      const response = await fetch(`${url}${path}`, { method });
      const text = await response.text();
      if (!response.ok) throw new Error(`${path}: ${text}`);
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
  };
}

/** Empty once the process is gone. */
function procField({ pid }: ChildProcess, field: string): string {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
  } catch {
    return '';
  }
}
