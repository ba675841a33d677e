import { createWorld, type FaultConfig, type FaultWorld } from './fault-world.js';
import { type Expectations, type Findings, type SeenRequest } from './history.js';
import { patience } from './kill-run.js';
import { type Outcome, type Pair, type Scale } from './row.js';
import { type Behaviour, type SinkLog } from './sink-log.js';
import { type Victim } from './victim-process.js';
import { type Control } from './victim/plan.js';

export interface SinkFault {
  /** How a destination behaves to its nth request. */
  behave: (nth: number) => Behaviour;
  /** Options of both destinations, e.g. `concurrency`. */
  options?: object;
  /** Further options of the unkeyed one, which is a Slack channel. */
  unkeyed?: object;
  /** Every delivery may end as dead: the fault is a refusal. */
  mayDie?: boolean;
  /** Sets something up beside the sink and says afterwards what is wrong with it. */
  beside?: (world: FaultWorld) => Promise<Beside>;
  calls?: Record<Scale, number>;
}

/** A helper of one run. */
export interface Beside {
  /** Address of the destinations in place of the sink's, ending in a slash. */
  address?: string;
  /** Looks at the program while it works. */
  watch?: (victim: Victim) => void;
  problems(): string[];
  close(): Promise<void> | void;
}

const CALLS = { short: 12, long: 200 };
/** So many that a destination which fails every other time never kills a delivery by chance. */
const SOON = { waits: Array<string>(25).fill('60ms') };

/** Short, because many of these destinations let a request run into its end. */
const TIMEOUT = '400ms';

/** Sends calls to a keyed and an unkeyed destination that misbehave in one way, until all is settled. */
export async function sinkRun(
  fault: SinkFault,
  scale: Scale,
  pair: Pair,
  control?: Control,
): Promise<Outcome> {
  const world = await createWorld({ destinations: {}, rules: {} }, pair);
  const beside = await fault.beside?.(world);
  try {
    world.configure(configFor(fault, beside?.address ?? 'sink:'));
    world.sink.respondWith(world.log.responder((nth) => fault.behave(nth)));
    const victim = await world.start({ control });
    beside?.watch?.(victim);
    await world.load.post((fault.calls ?? CALLS)[scale]);
    const findings = await world.settle(victim, expectationsOf(fault), { withinMs: patience(control, pair) });
    findings.violations.push(...(beside?.problems() ?? []));
    return outcomeOf(world, findings);
  } finally {
    await beside?.close();
    await world.remove();
  }
}

export function outcomeOf(
  { load, log }: { load: FaultWorld['load']; log: SinkLog },
  findings: Findings,
): Outcome {
  const { faults: injected } = log;
  return { injected, accepted: load.answered.length, findings, recoveries: recoveriesOf(log.seen) };
}

function configFor({ options, unkeyed }: SinkFault, address: string): FaultConfig {
  const common = { retry: SOON, timeout: TIMEOUT, concurrency: 4, ...options };
  return {
    destinations: {
      keyed: { kind: 'struck-http', url: `${address}keyed`, ...common },
      unkeyed: { kind: 'struck-slack', webhook_url: `${address}unkeyed`, ...common, ...unkeyed },
    },
    rules: {
      forward: { match: 'everything', then: [{ id: 'send', to: 'keyed' }] },
      tell: { match: 'everything', then: [{ id: 'say', to: 'unkeyed', with: { text: 'call {{ id }}' } }] },
    },
  };
}

function expectationsOf({ mayDie }: SinkFault): Expectations {
  return {
    firedFor: () => ['forward.send', 'tell.say'],
    keyed: new Set(['keyed']),
    forwarded: new Set(['keyed']),
    mayDie: new Set(mayDie === true ? ['keyed', 'unkeyed'] : []),
  };
}

/** Seconds from the first request of each delivery that met a fault to its last. */
function recoveriesOf(seen: readonly SeenRequest[]): number[] {
  const spans = new Map<string, { first: number; last: number }>();
  for (const { destination, callId, time } of seen) {
    const span = spans.get(`${destination} ${callId}`);
    if (span === undefined) spans.set(`${destination} ${callId}`, { first: time, last: time });
    else span.last = time;
  }
  return [...spans.values()]
    .filter(({ first, last }) => last > first)
    .map(({ first, last }) => (last - first) / 1000);
}
