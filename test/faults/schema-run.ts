import pg from 'pg';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import { createDatabase } from '../support/services.js';
import { createWorld } from './fault-world.js';
import { behaveForKills, KILL_CONFIG, KILL_EXPECTATIONS } from './kill-config.js';
import { killsOf } from './kill-points.js';
import { type FaultRow, type Outcome, type Pair } from './row.js';
import { type Control } from './victim/plan.js';

const CALLS = 20;

/** PostgreSQL's counterpart of the migration of a file: `migrate apply` runs the same steps. */
export const schemaRow: FaultRow = {
  name: 'kill-schema',
  what: 'SIGKILL: in a step of making the schema in an empty database',
  run: (scale, pair) => schemaRun(killsOf(scale), pair),
  control: {
    what: 'makes it without a transaction',
    run: (_scale, pair) => schemaRun(2, pair, 'no-transaction'),
  },
};

/** Each life dies in a random step; the last one must find a database in which it can work. */
async function schemaRun(kills: number, pair: Pair, control?: Control): Promise<Outcome> {
  const world = await createWorld(KILL_CONFIG, pair);
  try {
    behaveForKills(world);
    const steps = await countSteps();
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
    if (!last.isAlive()) return { injected, accepted: 0, findings: neverStarted(last.log()), recoveries };
    await world.load.post(CALLS);
    const findings = await world.settle(last, KILL_EXPECTATIONS);
    if (injected < kills)
      findings.violations.push(`life ${injected} did not come to the step it was to die in`);
    return { injected, accepted: world.load.answered.length, findings, recoveries };
  } finally {
    await world.remove();
  }
}

function neverStarted(log: string): Outcome['findings'] {
  return {
    lost: [],
    doubledKeyed: [],
    doubledUnkeyed: [],
    violations: [`it does not start any more: ${log}`],
  };
}

/** Statements up to the commit of the schema: a stroke after it finds it made. */
async function countSteps(): Promise<number> {
  const database = await createDatabase();
  const { prototype } = pg.Client;
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const query = prototype.query as (...args: unknown[]) => unknown;
  const statements: string[] = [];
  prototype.query = function (this: pg.Client, ...args: unknown[]) {
    statements.push(typeof args[0] === 'string' ? args[0] : (args[0] as { text: string }).text);
    return query.apply(this, args);
  } as typeof prototype.query;
  try {
    await (await openPostgresStore({ url: database.url })).close();
  } finally {
    prototype.query = query as typeof prototype.query;
    await database.drop();
  }
  return statements.findLastIndex((sql) => /^commit/i.test(sql)) + 1;
}
