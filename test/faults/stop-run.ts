import { freePort } from '../support/server-process.js';
import { createWorld, type FaultConfig, type FaultWorld } from './fault-world.js';
import { type Findings } from './history.js';
import { behaveForKills, KILL_CONFIG, KILL_EXPECTATIONS } from './kill-config.js';
import { patience } from './kill-run.js';
import { pruneAgainAndAgain } from './prune-run.js';
import { type FaultRow, type Outcome, type Scale } from './row.js';
import { type Victim } from './victim-process.js';
import { type Control, KILL_POINTS, type KillPoint } from './victim/plan.js';

/** A start is stopped by other means, retention by a request: both have rows of their own for SIGKILL. */
const POINTS = KILL_POINTS.filter((point) => point !== 'migration' && point !== 'swap');
/** Past the 15 s of a lease, and past every deadline of a request. */
const STOPPED_MS: Record<Scale, number> = { short: 1_200, long: 16_000 };
const TIMEOUT = '800ms';
/** Ten programs at once are slow to come to their points. */
const STRUCK_WITHIN_MS = 90_000;

export const stopRow: FaultRow = {
  name: 'stop',
  what: 'SIGSTOP past the lease at each point; a second process is refused meanwhile',
  run: (scale) => stopEverywhere(scale, scale === 'long' ? POINTS : ['claim', 'answer']),
  control: {
    what: 'a fresh key per attempt',
    run: () => stopEverywhere('short', ['answer', 'record'], 'fresh-key'),
  },
};

/** Stopped processes need no machine: all points at once. */
async function stopEverywhere(
  scale: Scale,
  points: readonly KillPoint[],
  control?: Control,
): Promise<Outcome> {
  const times = scale === 'long' ? 5 : 1;
  const outcomes = await Promise.all(points.map((point) => stopAt(point, times, STOPPED_MS[scale], control)));
  const all = (pick: (findings: Findings) => string[]) => outcomes.flatMap(({ findings }) => pick(findings));
  return {
    injected: sum(outcomes.map(({ injected }) => injected)),
    accepted: sum(outcomes.map(({ accepted }) => accepted)),
    findings: {
      lost: all(({ lost }) => lost),
      doubledKeyed: all(({ doubledKeyed }) => doubledKeyed),
      doubledUnkeyed: all(({ doubledUnkeyed }) => doubledUnkeyed),
      violations: all(({ violations }) => violations),
    },
    recoveries: outcomes.flatMap(({ recoveries }) => recoveries),
  };
}

/** One process is stopped and woken, and goes on to the next stop in another life. */
async function stopAt(
  point: KillPoint,
  times: number,
  stoppedMs: number,
  control?: Control,
): Promise<Outcome> {
  const world = await createWorld(withTimeout(KILL_CONFIG), 'sqlite');
  const recoveries: number[] = [];
  const intruders: string[] = [];
  try {
    behaveForKills(world);
    world.load.start(6, 15);
    let victim: Victim | null = null;
    for (let nth = 0; nth < times; nth += 1) {
      if (victim !== null) await endInOrder(victim);
      const passes = 5 + Math.floor(Math.random() * 10);
      victim = await world.start({ strike: { point, nth: passes, signal: 'SIGSTOP' }, control });
      if (point === 'prune') void pruneAgainAndAgain(victim);
      await untilStopped(victim);
      if (await isLetIn(world))
        intruders.push(`a second process was let in while the first was stopped at ${point}`);
      await new Promise((resolve) => setTimeout(resolve, stoppedMs));
      recoveries.push(await wake(world, victim));
    }
    if (victim === null) throw new Error('nothing was stopped');
    await world.load.stop();
    const mayBeGone = new Set(point === 'prune' ? world.load.answered.map(({ callId }) => callId) : []);
    const expectations = { ...KILL_EXPECTATIONS, mayBeGone };
    const findings = await world.settle(victim, expectations, { withinMs: patience(control, 'sqlite') });
    findings.violations.push(...intruders);
    return { injected: times, accepted: world.load.answered.length, findings, recoveries };
  } finally {
    await world.remove();
  }
}

function withTimeout(config: FaultConfig): FaultConfig {
  const entries = Object.entries(config.destinations);
  const destinations = entries.map(([name, options]) => [name, { ...options, timeout: TIMEOUT }]);
  return { ...config, destinations: Object.fromEntries(destinations) as FaultConfig['destinations'] };
}

export async function untilStopped(victim: Victim): Promise<void> {
  const until = Date.now() + STRUCK_WITHIN_MS;
  while (!victim.isStopped()) {
    if (Date.now() > until) throw new Error(notStopped(victim));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function notStopped(victim: Victim): string {
  const what = victim.isAlive() ? 'lives on' : `ended with ${victim.exitCode() ?? 'a signal'}`;
  return `the program was not stopped; it ${what}, said ${JSON.stringify(victim.lines.slice(-5))}: ${victim.log()}`;
}

/** Tries to start another process on the same file. */
async function isLetIn(world: FaultWorld): Promise<boolean> {
  const second = await world.launch({}, { port: await freePort() });
  await second.ready;
  const isIn = second.lines.some(({ is }) => is === 'ready');
  second.kill('SIGKILL');
  await second.ended;
  return isIn;
}

/** Seconds from the wake-up to the next 2xx. */
async function wake(world: FaultWorld, victim: Victim): Promise<number> {
  const at = Date.now();
  victim.kill('SIGCONT');
  await world.load.nextAnswer();
  return (Date.now() - at) / 1000;
}

async function endInOrder(victim: Victim): Promise<void> {
  victim.kill('SIGTERM');
  await victim.ended;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
