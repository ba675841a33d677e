import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../support/server-process.js';
import { createWorld, type FaultWorld } from './fault-world.js';
import { type Expectations, type Findings } from './history.js';
import { patience } from './kill-run.js';
import { type FaultRow, type Outcome, type Pair, type Scale } from './row.js';
import { untilStopped } from './stop-run.js';
import { type Victim } from './victim-process.js';
import { type Control } from './victim/plan.js';

/** Each takeover brings as many late writes as were under way. */
const TAKEOVERS: Record<Scale, number> = { short: 1, long: 30 };
const CALLS = 10;
/** The successor is in the middle of its own attempts when the late results are written, on a busy machine too. */
const SUCCESSOR_WAITS_MS = 5_000;

const EXPECTATIONS: Expectations = {
  firedFor: () => ['forward.send'],
  keyed: new Set(['keyed']),
  forwarded: new Set(['keyed']),
  mayDie: new Set(),
};

export const takeoverRow: FaultRow = {
  name: 'takeover',
  what: 'late results of a stopped process whose deliveries were taken over',
  run: (scale, pair) => takeovers(TAKEOVERS[scale], pair),
  control: { what: 'no fencing', run: (_scale, pair) => takeovers(1, pair, 'no-fence') },
};

async function takeovers(times: number, pair: Pair, control?: Control): Promise<Outcome> {
  const total: Outcome = {
    injected: 0,
    accepted: 0,
    findings: { lost: [], doubledKeyed: [], doubledUnkeyed: [], violations: [] },
    recoveries: [],
  };
  for (let nth = 0; nth < times; nth += 1) {
    const { injected, accepted, findings, recoveries } = await takeOver(pair, control);
    total.injected += injected;
    total.accepted += accepted;
    total.recoveries.push(...recoveries);
    for (const kind of Object.keys(findings) as (keyof Findings)[])
      total.findings[kind].push(...findings[kind]);
  }
  return total;
}

/**
 * The first process is refused by the destination and stopped before it can record that. A second one takes
 * its deliveries up and sends them again: on PostgreSQL when the lease has run out, on SQLite because the lock
 * is taken away, as on a file system that keeps none. While it waits for the answers, the first wakes and
 * writes: dead.
 */
async function takeOver(pair: Pair, control?: Control): Promise<Outcome> {
  const options = { retry: { waits: Array<string>(8).fill('100ms') }, concurrency: CALLS, timeout: '10s' };
  const config = {
    destinations: { keyed: { kind: 'struck-http', url: 'sink:keyed', ...options } },
    rules: { forward: { match: 'everything', then: [{ id: 'send', to: 'keyed' }] } },
  };
  const world = await createWorld(config, pair);
  try {
    world.sink.respondWith(world.log.responder(() => ({ answer: { status: 400 }, taken: false })));
    const strike = { point: 'answer', nth: 1, signal: 'SIGSTOP', thenIdle: true } as const;
    const first = await world.start({ strike, control });
    await world.load.post(CALLS);
    await untilStopped(first);
    world.sink.respondWith(world.log.responder(() => ({ answer: { delayMs: SUCCESSOR_WAITS_MS } })));
    if (pair === 'sqlite') rmSync(join(world.dir, 'data', 'aftercall.db.lock'));
    const second = await world.start({}, { port: await freePort() });
    await untilSentAgain(world);
    first.kill('SIGCONT');
    const late = await lateWrites(first);
    first.kill('SIGKILL');
    await first.ended;
    const findings = await world.settle(second, EXPECTATIONS, { withinMs: patience(control, pair) });
    const taken = late.filter(Boolean).length;
    if (taken > 0) findings.violations.push(`${taken} late results were written over newer ones`);
    const recoveries = [(Date.now() - second.startedAt) / 1000];
    return { injected: late.length, accepted: world.load.answered.length, findings, recoveries };
  } finally {
    await world.remove();
  }
}

/** All of them: what the successor has not claimed yet is still the first one's, and its result no late one. */
async function untilSentAgain({ log }: FaultWorld): Promise<void> {
  const until = Date.now() + 30_000;
  const countSentAgain = () => new Set(log.seen.flatMap(({ taken, callId }) => (taken ? [callId] : []))).size;
  while (countSentAgain() < CALLS && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

/** What the store said to the woken process, once at least one of its results was written. */
async function lateWrites(victim: Victim): Promise<boolean[]> {
  const until = Date.now() + 10_000;
  const writes = () => victim.lines.flatMap((line) => (line.is === 'late-write' ? [line.taken] : []));
  while (writes().length === 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, 200));
  if (writes().length === 0) throw new Error('the woken process wrote nothing');
  return writes();
}
