import { setTimeout as sleep } from 'node:timers/promises';
import { createWorld, type FaultWorld } from './fault-world.js';
import { type Expectations } from './history.js';
import { type FaultRow, type Outcome, type Pair, type Scale } from './row.js';
import { type Victim } from './victim-process.js';
import { type Control } from './victim/plan.js';

/** Each waits with three follow-ups, one for each `if_late`. */
const CALLS: Record<Scale, number> = { short: 100, long: 3_334 };

/** A Tuesday; when it is over, nothing runs until the next morning. */
const BEFORE = Date.parse('2026-03-10T09:00:00Z');
const AFTER = Date.parse('2026-03-11T09:30:00Z');
const MINUTE_MS = 60_000;
/** What was left behind is spread over five minutes. */
const SPREAD_MINUTES = 5;

const EXPECTATIONS: Expectations = {
  firedFor: () => ['now.send', 'window.send', 'drop.send'],
  keyed: new Set(['now', 'window', 'drop']),
  forwarded: new Set(['now', 'window']),
  mayDie: new Set(),
};

const LATE: Record<string, object> = {
  now: { if_late: 'now' },
  window: { if_late: 'next_window', during: 'office' },
  drop: { if_late: 'drop' },
};

const CONFIG = {
  destinations: forEachKind((name) => ({ kind: 'struck-http', url: `sink:${name}`, concurrency: 10 })),
  rules: forEachKind((to, late) => ({
    match: 'everything',
    then: [{ id: 'send', to, after: '1h', late_after: '30m', ...late }],
  })),
  settings: { calendars: { office: { open: { 'mon-fri': '08:00-17:00' } } } },
};

function forEachKind(of: (name: string, late: object) => object): Record<string, object> {
  return Object.fromEntries(Object.entries(LATE).map(([name, late]) => [name, of(name, late)]));
}

export const followUpsRow: FaultRow = {
  name: 'follow-ups',
  what: 'SIGKILL while follow-ups wait, started again a day after their time, and killed once more meanwhile',
  run: (scale, pair) => leaveWaiting(CALLS[scale], pair),
  control: { what: 'a fresh key per attempt', run: (_scale, pair) => leaveWaiting(100, pair, 'fresh-key') },
};

async function leaveWaiting(calls: number, pair: Pair, control?: Control): Promise<Outcome> {
  const world = await createWorld(CONFIG, pair);
  try {
    world.sink.respondWith(world.log.responder(() => ({ answer: { delayMs: 20 } })));
    const first = await world.start({ control, startAt: BEFORE });
    await world.load.post(calls, 20);
    await kill(first);
    const at = Date.now();
    const second = await world.start({ control, startAt: AFTER });
    const atOnce = await passMinute(world, second, 0);
    // In the middle of what the first minute brings.
    await second.ask(`/jump?ms=${MINUTE_MS}`);
    await second.ask('/look');
    await world.untilSeen(atOnce + 5, 5_000);
    await kill(second);
    const third = await world.start({ control, startAt: AFTER + MINUTE_MS });
    for (let minute = 1; minute <= SPREAD_MINUTES + 1; minute += 1) await passMinute(world, third, MINUTE_MS);
    const recoveries = [(Date.now() - at) / 1000];
    const findings = await world.settle(third, EXPECTATIONS, { withinMs: 60_000 });
    findings.violations.push(...judge(world, calls, atOnce));
    return { injected: 2, accepted: world.load.answered.length, findings, recoveries };
  } finally {
    await world.remove();
  }
}

async function kill(victim: Victim): Promise<void> {
  victim.kill('SIGKILL');
  await victim.ended;
}

/** Puts the clock forward; answers how many requests were seen when nothing more came. */
async function passMinute({ log }: FaultWorld, victim: Victim, byMs: number): Promise<number> {
  await victim.ask(`/jump?ms=${byMs}`);
  await victim.ask('/look');
  for (let before = -1; before < log.seen.length;) {
    before = log.seen.length;
    await sleep(500);
  }
  return log.seen.length;
}

/** What is dropped is never sent, and the rest not at once. */
function judge({ log }: FaultWorld, calls: number, atOnce: number): string[] {
  const violations: string[] = [];
  const dropped = log.seen.filter(({ destination }) => destination === 'drop').length;
  if (dropped > 0) violations.push(`${dropped} follow-ups were sent that were too late`);
  if (atOnce > calls) violations.push(`${atOnce} of ${2 * calls} follow-ups left at once after the start`);
  return violations;
}
