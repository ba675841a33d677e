import Database from 'better-sqlite3';
import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqlite } from '../../src/store/dialect.js';
import { migrationsFor } from '../../src/store/migrations/migrations.js';
import { SqliteEngine } from '../../src/store/sqlite/engine.js';
import { createWorld, type FaultWorld } from './fault-world.js';
import { behaveForKills, KILL_CONFIG, KILL_EXPECTATIONS } from './kill-config.js';
import { killsOf } from './kill-points.js';
import { patience } from './kill-run.js';
import { type FaultRow, type Outcome } from './row.js';
import { type Control } from './victim/plan.js';

/** Rows in every state that the older database holds. */
const CALLS = 60;

export const migrationRow: FaultRow = {
  name: 'kill-migration',
  what: 'SIGKILL: in a step of the migration of an older database',
  run: (scale) => migrationRun(killsOf(scale)),
  control: { what: 'migrates without a transaction', run: () => migrationRun(2, 'no-transaction') },
};

/**
 * A program that was struck at work leaves its rows; they are put into a database of the first version, and
 * the next lives die in random steps of bringing it up to date. What was accepted before arrives after all.
 */
async function migrationRun(kills: number, control?: Control): Promise<Outcome> {
  const world = await createWorld(KILL_CONFIG, 'sqlite');
  try {
    behaveForKills(world);
    const steps = await leaveOldDatabase(world);
    let injected = 0;
    for (; injected < kills; injected += 1) {
      const nth = 1 + Math.floor(Math.random() * steps);
      const victim = await world.launch({ strike: { point: 'migration', nth, signal: 'SIGKILL' }, control });
      await victim.ended;
      // Half a schema is refused at the next start.
      if (!victim.wasKilled()) break;
    }
    const last = await world.start({ control });
    const recoveries = [(Date.now() - last.startedAt) / 1000];
    const findings = await world.settle(last, KILL_EXPECTATIONS, { withinMs: patience(control, 'sqlite') });
    if (control === undefined && injected < kills)
      findings.violations.push(`life ${injected} did not come to the step it was to die in`);
    return { injected, accepted: world.load.answered.length, findings, recoveries };
  } finally {
    await world.remove();
  }
}

/** Answers how many statements bring it up to date. */
async function leaveOldDatabase(world: FaultWorld): Promise<number> {
  world.load.start(8, 5);
  const before = await world.start({ strike: { point: 'record', nth: CALLS, signal: 'SIGKILL' } });
  await before.ended;
  await world.load.stop();
  world.load.forgetUnanswered();
  const file = join(world.dir, 'data', 'aftercall.db');
  await downgrade(file);
  return countSteps(file);
}

/** Copies the rows into a database as the first version made it. */
async function downgrade(file: string): Promise<void> {
  const old = `${file}.old`;
  const [first] = Object.entries(migrationsFor(sqlite)).sort();
  const engine = await SqliteEngine.open({ file: old, migrations: Object.fromEntries(first ? [first] : []) });
  engine.close();
  const database = new Database(old);
  database.pragma('foreign_keys = OFF');
  database.prepare('attach ? as recent').run(file);
  for (const table of tablesOf(database)) {
    const columns = database.pragma(`table_info(${table})`) as { name: string }[];
    const names = columns.map(({ name }) => `"${name}"`).join(', ');
    database.exec(`insert into main.${table} (${names}) select ${names} from recent.${table}`);
  }
  database.close();
  for (const ending of ['', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true });
  renameSync(old, file);
}

function tablesOf(database: Database.Database): string[] {
  return database
    .prepare<[], string>(
      `select name from main.sqlite_schema where type = 'table' and name not like 'kysely%' and name not like 'sqlite%'`,
    )
    .pluck()
    .all();
}

/** On a copy, up to the commit: a stroke after it finds nothing left to migrate. */
async function countSteps(file: string): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'aftercall-steps-'));
  const copy = join(dir, 'copy.db');
  copyFileSync(file, copy);
  const { prototype } = Database;
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { prepare } = prototype;
  const statements: string[] = [];
  prototype.prepare = function (this: Database.Database, sql: string) {
    statements.push(sql);
    return prepare.call(this, sql);
  } as typeof prepare;
  try {
    (await SqliteEngine.open({ file: copy })).close();
  } finally {
    prototype.prepare = prepare;
    rmSync(dir, { recursive: true, force: true });
  }
  return statements.findLastIndex((sql) => /^commit/i.test(sql)) + 1;
}
