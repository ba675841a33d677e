import { readFile } from 'node:fs/promises';

/** Processes that count as one: their ids, asked at the start and at the end. */
export type Groups = Readonly<Record<string, () => Promise<readonly number[]>>>;

/** What became of the time of all cores, by group. */
export interface CpuUse {
  /** Of 1. */
  shares: Record<string, number>;
  /** CPU seconds. */
  seconds: Record<string, number>;
}

/** Of /proc; the same on every Linux that runs Node. */
const TICKS_PER_SECOND = 100;

interface Sample {
  groups: Record<string, Map<number, number>>;
  /** This process, and its children that have ended: the load generator. */
  own: number;
  machine: { all: number; idle: number; disk: number };
}

/** Linux only. @returns ends the measurement */
export async function measureCpu(groups: Groups): Promise<() => Promise<CpuUse>> {
  const before = await sample(groups);
  return async () => useBetween(before, await sample(groups));
}

/** `two cores: 61 % servers, 27 % PostgreSQL, …`; what took less than half a percent is left out. */
export function describeCpu({ shares }: CpuUse, cores: number): string {
  const said = Object.entries(shares).flatMap(([name, share]) =>
    share < 0.005 ? [] : [`${(100 * share).toFixed(0)} % ${name}`],
  );
  return `${cores === 2 ? 'two' : cores} cores: ${said.join(', ')}`;
}

function useBetween(before: Sample, after: Sample): CpuUse {
  const spent: Record<string, number> = {};
  for (const [name, pids] of Object.entries(after.groups)) {
    spent[name] = 0;
    for (const [pid, ticks] of pids) spent[name] += ticks - (before.groups[name]?.get(pid) ?? 0);
  }
  spent['load generator'] = after.own - before.own;
  const passed = (what: keyof Sample['machine']) => after.machine[what] - before.machine[what];
  const [all, idle, disk] = [passed('all'), passed('idle'), passed('disk')];
  const known = Object.values(spent).reduce((sum, ticks) => sum + ticks, idle + disk);
  Object.assign(spent, { 'other programs': Math.max(0, all - known), 'waiting for the disk': disk, idle });
  const scaled = (by: number) =>
    Object.fromEntries(Object.entries(spent).map(([name, of]) => [name, of / by]));
  return { shares: scaled(all), seconds: scaled(TICKS_PER_SECOND) };
}

/** Linux only: the kernel keeps the highest mark. */
export async function highestRssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

async function sample(groups: Groups): Promise<Sample> {
  const taken: Sample['groups'] = {};
  for (const [name, pidsOf] of Object.entries(groups)) {
    const entries = (await pidsOf()).map(async (pid) => [pid, (await ticksOf(pid)).live] as const);
    taken[name] = new Map(await Promise.all(entries));
  }
  const own = await ticksOf(process.pid);
  return { groups: taken, own: own.live + own.ended, machine: await machineTicks() };
}

/** `ended`: of its children that have ended. One that is gone, or runs on another machine, has none. */
async function ticksOf(pid: number): Promise<{ live: number; ended: number }> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may hold spaces.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
  return { live: user + system, ended: endedUser + endedSystem };
}

async function machineTicks(): Promise<Sample['machine']> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const [user = 0, nice = 0, system = 0, idle = 0, disk = 0, irq = 0, softIrq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { all: user + nice + system + idle + disk + irq + softIrq + steal, idle, disk };
}
