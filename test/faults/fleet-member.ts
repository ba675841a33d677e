import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, startServer } from '../support/server-process.js';
import { startVictim } from './victim-process.js';
import { type Control } from './victim/plan.js';

export type Role = 'intake' | 'worker';

/** One process of a fleet, in one life after the other, always at the same port. */
export interface Member {
  name: string;
  role: Role;
  port: number;
  /** Sentences about lives that ended otherwise than they were asked to. */
  troubles: readonly string[];
  /** Stops its clock, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Starts it until it stays, as a supervisor would: a database that is away may keep it from starting. */
  start(): Promise<void>;
  /** Resolves when it is gone: at once, or after an orderly stop. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

export interface MemberOptions {
  name: string;
  role: Role;
  cwd: string;
  control?: Control;
}

/** One life of the program. */
interface Life {
  pid: number;
  /** Sends the signal and waits; answers the exit code, or null when a signal ended it. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
  log(): string;
}

/** Five at once on two busy cores take a minute. */
const STARTED_WITHIN_MS = 180_000;
/** An orderly stop may take 20 s. */
const STOPPED_WITHIN_MS = 30_000;
/** So that a wrong fleet shows within seconds what it leaves lying about. */
const CONTROL_LEASE_MS = 3_000;

export async function createMember(options: MemberOptions): Promise<Member> {
  const { name, role } = options;
  const port = await freePort();
  const troubles: string[] = [];
  let life: Life | null = null;
  let starting: Promise<Life> | null = null;
  return {
    ...{ name, role, port, troubles },
    signal: (signal) => signalTo(life, signal),
    start: async () => {
      starting = liveUntilItStays(() => live(options, port));
      life = await starting;
    },
    end: async (signal) => {
      // One that is still starting would outlive the run.
      const ending = await starting?.catch(() => null);
      starting = life = null;
      if (!ending) return;
      const code = await endInTime(ending, signal);
      if (code !== (signal === 'SIGKILL' ? null : 0))
        troubles.push(`${name} ended with ${code ?? 'a signal'} at ${signal}: ${ending.log().slice(-1_000)}`);
    },
  };
}

/** One that ended by itself is found at the end of its life. */
function signalTo(life: Life | null, signal: NodeJS.Signals): void {
  try {
    if (life !== null) process.kill(life.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function liveUntilItStays(begin: () => Promise<Life>): Promise<Life> {
  const until = Date.now() + STARTED_WITHIN_MS;
  for (;;) {
    try {
      return await begin();
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(200);
    }
  }
}

async function endInTime(life: Life, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
  const late = setTimeout(() => void life.end('SIGKILL'), STOPPED_WITHIN_MS);
  const code = await life.end(signal);
  clearTimeout(late);
  return code;
}

function live({ cwd, role, control }: MemberOptions, port: number): Promise<Life> {
  if (control !== undefined) return liveAsVictim(cwd, port, role, control);
  return startServer({ cwd, port, args: ['--role', role], readyWithinMs: STARTED_WITHIN_MS });
}

async function liveAsVictim(cwd: string, port: number, role: Role, control: Control): Promise<Life> {
  const victim = await startVictim({ cwd, port }, { role, control, leaseMs: CONTROL_LEASE_MS });
  await victim.ready;
  if (!victim.isAlive()) throw new Error(`the program ended: ${victim.log()}`);
  return {
    pid: victim.pid,
    log: () => victim.log(),
    end: async (signal) => {
      victim.kill(signal);
      await victim.ended;
      return victim.exitCode();
    },
  };
}
