import { type Decision } from '../domain/decision.js';
import { type Delivery, type DeliveryCommand, NOT_YET, type PlannedDelivery } from '../domain/delivery.js';
import { type PendingChoice } from './queries.js';

/** A follow-up that waits, planned by other rules than the ones looked at, and what these make of its call. */
export interface PendingCase {
  delivery: Delivery;
  /** Verdict of its rule; undefined where it did not match, or there is no such rule. */
  decision: Pick<Decision, 'verdict' | 'shadow'> | undefined;
  /** What is planned for its action; undefined for nothing. */
  planned: PlannedDelivery | undefined;
  /** Whether the rules have such a rule, and the rule such an action. */
  has: { rule: boolean; action: boolean };
  /** Parts in which its action is another one than it was. */
  differences: readonly string[];
  /** The first time from now on at which its window is open, at the earliest when it is planned to be due. */
  dueAt: number;
}

/** What rules that changed mean for a follow-up. */
export type PendingVerdict =
  /** By either rules the same is sent, at the same time. */
  | { is: 'unchanged' }
  /** The rules plan it still, another way: due at `dueAt` when it goes on by them. */
  | { is: 'changed'; dueAt: number; why: string }
  /** The rules do not plan it for this call. */
  | { is: 'gone'; why: string }
  /** It can go on only by the rules that planned it. */
  | { is: 'stays'; why: string };

/** Parts of an action that say when it is due. */
const OF_TIME = new Set(['time', 'window', 'calendars', 'timezone', 'digest']);

/** What the store keeps of a delivery since it was planned, and so cannot be changed by other rules. */
const KEPT = ['destination', 'kind', 'operation', 'channel', 'ordered', 'digestKey'] as const;

/** Decides what becomes of a follow-up that waits when it goes on by other rules than those that planned it. */
export function judgePending(pending: PendingCase): PendingVerdict {
  const { delivery, planned, differences } = pending;
  if (planned === undefined) return { is: 'gone', why: whyNotPlanned(pending) };
  if (planned.state === 'held') return stays(`the new rules would hold it (${planned.reason})`);
  if (planned.state !== 'pending') return { is: 'gone', why: whyNotSent(planned) };
  const kept = KEPT.filter((part) => planned[part] !== delivery[part]);
  if (kept.length > 0) return stays(`another ${kept.join(', ')}: cancel it and replay its event`);
  if (differences.length === 0) return { is: 'unchanged' };
  if (delivery.input !== null) return stays('its text is made already');
  if (delivery.digestHead !== null) return stays('it is told in one message with another one');
  if (differences.includes('needs')) return stays('other needs: cancel it and replay its event');
  return { is: 'changed', dueAt: dueAtOf(pending), why: differences.join(', ') };
}

/** What a person said of its time, and waits between attempts and tries, are not the rules' to change. */
function dueAtOf({ delivery, differences, dueAt }: PendingCase): number {
  const isWait = delivery.attemptCount > 0 || delivery.tryNumber > 1 || delivery.dueAt === NOT_YET;
  const isSnoozed = delivery.reason?.startsWith('snoozed') === true;
  const keepsTime = !differences.some((part) => OF_TIME.has(part));
  return isWait || isSnoozed || keepsTime ? delivery.dueAt : dueAt;
}

function whyNotPlanned({ decision, has }: PendingCase): string {
  if (!has.rule) return 'its rule is gone';
  if (!has.action) return 'its action is gone';
  return decision === undefined || decision.verdict === 'not_matched'
    ? 'its call would not fire the rule any more'
    : `its rule would be ${decision.verdict.replaceAll('_', ' ')} on its call`;
}

function whyNotSent({ state, reason }: PlannedDelivery): string {
  if (state === 'shadow') return 'its rule only renders now (shadow)';
  return `it would be ${state}${reason === null ? '' : ` (${reason})`}`;
}

function stays(why: string): PendingVerdict {
  return { is: 'stays', why };
}

/** What is done with a follow-up by what a person chose for all of them; null: nothing. */
export function commandFor(
  verdict: PendingVerdict,
  choice: PendingChoice,
  ruleSet: string,
): Extract<DeliveryCommand, { do: 'migrate' | 'cancel' }> | null {
  if (choice === 'keep' || verdict.is === 'unchanged') return null;
  if (choice === 'migrate' && verdict.is === 'stays') return null;
  if (choice === 'migrate' && verdict.is === 'changed')
    return { do: 'migrate', ruleSet, dueAt: verdict.dueAt };
  return { do: 'cancel', reason: `rules_changed: ${verdict.why}` };
}
