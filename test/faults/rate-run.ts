import { setTimeout as sleep } from 'node:timers/promises';
import { checkHistory } from './check-history.js';
import { createFleet, type Fleet } from './fleet-world.js';
import { type FaultConfig } from './fault-world.js';
import { type Expectations, type SeenRequest } from './history.js';
import { type FaultRow, type Outcome, type Scale } from './row.js';

const PER_SECOND = 10;
const BACKLOG: Record<Scale, number> = { short: 100, long: 600 };
/** Enough to see the limit broken. */
const CONTROL_BACKLOG = 60;
/** A limit whose past is lost rests for some seconds; struck more often than that, nothing would ever be sent. */
const BETWEEN_FAULTS_MS = 6_000;

const CONFIG: FaultConfig = {
  destinations: {
    keyed: { kind: 'struck-http', url: 'sink:keyed', concurrency: 20, rate: `${PER_SECOND}/s` },
  },
  rules: { forward: { match: 'everything', then: [{ id: 'send', to: 'keyed' }] } },
};

const EXPECTATIONS: Expectations = {
  firedFor: () => ['forward.send'],
  keyed: new Set(['keyed']),
  forwarded: new Set(['keyed']),
  mayDie: new Set(),
};

export const rateRow: FaultRow = {
  name: 'fleet-rate',
  what: `a backlog for a destination with rate: ${PER_SECOND}/s; Redis is flushed or killed meanwhile, or a worker is`,
  run: (scale) => rateRun(BACKLOG[scale], true),
  control: { what: 'no queue: each process keeps its own rate', run: () => rateRun(CONTROL_BACKLOG, false) },
};

/** The backlog is there before the workers are: they would send it at once. */
async function rateRun(backlog: number, hasQueue: boolean): Promise<Outcome> {
  const fleet = await createFleet({ config: CONFIG, intakes: 1, workers: 3, hasQueue });
  try {
    fleet.sink.respondWith(fleet.log.responder(() => ({})));
    await fleet.start('intake');
    await fleet.load.post(backlog);
    await fleet.start('worker');
    const injected = hasQueue ? await strike(fleet, backlog) : 0;
    await fleet.untilIdle(60_000);
    const now = Date.now();
    const troubles = await fleet.stop();
    const { answered } = fleet.load;
    const { seen } = fleet.log;
    const rows = await fleet.records.read();
    const findings = checkHistory({ answered, ...rows, seen, expectations: EXPECTATIONS, now });
    findings.violations.push(...troubles, ...tooManyAtOnce(seen));
    return { injected, accepted: answered.length, findings, recoveries: [] };
  } finally {
    await fleet.remove();
  }
}

/** In turn, while there is something to send, which is sent between two of them. Answers how often. */
async function strike(fleet: Fleet, backlog: number): Promise<number> {
  const { log } = fleet;
  let injected = 0;
  for (; injected < backlog / PER_SECOND && log.seen.length < backlog - PER_SECOND; injected += 1) {
    await sleep(BETWEEN_FAULTS_MS);
    await STROKES[injected % STROKES.length]?.(fleet);
  }
  return injected;
}

const STROKES: readonly ((fleet: Fleet) => Promise<void>)[] = [
  ({ redis }) => redis.flushAll(),
  async ({ redis }) => {
    await redis.stop('kill');
    await redis.start();
  },
  async ({ members }) => {
    const workers = members.filter(({ role }) => role === 'worker');
    const worker = workers[Math.floor(Math.random() * workers.length)];
    await worker?.end('SIGKILL');
    await worker?.start();
  },
];

/** No second of the whole run, wherever it begins, may have more than the limit in it. */
function tooManyAtOnce(seen: readonly SeenRequest[]): string[] {
  const times = seen.map(({ time }) => time).sort((a, b) => a - b);
  const most = Math.max(...times.map((from, nth) => countUntil(times, nth, from + 1_000)));
  return most > PER_SECOND
    ? [`the destination saw ${most} requests in one second; ${PER_SECOND} are allowed`]
    : [];
}

function countUntil(times: readonly number[], from: number, until: number): number {
  const end = times.findIndex((time, nth) => nth >= from && time >= until);
  return (end < 0 ? times.length : end) - from;
}
