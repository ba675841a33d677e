import { type FaultWorld } from './fault-world.js';
import { KILL_CONFIG } from './kill-config.js';
import { killRun } from './kill-run.js';
import { type FaultRow, type Scale } from './row.js';
import { type Victim } from './victim-process.js';
import { type Control, type KillPoint } from './victim/plan.js';

interface PointRow {
  what: string;
  control: Control;
  provoke?: (world: FaultWorld, victim: Victim, kill: number) => Promise<void>;
}

/** `migration` and `prune` need stores of their own: see their files. */
const POINTS: Record<Exclude<KillPoint, 'migration' | 'prune'>, PointRow> = {
  accept: { what: 'before the store is asked', control: 'answer-before-commit' },
  'commit-inside': { what: 'inside the transaction, rows written', control: 'no-transaction' },
  commit: { what: 'committed, not answered', control: 'answer-before-commit' },
  claim: { what: 'claimed, nothing sent', control: 'no-recovery' },
  send: { what: 'headers and half of the body sent', control: 'fresh-key' },
  answer: { what: 'sent and answered, nothing recorded', control: 'fresh-key' },
  record: { what: 'recorded, lane not freed', control: 'fresh-key' },
  retry: { what: 'a retry scheduled', control: 'fresh-key' },
  dead: { what: 'moved to dead', control: 'no-recovery' },
  swap: { what: 'a new configuration kept or swapped in', control: 'no-rule-set', provoke: editRules },
};

const CONTROL_SAYS: Partial<Record<Control, string>> = {
  'answer-before-commit': 'answers before the commit',
  'no-transaction': 'writes without a transaction',
  'no-recovery': 'leaves what was being sent',
  'fresh-key': 'a fresh key per attempt',
  'no-rule-set': 'keeps no rule set',
};

export const killRows: FaultRow[] = Object.entries(POINTS).map(([name, { what, control, provoke }]) => {
  const point = name as KillPoint;
  return {
    name: `kill-${point}`,
    what: `SIGKILL: ${what}`,
    run: (scale, pair) => killRun({ pair, point, kills: killsOf(scale), provoke }),
    control: {
      what: CONTROL_SAYS[control] ?? control,
      run: (scale, pair) => killRun({ pair, point, kills: scale === 'long' ? 10 : 2, control, provoke }),
    },
  };
});

/** Zero failures in n strikes bound the rate at about 3/n. */
export function killsOf(scale: Scale): number {
  return scale === 'long' ? 100 : 2;
}

/** Another rule set each time, with the same decisions. */
async function editRules(world: FaultWorld, _victim: Victim, kill: number): Promise<void> {
  await world.load.nextAnswer();
  const note = { match: { 'extracted_variables.lead_quality': `edit ${kill}` } };
  const none = { ...KILL_CONFIG.rules.none, ...note };
  world.configure({ ...KILL_CONFIG, rules: { ...KILL_CONFIG.rules, none } });
}
