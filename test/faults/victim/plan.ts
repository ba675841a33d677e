/** Where a victim can be struck. */
export const KILL_POINTS = [
  'accept',
  'commit-inside',
  'commit',
  'claim',
  'send',
  'answer',
  'record',
  'retry',
  'dead',
  'swap',
  'migration',
  'prune',
] as const;
export type KillPoint = (typeof KILL_POINTS)[number];

/** Ways to be wrong on purpose. A checker that does not see them is worth nothing. */
export const CONTROLS = [
  'answer-before-commit',
  'no-transaction',
  'no-recovery',
  'fresh-key',
  'no-rule-set',
  'no-fence',
  'follow-redirects',
  'no-limits',
  'ignore-retry-after',
  'no-retry',
  'believe-answers',
  'local-time',
  'swallow-trouble',
  'no-reconciler',
] as const;
export type Control = (typeof CONTROLS)[number];

export interface Strike {
  point: KillPoint;
  /** On which coming to the point. */
  nth: number;
  signal: 'SIGKILL' | 'SIGSTOP';
  /** A process that wakes from its stop takes nothing new: only what it still holds is looked at. */
  thenIdle?: boolean;
}

/** What a victim does, as JSON in the environment variable `VICTIM`. */
export interface VictimPlan {
  strike?: Strike;
  control?: Control;
  /** Default `all`. */
  role?: 'all' | 'intake' | 'worker';
  /** How long a claim lasts unless it is renewed. Default: as in production. */
  leaseMs?: number;
  /** The victim starts with this time instead of the system's and runs on from there, milliseconds since the epoch. */
  startAt?: number;
}

/** What a victim prints, a JSON object a line. */
export type VictimLine =
  | { is: 'ready' }
  /** Ids of the deliveries that an earlier process left `sending`. */
  | { is: 'found-sending'; ids: string[] }
  /** A write that came back after a stop: whether the store took it. */
  | { is: 'late-write'; taken: boolean };

export function say(line: VictimLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
