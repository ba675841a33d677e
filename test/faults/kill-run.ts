import { createWorld, type FaultWorld } from './fault-world.js';
import { behaveForKills, KILL_CONFIG, KILL_EXPECTATIONS } from './kill-config.js';
import { type Outcome, type Pair } from './row.js';
import { type Victim } from './victim-process.js';
import { type Control, type KillPoint } from './victim/plan.js';

export interface KillRunOptions {
  pair: Pair;
  point: KillPoint;
  kills: number;
  control?: Control;
  /** What makes the program come to the point, beside the load. Called once per life. */
  provoke?: (world: FaultWorld, victim: Victim, kill: number) => Promise<void>;
}

const CONNECTIONS = 8;
/** Pause of a connection between two calls: the machine is to be busy with the program, not with the load. */
const PAUSE_MS = 10;
/** A point that is not reached by then is none. */
const STRUCK_WITHIN_MS = 20_000;

/**
 * Lets one life after the other run into SIGKILL at the same point, at a random one of its first passes,
 * under load; then one life runs to the end. Every death hits live work.
 */
export async function killRun(options: KillRunOptions): Promise<Outcome> {
  const { pair, point, kills, control, provoke } = options;
  const world = await createWorld(KILL_CONFIG, pair);
  const recoveries: number[] = [];
  try {
    behaveForKills(world);
    world.load.start(CONNECTIONS, PAUSE_MS);
    for (let kill = 0; kill < kills; kill += 1) {
      const nth = 1 + Math.floor(Math.random() * passesOf(point));
      const victim = await world.start({ strike: { point, nth, signal: 'SIGKILL' }, control });
      if (kill > 0) recoveries.push(await untilBack(world, victim));
      void provoke?.(world, victim, kill).catch(() => undefined);
      await untilStruck(victim, point);
    }
    const last = await world.start({ control });
    recoveries.push(await untilBack(world, last));
    const findings = await world.settle(last, KILL_EXPECTATIONS, { withinMs: patience(control, pair) });
    return { injected: kills, accepted: world.load.answered.length, findings, recoveries };
  } finally {
    await world.remove();
  }
}

/** What a wrong program leaves lying about is waited for no longer than shows it: on PostgreSQL past every lease. */
export function patience(control: Control | undefined, pair: Pair): number {
  if (control === undefined) return 30_000;
  return pair === 'sqlite' ? 4_000 : 12_000;
}

/** A swap has two places to die in. */
function passesOf(point: KillPoint): number {
  return point === 'swap' ? 2 : 30;
}

/** Waits for the stroke. @throws {Error} when the program does not come to the point. */
export async function untilStruck(victim: Victim, point: KillPoint): Promise<void> {
  const late = setTimeout(() => victim.kill('SIGTERM'), STRUCK_WITHIN_MS);
  await victim.ended;
  clearTimeout(late);
  if (!victim.wasKilled()) throw new Error(`the program did not come to ${point}: ${victim.log()}`);
}

/** Seconds from the start of a life, which follows the death before it at once, to its first 2xx. */
export async function untilBack(world: FaultWorld, victim: Victim): Promise<number> {
  await Promise.race([world.load.nextAnswer().catch(() => undefined), victim.ended]);
  return (Date.now() - victim.startedAt) / 1000;
}
