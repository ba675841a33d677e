import { cpus } from 'node:os';
import { type Fleet, type FleetShape, type Holdings, startFleet } from './fleet.js';
import { type LoadResult } from './load.js';
import { loadFromOutside } from './load-process.js';
import { type CpuUse, describeCpu, highestRssMb, measureCpu } from './proc.js';
import { type SinkProcess, startSinkProcess } from './sink-process.js';
import { type Row, ratio } from './table.js';
import { TOKEN, sampleBody } from './workspace.js';

const CONNECTIONS = 64;
/** Of all processes together. */
const CONCURRENCY = 50;
/** For each process: what has taken in less runs slower. */
const WARM_UP_MS = 2_000;
const DURATION_MS = 5_000;
const DRAIN_WITHIN_MS = 300_000;
/** Alternating runs, so that noise of the machine hits all shapes alike; the median ratio to one process counts. */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? '3');

const YARDSTICK: FleetShape = { store: 'postgres', queue: true, processes: 1 };
const SHAPES: readonly FleetShape[] = [
  YARDSTICK,
  { store: 'postgres', queue: true, processes: 2 },
  { store: 'postgres', queue: true, processes: 4 },
  { store: 'postgres', queue: false, processes: 1 },
  { store: 'postgres', queue: false, processes: 2 },
  { store: 'postgres', queue: false, processes: 4 },
  { store: 'sqlite', queue: false, processes: 1 },
];

interface Phase {
  perSecond: number;
  p99Ms?: number;
  cpu: CpuUse;
  /** Calls or deliveries. */
  count: number;
  /** Of the process that took most. */
  rssMb: number;
  /** Written by the store for each call, or for each delivery. */
  walBytes: number;
  storedBytes: number;
  redisKeys: number;
}

interface Measured {
  intake: Phase;
  draining: Phase;
}

/** One, two and four processes on one PostgreSQL and one Redis: intake, and draining what was taken in. */
export async function benchProcesses(): Promise<Row[]> {
  const body = await sampleBody();
  const rounds: Measured[][] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const measured: Measured[] = [];
    for (const shape of SHAPES) measured.push(await measure(shape, body));
    rounds.push(measured);
  }
  return (['intake', 'draining'] as const).flatMap((phase) =>
    SHAPES.map((shape, nth) =>
      row(
        phase,
        shape,
        rounds.map((measured) => ({ ours: measured[nth]?.[phase], one: measured[0]?.[phase] }) as Pair),
      ),
    ),
  );
}

async function measure(shape: FleetShape, body: string): Promise<Measured> {
  process.stderr.write(`  ${nameOf(shape)}\n`);
  const sink = await startSinkProcess();
  const fleet = await startFleet(shape, sink, CONCURRENCY);
  try {
    const warmUp = await load(fleet, body, WARM_UP_MS * shape.processes);
    const { result, phase } = await measureIntake(fleet, body);
    const stored = [warmUp, result].reduce((sum, { requests, failures }) => sum + requests - failures, 0);
    return { intake: phase, draining: await measureDraining(fleet, sink, stored) };
  } finally {
    await fleet.end();
    await sink.close();
  }
}

async function measureIntake(fleet: Fleet, body: string): Promise<{ result: LoadResult; phase: Phase }> {
  const before = await fleet.holdings();
  const endCpu = await measureCpu(fleet.groups);
  const result = await load(fleet, body, DURATION_MS);
  const cpu = await endCpu();
  if (result.failures > 0) throw new Error(`${result.failures} calls were not answered with 2xx`);
  const { perSecond, p99Ms, requests } = result;
  return { result, phase: { perSecond, p99Ms, cpu, ...(await perUnit(fleet, before, requests)) } };
}

async function measureDraining(fleet: Fleet, sink: SinkProcess, count: number): Promise<Phase> {
  await sink.reset();
  const before = await fleet.holdings();
  await fleet.enable(true);
  // The processes see the changed file in their own time.
  await sink.rate(1, DRAIN_WITHIN_MS);
  const endCpu = await measureCpu({ ...fleet.groups, sink: () => Promise.resolve([sink.pid]) });
  const perSecond = await sink.rate(count, DRAIN_WITHIN_MS);
  const cpu = await endCpu();
  return { perSecond, cpu, ...(await perUnit(fleet, before, count)) };
}

async function perUnit(fleet: Fleet, before: Holdings, count: number) {
  const after = await fleet.holdings();
  const rss = await Promise.all((await fleet.groups.servers()).map(highestRssMb));
  return {
    count,
    rssMb: Math.max(...rss),
    walBytes: (after.walBytes - before.walBytes) / count,
    storedBytes: (after.databaseBytes - before.databaseBytes) / count,
    redisKeys: after.redisKeys,
  };
}

function load({ ports }: Fleet, body: string, durationMs: number): Promise<LoadResult> {
  const path = `/hooks/autocalls/${TOKEN}`;
  return loadFromOutside({ ports, path, connections: CONNECTIONS, durationMs, body });
}

interface Pair {
  ours: Phase;
  one: Phase;
}

function row(phase: keyof Measured, shape: FleetShape, pairs: Pair[]): Row {
  const share = ({ ours, one }: Pair) => ours.perSecond / one.perSecond;
  const middle = [...pairs].sort((a, b) => share(a) - share(b))[Math.floor(pairs.length / 2)];
  if (middle === undefined) throw new Error('nothing was measured');
  const { ours, one } = middle;
  const p99 = (of: Phase) => (of.p99Ms === undefined ? '' : `, p99 ${of.p99Ms.toFixed(0)} ms`);
  return {
    what: `${phase}, ${nameOf(shape)}`,
    ours: `${Math.round(ours.perSecond)}/s${p99(ours)}`,
    yardstick: `${nameOf(YARDSTICK)} ${Math.round(one.perSecond)}/s${p99(one)}`,
    ratio: ratio(ours.perSecond, one.perSecond),
    goal: '',
    note: `${describeCpu(ours.cpu, cpus().length)}; ${describeUnit(phase, shape, ours)}`,
  };
}

/** What one call or one delivery costs; the CPU time holds on a busy machine as well. */
function describeUnit(phase: keyof Measured, { store, queue }: FleetShape, of: Phase): string {
  const spent = (group: string) => ((1000 * (of.cpu.seconds[group] ?? 0)) / of.count).toFixed(2);
  const groups = ['servers', ...(store === 'postgres' ? ['PostgreSQL'] : []), ...(queue ? ['Redis'] : [])];
  const parts = groups.map((group) => `${spent(group)} ms of ${group}`);
  if (store === 'postgres')
    parts.push(`${Math.round(of.walBytes)} bytes of log`, `${Math.round(of.storedBytes)} bytes stored`);
  const keys = queue ? `; ${of.redisKeys} keys in Redis afterwards` : '';
  const unit = phase === 'intake' ? 'call' : 'delivery';
  return `for each ${unit} ${parts.join(', ')}${keys}; a process ${Math.round(of.rssMb)} MB at most`;
}

function nameOf({ store, queue, processes }: FleetShape): string {
  const place = store === 'sqlite' ? 'SQLite' : `PostgreSQL${queue ? ' and Redis' : ''}`;
  return `${processes} ${processes === 1 ? 'process' : 'processes'} on ${place}`;
}
