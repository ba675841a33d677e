import { setTimeout as sleep } from 'node:timers/promises';
import { checkHistory } from './check-history.js';
import { type FleetFault, recoveryOf } from './fleet-recovery.js';
import { createFleet, type Fleet } from './fleet-world.js';
import { type Findings } from './history.js';
import { behaveForKills, KILL_CONFIG, KILL_EXPECTATIONS, withConcurrency } from './kill-config.js';
import { type Control } from './victim/plan.js';

export type FleetFaultKind = 'kill' | 'freeze' | 'flush' | 'redis' | 'postgres';

/** How often each fault is injected; they come in random order, and a flush last. */
export type Deck = Partial<Record<FleetFaultKind, number>>;

export interface FleetOutcome {
  accepted: number;
  findings: Findings;
  /** Seconds until it was over; null where it held up nothing. */
  faults: { kind: FleetFaultKind; recovery: number | null }[];
}

const CONNECTIONS = 4;
/** About 20 calls a second, which two cores can carry beside the starts of five processes, PostgreSQL and Redis. */
const PAUSE_MS = 150;
/** What a dead process held of it is free again after its lease: enough must be left until then. */
const CONCURRENCY = 30;
/** So long that each worker is always sending something. */
const ANSWER_MS = 100;
/** A server stays away for at most so long. */
const LONGEST_ABSENCE_MS = 1_500;
const LONGEST_PAUSE_MS = 3_000;
/** A lease is 15 s, in a control 3 s; others look for what nobody holds three times as often. */
const PAST_LEASE_MS = 21_000;
const PAST_CONTROL_LEASE_MS = 5_000;
/** Longer than a lease and the look after it. */
const SETTLED_WITHIN_MS = 60_000;
/** A control shows within its short lease, or not at all. */
const CONTROL_SETTLED_WITHIN_MS = 12_000;

/** Those that take whatever comes: what is late there, the fleet made late. */
const WILLING = ['keyed', 'unkeyed'];

/** Three workers and two intakes under load, struck again and again; then everything runs to its end. */
export async function fleetRun(deck: Deck, control?: Control): Promise<FleetOutcome> {
  const config = withConcurrency(KILL_CONFIG, CONCURRENCY);
  const fleet = await createFleet({ config, intakes: 2, workers: 3, control });
  const faults: (FleetFault & { kind: FleetFaultKind })[] = [];
  try {
    behaveForKills(fleet, ANSWER_MS);
    // A process that waits for its next retry looks at everything then, and would hide what nobody was woken for.
    if (control === 'no-reconciler')
      fleet.sink.respondAt(
        '/flaky',
        fleet.log.responder(() => ({})),
      );
    await fleet.start('intake', 'worker');
    fleet.load.start(CONNECTIONS, PAUSE_MS);
    const kinds = shuffled(deck);
    for (const [nth, kind] of kinds.entries()) {
      await sleep(500 + Math.random() * LONGEST_PAUSE_MS);
      if (nth === kinds.length - 1) await fleet.load.stop();
      if (FORGETTING.includes(kind)) await letWakeUpsWait(fleet, nth === kinds.length - 1);
      faults.push({ kind, at: Date.now(), takesClaims: !FORGETTING.includes(kind) });
      await INJECT[kind](fleet, control);
    }
    return await judge(fleet, faults, control);
  } finally {
    await fleet.remove();
  }
}

/** Workers take a wake-up within milliseconds; one that is to be lost has to wait for them. */
const FORGETTING: readonly FleetFaultKind[] = ['flush', 'redis'];
const WAIT_MS = 300;
const LAST_CALLS = 5;

/** The last time nothing else is under way and nothing comes later: both would find what nobody was woken for. */
async function letWakeUpsWait(fleet: Fleet, isLast: boolean): Promise<void> {
  if (isLast) await fleet.untilIdle(SETTLED_WITHIN_MS);
  signalWorkers(fleet, 'SIGSTOP');
  if (isLast) await fleet.load.post(LAST_CALLS);
  else await sleep(WAIT_MS);
}

function signalWorkers({ members }: Fleet, signal: 'SIGSTOP' | 'SIGCONT'): void {
  for (const member of members) if (member.role === 'worker') member.signal(signal);
}

const INJECT: Record<FleetFaultKind, (fleet: Fleet, control?: Control) => Promise<void>> = {
  kill: async ({ members }) => {
    const member = anyOf(members);
    await member?.end('SIGKILL');
    await member?.start();
  },
  freeze: async ({ members }, control) => {
    const worker = anyOf(members.filter(({ role }) => role === 'worker'));
    worker?.signal('SIGSTOP');
    await sleep(control === undefined ? PAST_LEASE_MS : PAST_CONTROL_LEASE_MS);
    worker?.signal('SIGCONT');
  },
  flush: async (fleet) => {
    await fleet.redis.flushAll();
    signalWorkers(fleet, 'SIGCONT');
  },
  redis: async (fleet) => {
    await fleet.redis.stop('kill');
    signalWorkers(fleet, 'SIGCONT');
    await sleep(Math.random() * LONGEST_ABSENCE_MS);
    await fleet.redis.start();
  },
  postgres: async ({ postgres }) => {
    await postgres.stop('immediate');
    await sleep(Math.random() * LONGEST_ABSENCE_MS);
    await postgres.start();
  },
};

function anyOf<T>(those: readonly T[]): T | undefined {
  return those[Math.floor(Math.random() * those.length)];
}

function shuffled(deck: Deck): FleetFaultKind[] {
  const kinds = Object.entries(deck).flatMap(([kind, count]) =>
    Array<FleetFaultKind>(count).fill(kind as FleetFaultKind),
  );
  const placed = kinds.map((kind) => ({ kind, place: Math.random() }));
  const order = placed.sort((a, b) => a.place - b.place).map(({ kind }) => kind);
  const last = order.lastIndexOf('flush');
  return last < 0 ? order : [...order.toSpliced(last, 1), 'flush'];
}

async function judge(
  fleet: Fleet,
  faults: readonly (FleetFault & { kind: FleetFaultKind })[],
  control: Control | undefined,
): Promise<FleetOutcome> {
  const { load, log, records } = fleet;
  await load.stop();
  await fleet.untilIdle(control === undefined ? SETTLED_WITHIN_MS : CONTROL_SETTLED_WITHIN_MS);
  const now = Date.now();
  const troubles = await fleet.stop();
  const [rows, takeUps] = [await records.read(), await records.takeUps()];
  const { answered } = load;
  const history = { answered, ...rows, seen: log.seen, expectations: KILL_EXPECTATIONS, now };
  const findings = checkHistory(history);
  const { seconds, violations } = recoveryOf({ ...history, faults, takeUps }, WILLING);
  // A control has to show what it does wrong, and not that it is slow.
  if (control === undefined) findings.violations.push(...troubles, ...violations);
  return {
    accepted: answered.length,
    findings,
    faults: faults.map(({ kind }, nth) => ({ kind, recovery: seconds[nth] ?? null })),
  };
}
