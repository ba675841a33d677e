import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import { freePort, type ServerProcess, startServer } from '../test/support/server-process.js';
import { type LoadResult } from './load.js';
import { loadFromOutside } from './load-process.js';
import { highestRssMb } from './proc.js';
import { type Row, ratio } from './table.js';
import { TOKEN, type Workspace, benchRules, createWorkspace, sampleBody } from './workspace.js';

const BACKLOG = 1_000_000;
const LOAD = { connections: 64, durationMs: 5_000 };
/** Alternating runs on both stores; the median ratio counts. */
const ROUNDS = 3;

/**
 * A million deliveries in the store, half of them due and half due next week, beside an empty store: start,
 * memory and intake.
 */
export async function benchBacklog(): Promise<Row[]> {
  const empty = await prepare(0);
  const full = await prepare(BACKLOG);
  try {
    const starts = { empty: await startMs(empty), full: await startMs(full) };
    const { rssMb, pairs } = await intakeOfBoth(empty, full);
    pairs.sort((a, b) => a.full.perSecond / a.empty.perSecond - b.full.perSecond / b.empty.perSecond);
    return rows(starts, rssMb, pairs[Math.floor(ROUNDS / 2)] as Pair);
  } finally {
    await Promise.all([empty.remove(), full.remove()]);
  }
}

interface Pair {
  empty: LoadResult;
  full: LoadResult;
}

function rows(starts: { empty: number; full: number }, rssMb: number, { empty, full }: Pair): Row[] {
  return [
    {
      what: 'start with 1,000,000 deliveries waiting, until ready',
      ours: `${(starts.full / 1000).toFixed(2)} s`,
      yardstick: `with none ${(starts.empty / 1000).toFixed(2)} s`,
      ratio: ratio(starts.full, starts.empty),
      goal: '<= 2 s',
    },
    {
      what: 'memory of the same under load (RSS at its highest)',
      ours: `${rssMb.toFixed(0)} MB`,
      yardstick: '-',
      ratio: '-',
      goal: '<= 300 MB',
    },
    {
      what: 'intake with 1,000,000 deliveries waiting',
      ours: `${Math.round(full.perSecond)}/s, p99 ${full.p99Ms.toFixed(1)} ms`,
      yardstick: `with none ${Math.round(empty.perSecond)}/s, p99 ${empty.p99Ms.toFixed(1)} ms`,
      ratio: ratio(full.perSecond, empty.perSecond),
      goal: '>= 0.80',
    },
  ];
}

/** A configuration whose one destination refuses connections, and a store with so many deliveries for it. */
async function prepare(backlog: number): Promise<Workspace> {
  const workspace = await createWorkspace();
  await workspace.write(
    {
      storage: `sqlite:${workspace.dir}/bench.db`,
      sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
      destinations: { sink: { kind: 'http', url: 'http://127.0.0.1:1/' } },
      egress: { allow: ['127.0.0.1/32'] },
    },
    benchRules(20, 1),
  );
  const server = await serve(workspace);
  await post(server);
  await server.end();
  if (backlog > 0) multiply(join(workspace.dir, 'bench.db'), backlog);
  return workspace;
}

/** Copies the one event and its delivery, so that every row is what the program itself writes. */
function multiply(file: string, times: number): void {
  const db = new Database(file);
  db.pragma('synchronous = OFF');
  const copy = (table: string, changed: Record<string, string>) => {
    const columns = db
      .prepare<[], { name: string }>(`select name from pragma_table_info('${table}')`)
      .all()
      .map(({ name }) => name)
      .filter((name) => name !== 'seq');
    const values = columns.map((name) => changed[name] ?? name);
    db.exec(`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${times})
      insert into ${table} (${columns.join(', ')}) select ${values.join(', ')}
      from n, (select * from ${table} order by rowid limit 1) as one order by i`);
  };
  db.transaction(() => {
    copy('events', { id: `'event-' || i`, call_id: `'call-' || i` });
    copy('deliveries', {
      id: `'delivery-' || i`,
      event_id: `'event-' || i`,
      due_at: `due_at + (i % 2) * ${7 * 86_400_000} + i`,
    });
  })();
  db.close();
}

function serve(workspace: Workspace): Promise<ServerProcess> {
  return freePort().then((port) =>
    startServer({
      cwd: workspace.dir,
      port,
      env: { AFTERCALL_LOG_LEVEL: 'error' },
      readyPath: '/health/ready',
    }),
  );
}

async function post({ url }: ServerProcess): Promise<void> {
  const body = (await sampleBody()).replace('#'.repeat(12), '100000000000');
  const answer = await fetch(`${url}/hooks/autocalls/${TOKEN}`, { method: 'POST', body });
  if (answer.status !== 202) throw new Error(`the call was answered with ${answer.status}`);
}

/** The best of three: a start reads the program from a disk that others use, too. */
async function startMs(workspace: Workspace): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const startedAt = performance.now();
    const server = await serve(workspace);
    times.push(performance.now() - startedAt);
    await server.end();
  }
  return Math.min(...times);
}

async function intakeOfBoth(empty: Workspace, full: Workspace): Promise<{ rssMb: number; pairs: Pair[] }> {
  const pairs: Pair[] = [];
  const rss: number[] = [];
  const body = await sampleBody();
  const servers = { empty: await serve(empty), full: await serve(full) };
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      pairs.push({ empty: await load(servers.empty, body), full: await load(servers.full, body) });
      rss.push(await highestRssMb(servers.full.pid));
    }
    return { rssMb: Math.max(...rss), pairs };
  } finally {
    await Promise.all([servers.empty.end(), servers.full.end()]);
  }
}

function load({ url }: ServerProcess, body: string): Promise<LoadResult> {
  const path = `/hooks/autocalls/${TOKEN}`;
  return loadFromOutside({ ...LOAD, ports: [Number(new URL(url).port)], path, body });
}
