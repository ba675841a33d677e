import { type Expectations } from './history.js';
import { createWorld, type FaultWorld } from './fault-world.js';
import { behaveForKills, KILL_CONFIG, KILL_EXPECTATIONS } from './kill-config.js';
import { killsOf } from './kill-points.js';
import { patience, untilBack, untilStruck } from './kill-run.js';
import { type FaultRow, type Outcome, type Pair } from './row.js';
import { type Victim } from './victim-process.js';
import { type Control } from './victim/plan.js';

/** Deletions that a life lives through: they belong to two or three batches. */
const DELETIONS = 12;
/** A life takes so many calls before retention begins, so that there is always something to remove. */
const CALLS = 40;

export const pruneRow: FaultRow = {
  name: 'kill-prune',
  what: 'SIGKILL: in a batch of retention',
  run: (scale, pair) => pruneRun(killsOf(scale), pair),
  control: {
    what: 'removes without a transaction',
    run: (_scale, pair) => pruneRun(2, pair, 'no-transaction'),
  },
};

/** Retention removes what earlier lives took in, under load, and the program dies in the middle of it. */
async function pruneRun(kills: number, pair: Pair, control?: Control): Promise<Outcome> {
  const world = await createWorld(KILL_CONFIG, pair);
  const recoveries: number[] = [];
  try {
    behaveForKills(world);
    world.load.start(8, 5);
    for (let kill = 0; kill < kills; kill += 1) {
      const nth = 1 + Math.floor(Math.random() * DELETIONS);
      const victim = await world.start({ strike: { point: 'prune', nth, signal: 'SIGKILL' }, control });
      recoveries.push(await untilBack(world, victim));
      // A file that was half emptied may keep a wrong program from starting.
      if (control !== undefined && !victim.isAlive()) break;
      await answered(world, CALLS);
      void pruneAgainAndAgain(victim);
      await untilStruck(victim, 'prune');
    }
    const mayBeGone = new Set(world.load.answered.map(({ callId }) => callId));
    const last = await world.start({ control });
    const findings = await world.settle(last, expectations(mayBeGone), { withinMs: patience(control, pair) });
    return { injected: kills, accepted: world.load.answered.length, findings, recoveries };
  } finally {
    await world.remove();
  }
}

/** Pass after pass, because what is not settled yet stays, until the program is struck. */
export async function pruneAgainAndAgain(victim: Victim): Promise<void> {
  const prune = () => victim.ask(`/prune?before=${Date.now()}`);
  while (victim.isAlive()) {
    await prune().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function answered({ load }: FaultWorld, count: number): Promise<void> {
  const until = load.answered.length + count;
  while (load.answered.length < until) await load.nextAnswer();
}

function expectations(mayBeGone: ReadonlySet<string>): Expectations {
  return { ...KILL_EXPECTATIONS, mayBeGone };
}
