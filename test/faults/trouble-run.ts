import Database from 'better-sqlite3';
import { join } from 'node:path';
import pg from 'pg';
import { canMount, mountSmallDisk } from '../e2e/small-disk.js';
import { createWorld, type FaultWorld } from './fault-world.js';
import { behaveForKills, KILL_CONFIG, KILL_EXPECTATIONS } from './kill-config.js';
import { patience } from './kill-run.js';
import { type FaultRow, type Outcome, type Pair, type Scale } from './row.js';
import { type Control } from './victim/plan.js';

/** Trouble with the database that begins and ends while the program works. */
interface Trouble {
  begin(): Promise<void> | void;
  end(): Promise<void> | void;
  close?(): void;
}

const TIMES: Record<Scale, number> = { short: 1, long: 25 };
/** Longer than a write waits for a lock (1 s, on PostgreSQL 3 s) and in the queue (2 s). */
const LASTS_MS: Record<Pair, number> = { sqlite: 3_000, postgres: 6_000 };
const DISK_MIB = 24;

const swallows = { what: 'says yes though nothing could be stored' };

export const lockedRow: FaultRow = {
  name: 'locked',
  what: 'another process holds the database locked',
  run: (scale, pair) => troubleRun(TIMES[scale], pair, LOCKERS[pair]),
  control: { ...swallows, run: (_scale, pair) => troubleRun(1, pair, LOCKERS[pair], 'swallow-trouble') },
};

/** Only who may mount can have a small disk. */
export const troubleRows: FaultRow[] = [
  lockedRow,
  ...(canMount() || process.env.CI === 'true' ? [fullDiskRow()] : []),
];

function fullDiskRow(): FaultRow {
  return {
    name: 'disk-full',
    what: `disk full, on ${DISK_MIB} MiB`,
    run: (scale) => troubleRun(TIMES[scale], 'sqlite', filler),
    control: { ...swallows, run: () => troubleRun(1, 'sqlite', filler, 'swallow-trouble') },
  };
}

/** Under load the trouble comes and goes; each time the program has to be back at work by itself. */
async function troubleRun(
  times: number,
  pair: Pair,
  troubleFor: (world: FaultWorld) => Trouble,
  control?: Control,
): Promise<Outcome> {
  const world = await createWorld(KILL_CONFIG, pair);
  const trouble = troubleFor(world);
  const recoveries: number[] = [];
  try {
    behaveForKills(world);
    const victim = await world.start({ control });
    world.load.start(4, 30);
    for (let nth = 0; nth < times; nth += 1) {
      for (let calls = 0; calls < 5; calls += 1) await world.load.nextAnswer();
      await trouble.begin();
      await new Promise((resolve) => setTimeout(resolve, LASTS_MS[pair]));
      await trouble.end();
      recoveries.push(await untilAnswered(world));
    }
    const findings = await world.settle(victim, KILL_EXPECTATIONS, { withinMs: patience(control, pair) });
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

const LOCKERS: Record<Pair, (world: FaultWorld) => Trouble> = { sqlite: fileLocker, postgres: tableLocker };

function fileLocker({ dir }: FaultWorld): Trouble {
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

/** As a careless migration or a dump by hand would. */
function tableLocker({ storage }: FaultWorld): Trouble {
  let other: pg.Client | null = null;
  return {
    begin: async () => {
      other = new pg.Client({ connectionString: storage });
      await other.connect();
      await other.query('begin; lock table events, deliveries in access exclusive mode');
    },
    end: () => other?.end(),
  };
}

/** The data folder is a file system of its own; what fills it is no part of the database. */
function filler({ dir }: FaultWorld): Trouble {
  const disk = mountSmallDisk(join(dir, 'data'), DISK_MIB);
  return { begin: () => disk.fill(), end: () => disk.free(), close: () => disk.unmount() };
}
