/** What happens when a rule and action meet the same contact again while one of theirs is still waiting. */
export type OnRepeat = 'skip' | 'replace' | 'extend' | 'queue' | 'parallel';

/** A follow-up that waits or is about to. Times are milliseconds since the epoch. */
export interface WaitingFollowUp {
  id: string;
  dueAt: number;
}

export type RepeatDecision =
  /** The new one is not planned; the one waiting stays as it is. */
  | { is: 'skip'; because: string }
  /** The new one is planned at `dueAt`; those in `cancel` are taken back; `behind` has to be through first. */
  | { is: 'plan'; dueAt: number; cancel: string[]; behind: string | null }
  /** The new one is not planned; the one waiting stays with its content, and moves to `dueAt`. */
  | { is: 'move'; id: string; dueAt: number };

/** A new time that was asked for counts instead of the old one; a wait that runs already is not started again. */
export function defaultOnRepeat(timing: 'at' | 'after'): OnRepeat {
  return timing === 'at' ? 'replace' : 'skip';
}

/**
 * Decides over the new follow-up and those of the same rule, action and contact that wait. `extend` never brings one
 * forward, and `queue` runs the new one after the last of them, not before its own time. With nothing waiting, all plan.
 */
export function onRepeat(
  policy: OnRepeat,
  waiting: readonly WaitingFollowUp[],
  dueAt: number,
): RepeatDecision {
  const last = lastOf(waiting);
  if (last === null) return { is: 'plan', dueAt, cancel: [], behind: null };
  switch (policy) {
    case 'skip':
      return { is: 'skip', because: last.id };
    case 'replace':
      return { is: 'plan', dueAt, cancel: waiting.map(({ id }) => id), behind: null };
    case 'extend':
      return { is: 'move', id: last.id, dueAt: Math.max(last.dueAt, dueAt) };
    case 'queue':
      return { is: 'plan', dueAt: Math.max(last.dueAt, dueAt), cancel: [], behind: last.id };
    case 'parallel':
      return { is: 'plan', dueAt, cancel: [], behind: null };
  }
}

/** Of two due at once the one with the greater id, so that every machine names the same. */
function lastOf(waiting: readonly WaitingFollowUp[]): WaitingFollowUp | null {
  return waiting.reduce<WaitingFollowUp | null>(
    (last, one) => (last && isLater(last, one) ? last : one),
    null,
  );
}

function isLater(one: WaitingFollowUp, other: WaitingFollowUp): boolean {
  return one.dueAt > other.dueAt || (one.dueAt === other.dueAt && one.id > other.id);
}
