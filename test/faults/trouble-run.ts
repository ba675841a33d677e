import Database from 'better-sqlite3';
import { join } from 'node:path';
import { canMount, mountSmallDisk } from '../e2e/small-disk.js';
import { createWorld, type FaultWorld } from './fault-world.js';
import { behaveForKills, KILL_CONFIG, KILL_EXPECTATIONS } from './kill-config.js';
import { patience } from './kill-run.js';
import { type FaultRow, type Outcome, type Scale } from './row.js';
import { type Control } from './victim/plan.js';

/** Trouble with the file that begins and ends while the program works. */
interface Trouble {
  begin(): void;
  end(): void;
  close?(): void;
}

const TIMES: Record<Scale, number> = { short: 1, long: 25 };
/** Longer than a write waits for a lock (1 s) and in the queue (2 s). */
const LASTS_MS = 3_000;
const DISK_MIB = 24;

const swallows = { what: 'says yes though nothing could be stored' };

/** Only who may mount can have a small disk. */
export const troubleRows: FaultRow[] = [
  {
    name: 'locked',
    what: 'another process holds the database locked',
    run: (scale) => troubleRun(TIMES[scale], locker),
    control: { ...swallows, run: () => troubleRun(1, locker, 'swallow-trouble') },
  },
  ...(canMount() || process.env.CI === 'true' ? [fullDiskRow()] : []),
];

function fullDiskRow(): FaultRow {
  return {
    name: 'disk-full',
    what: `disk full, on ${DISK_MIB} MiB`,
    run: (scale) => troubleRun(TIMES[scale], filler),
    control: { ...swallows, run: () => troubleRun(1, filler, 'swallow-trouble') },
  };
}

/** Under load the trouble comes and goes; each time the program has to be back at work by itself. */
async function troubleRun(
  times: number,
  troubleFor: (world: FaultWorld) => Trouble,
  control?: Control,
): Promise<Outcome> {
  const world = await createWorld(KILL_CONFIG, 'sqlite');
  const trouble = troubleFor(world);
  const recoveries: number[] = [];
  try {
    behaveForKills(world);
    const victim = await world.start({ control });
    world.load.start(4, 30);
    for (let nth = 0; nth < times; nth += 1) {
      for (let calls = 0; calls < 5; calls += 1) await world.load.nextAnswer();
      trouble.begin();
      await new Promise((resolve) => setTimeout(resolve, LASTS_MS));
      trouble.end();
      recoveries.push(await untilAnswered(world));
    }
    const findings = await world.settle(victim, KILL_EXPECTATIONS, { withinMs: patience(control) });
    return { injected: times, accepted: world.load.answered.length, findings, recoveries };
  } finally {
    await world.stopAll();
    trouble.close?.();
    await world.remove();
  }
}

async function untilAnswered({ load }: FaultWorld): Promise<number> {
  const at = Date.now();
  await load.nextAnswer();
  return (Date.now() - at) / 1000;
}

function locker({ dir }: FaultWorld): Trouble {
  let other: Database.Database | null = null;
  return {
    begin: () => {
      other = new Database(join(dir, 'data', 'aftercall.db'), { timeout: 5_000 });
      other.exec('BEGIN EXCLUSIVE');
    },
    end: () => {
      other?.exec('ROLLBACK');
      other?.close();
    },
  };
}

/** The data folder is a file system of its own; what fills it is no part of the database. */
function filler({ dir }: FaultWorld): Trouble {
  const disk = mountSmallDisk(join(dir, 'data'), DISK_MIB);
  return { begin: () => disk.fill(), end: () => disk.free(), close: () => disk.unmount() };
}
