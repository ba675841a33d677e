import { freePort } from '../support/server-process.js';
import { startVictim, type Victim } from '../faults/victim-process.js';
import { type Trial } from './trial.js';

/** The program on the configuration and the store of a trial, with a clock that is put forward by hand. */
export interface Clocked {
  /** Address of a hook. */
  hook(source: string, token: string): string;
  /** Puts the clock forward and has everything looked at that is due by then. */
  pass(byMs: number): Promise<void>;
  /** Puts the clock to a time, ISO 8601 with its zone. */
  passUntil(time: string): Promise<void>;
  /** Milliseconds since the epoch, by its clock. */
  now(): Promise<number>;
  log(): string;
  kill(): Promise<void>;
}

/** @param startAt ISO 8601 with its zone */
export async function startClocked(trial: Trial, startAt: string): Promise<Clocked> {
  const victim = await startVictim(
    { cwd: trial.dir, port: await freePort() },
    { startAt: Date.parse(startAt) },
  );
  await victim.ready;
  if (!victim.isAlive()) throw new Error(`the program ended: ${victim.log()}`);
  return clockedOf(victim);
}

function clockedOf(victim: Victim): Clocked {
  const now = async () => (await victim.ask<{ now: number }>('/counts', 'GET')).now;
  const pass = async (byMs: number) => {
    await victim.ask(`/jump?ms=${byMs}`);
    await victim.ask('/look');
  };
  return {
    ...{ now, pass, log: () => victim.log() },
    hook: (source, token) => `${victim.url}/hooks/${source}/${token}`,
    passUntil: async (time) => pass(Date.parse(time) - (await now())),
    kill: async () => {
      victim.kill('SIGKILL');
      await victim.ended;
    },
  };
}
