import { NOT_YET } from '../domain/delivery.js';
import { type RuleChangeView } from './compare-rules.js';
import { type PendingVerdict } from './judge-pending.js';
import { type Judged } from './judge-waiting.js';
import { type CountView, isoTime } from './views.js';

/** What other rules mean for what waits. */
export interface RulePlanView {
  /** Fingerprint of the rules that are looked at. */
  rule_set: string;
  /** Fingerprint of those they are compared with; null: there are no others. */
  compared_with: string | null;
  rules: RuleChangeView[];
  /** Follow-ups that wait, whatever rules planned them. */
  waiting: number;
  follow_ups: PendingGroupView[];
}

/** The follow-ups of one action that wait. */
export interface PendingGroupView extends Record<PendingVerdict['is'], number> {
  rule: string;
  action: string;
  waiting: number;
  /** Of those that are not unchanged. */
  examples: PendingExampleView[];
}

export interface PendingExampleView {
  id: string;
  contact: string | null;
  /** Null while it waits for another action of its rule. */
  due_at: string | null;
  is: Exclude<PendingVerdict['is'], 'unchanged'>;
  /** Parts of its action that are others, or why it is gone or stays. */
  why: string;
  /** When it would be due by the rules looked at; null where it would not, or waits for another action. */
  new_due_at: string | null;
}

/** What became of what waits. `count` is of those that were changed. */
export interface AppliedView extends CountView {
  /** Fingerprint of the rules in force. */
  rule_set: string;
  migrated: number;
  canceled: number;
  /** Left to the rules that planned them. */
  kept: number;
}

const MAX_EXAMPLES = 3;

/** Counts judged follow-ups by rule and action, and keeps a few of each for people to look at. */
export class PendingSummary {
  readonly #groups = new Map<string, PendingGroupView>();

  add({ delivery, verdict }: Judged): void {
    const { rule, action } = delivery;
    const key = `${rule}.${action}`;
    const group = this.#groups.get(key) ?? emptyGroup(rule, action);
    this.#groups.set(key, group);
    group.waiting += 1;
    group[verdict.is] += 1;
    if (verdict.is !== 'unchanged' && group.examples.length < MAX_EXAMPLES)
      group.examples.push(exampleOf(delivery, verdict));
  }

  /** By name, so that two plans can be compared. */
  groups(): PendingGroupView[] {
    return [...this.#groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  }
}

function emptyGroup(rule: string, action: string): PendingGroupView {
  return { rule, action, waiting: 0, unchanged: 0, changed: 0, gone: 0, stays: 0, examples: [] };
}

function exampleOf(
  { id, contact, dueAt }: Judged['delivery'],
  verdict: Exclude<PendingVerdict, { is: 'unchanged' }>,
): PendingExampleView {
  return {
    ...{ id, contact, due_at: timeOrNull(dueAt), is: verdict.is, why: verdict.why },
    new_due_at: verdict.is === 'changed' ? timeOrNull(verdict.dueAt) : null,
  };
}

function timeOrNull(dueAt: number): string | null {
  return dueAt === NOT_YET ? null : isoTime(dueAt);
}
