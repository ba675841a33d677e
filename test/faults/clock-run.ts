import { createWorld, type FaultWorld } from './fault-world.js';
import { type Expectations } from './history.js';
import { patience } from './kill-run.js';
import { type FaultRow, type Outcome, type Pair, type Scale } from './row.js';
import { type Victim } from './victim-process.js';
import { type Control } from './victim/plan.js';

const DAY_MS = 24 * 60 * 60_000;
const JUMPS: Record<Scale, number> = { short: 2, long: 50 };

/** A clock that jumps wakes nobody: what fell due is found at the next look, and that is at most so far away. */
const LONGEST_SLEEP_MS = 60_000;

/** New York: an hour happens twice, and one is left out. */
const CHANGES = ['2026-11-01T06:00:00Z', '2027-03-14T07:00:00Z'];
const CALLS_BEFORE = 12;
const TWO_MINUTES_MS = 120_000;
const NEW_YORK = { TZ: 'America/New_York' };

const EXPECTATIONS: Expectations = {
  firedFor: () => ['forward.send', 'tell.say'],
  keyed: new Set(['keyed']),
  forwarded: new Set(['keyed']),
  mayDie: new Set(),
};

export const clockRows: FaultRow[] = [
  {
    name: 'clock-jump',
    what: 'clock jumps a day forwards or back',
    run: (scale, pair) => jumpRun(JUMPS[scale], pair),
    control: { what: 'a fresh key per attempt', run: (_scale, pair) => jumpRun(2, pair, 'fresh-key') },
  },
  {
    name: 'dst',
    what: 'a retry is due across a change of daylight saving time',
    run: (scale, pair) => dstRun(scale === 'long' ? 10 : 1, pair),
    control: {
      what: 'reckons in local time',
      run: (_scale, pair) => changeOnce(CHANGES[0] ?? '', pair, 'local-time'),
    },
  },
];

/** Every other request is read and reset, so that retries are always waiting when the clock jumps. */
function createClockWorld(waits: string[], pair: Pair): Promise<FaultWorld> {
  const common = { retry: { waits }, concurrency: 4 };
  const config = {
    destinations: {
      keyed: { kind: 'struck-http', url: 'sink:keyed', ...common },
      unkeyed: { kind: 'struck-slack', webhook_url: 'sink:unkeyed', ...common },
    },
    rules: {
      forward: { match: 'everything', then: [{ id: 'send', to: 'keyed' }] },
      tell: { match: 'everything', then: [{ id: 'say', to: 'unkeyed', with: { text: 'call {{ id }}' } }] },
    },
  };
  return createWorld(config, pair);
}

function resetEveryOther({ sink, log }: FaultWorld): void {
  sink.respondWith(log.responder((nth) => (nth % 2 === 1 ? { answer: { reset: true } } : {})));
}

/** What waits for a time that the clock has left waits a day at most: the clock comes back, as a corrected one does. */
async function jumpRun(jumps: number, pair: Pair, control?: Control): Promise<Outcome> {
  const world = await createClockWorld(['300ms', '1500ms', ...Array<string>(23).fill('300ms')], pair);
  const recoveries: number[] = [];
  try {
    resetEveryOther(world);
    const victim = await world.start({ control });
    world.load.start(2, 50);
    for (let nth = 0; nth < jumps; nth += 1) {
      await answers(world, 5);
      recoveries.push(await jump(world, victim, nth % 2 === 0 ? DAY_MS : -DAY_MS));
    }
    if (jumps % 2 === 0) await victim.ask(`/jump?ms=${DAY_MS}`);
    await answers(world, 10);
    const withinMs = control === undefined ? LONGEST_SLEEP_MS + 20_000 : patience(control, pair);
    const findings = await world.settle(victim, EXPECTATIONS, { withinMs });
    return { injected: jumps, accepted: world.load.answered.length, findings, recoveries };
  } finally {
    await world.remove();
  }
}

async function answers({ load }: FaultWorld, count: number): Promise<void> {
  for (let nth = 0; nth < count; nth += 1) await load.nextAnswer();
}

/** Seconds from the jump to the next request at the destinations. */
async function jump({ load, log }: FaultWorld, victim: Victim, ms: number): Promise<number> {
  await victim.ask(`/jump?ms=${ms}`);
  const at = Date.now();
  const seen = log.seen.length;
  while (log.seen.length === seen && Date.now() < at + 5_000) await load.nextAnswer();
  return (Date.now() - at) / 1000;
}

async function dstRun(times: number, pair: Pair): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (let nth = 0; nth < times; nth += 1)
    for (const change of CHANGES) outcomes.push(await changeOnce(change, pair));
  const findings = { lost: [], doubledKeyed: [], doubledUnkeyed: [], violations: [] } as Outcome['findings'];
  for (const outcome of outcomes)
    for (const kind of Object.keys(findings) as (keyof typeof findings)[])
      findings[kind].push(...outcome.findings[kind]);
  return {
    injected: outcomes.length,
    accepted: outcomes.reduce((sum, { accepted }) => sum + accepted, 0),
    findings,
    recoveries: outcomes.flatMap(({ recoveries }) => recoveries),
  };
}

/**
 * The calls come half a minute before the change, and every other first attempt fails; what is tried again a
 * minute later is due after it. Then two minutes pass at once, and a call more makes the program look.
 */
async function changeOnce(change: string, pair: Pair, control?: Control): Promise<Outcome> {
  const world = await createClockWorld(['60s', ...Array<string>(20).fill('300ms')], pair);
  const { load, log, sink } = world;
  try {
    resetEveryOther(world);
    const begin = { real: Date.now(), shown: Date.parse(change) - 30_000 };
    const victim = await world.start({ control, startAt: begin.shown }, { env: NEW_YORK });
    await load.post(CALLS_BEFORE, 4);
    await world.untilSeen(2 * CALLS_BEFORE, 20_000);
    sink.respondWith(log.responder(() => ({})));
    await victim.ask(`/jump?ms=${TWO_MINUTES_MS}`);
    const jumpedAt = Date.now();
    await load.post(1, 1);
    const now = () => begin.shown + TWO_MINUTES_MS + Date.now() - begin.real;
    const findings = await world.settle(victim, EXPECTATIONS, { withinMs: patience(control, pair), now });
    const recoveries = [((log.seen.at(-1)?.time ?? jumpedAt) - jumpedAt) / 1000];
    return { injected: 1, accepted: load.answered.length, findings, recoveries };
  } finally {
    await world.remove();
  }
}
