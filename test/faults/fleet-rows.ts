import { type Deck, type FleetFaultKind, type FleetOutcome, fleetRun } from './fleet-run.js';
import { type FaultRow, type Outcome, type Scale } from './row.js';
import { type Control } from './victim/plan.js';

const DECKS: Record<Scale, Deck> = {
  short: { kill: 4, freeze: 1, flush: 1, redis: 1, postgres: 1 },
  long: { kill: 100, freeze: 10, flush: 20, redis: 20, postgres: 20 },
};

interface FleetRow {
  what: string;
  /** With as many faults as show what is wrong. */
  control: { kind: Control; what: string; faults: number };
}

const ROWS: Record<FleetFaultKind, FleetRow> = {
  kill: {
    what: 'SIGKILL of any one process',
    control: { kind: 'fresh-key', what: 'a fresh key per attempt', faults: 3 },
  },
  freeze: {
    what: 'SIGSTOP of a worker past its lease, and SIGCONT',
    control: { kind: 'fresh-key', what: 'a fresh key per attempt', faults: 1 },
  },
  flush: {
    what: 'FLUSHALL of Redis while wake-ups wait in it',
    control: { kind: 'no-reconciler', what: 'nobody looks for lost wake-ups', faults: 1 },
  },
  redis: {
    what: 'Redis killed while wake-ups wait in it, and started again, empty',
    control: { kind: 'no-reconciler', what: 'nobody looks for lost wake-ups', faults: 1 },
  },
  postgres: {
    what: 'PostgreSQL stopped with immediate, and started again',
    control: { kind: 'answer-before-commit', what: 'answers before the commit', faults: 2 },
  },
};

/** All of them come in one run, in random order, beside each other; each line counts its own. */
export const fleetRows: FaultRow[] = Object.entries(ROWS).map(([name, { what, control }]) => {
  const kind = name as FleetFaultKind;
  return {
    name: `fleet-${kind}`,
    what,
    run: async (scale) => only(kind, await mixed(scale)),
    control: {
      what: control.what,
      run: async () => only(kind, await fleetRun({ [kind]: control.faults }, control.kind)),
    },
  };
});

const runs = new Map<Scale, Promise<FleetOutcome>>();

function mixed(scale: Scale): Promise<FleetOutcome> {
  const run = runs.get(scale) ?? fleetRun(DECKS[scale]);
  runs.set(scale, run);
  return run;
}

/** What a run found stands in every line: which fault was the cause, nobody can say. */
function only(kind: FleetFaultKind, { accepted, findings, faults }: FleetOutcome): Outcome {
  const own = faults.filter((fault) => fault.kind === kind);
  const recoveries = own.flatMap(({ recovery }) => recovery ?? []);
  return { injected: own.length, accepted, findings, recoveries };
}
