import { type RuleChangeView } from '../replay/compare-rules.js';
import {
  type AppliedView,
  type PendingExampleView,
  type PendingGroupView,
  type RulePlanView,
} from '../replay/plan-views.js';
import { type Writing } from './describe-delivery.js';
import { count, printable, table } from './print.js';
import { localTime } from './time-words.js';

type Colours = Writing['colours'];

/** What changed rules mean for what waits: the changes, then each action of which something waits. */
export function describeRulePlan(view: RulePlanView, { colours, flags }: Writing): string {
  const { follow_ups: groups, waiting } = view;
  const isSame = groups.every((group) => group.unchanged === group.waiting);
  const head = `${colours.bold('Rules')}\n${view.rules.map((rule) => describeRule(rule, colours)).join('') || '  no changes\n'}`;
  const body = `${colours.bold(`Follow-ups: ${waiting}`)}\n${groups.map((group) => describeGroup(group, colours)).join('') || '  none wait\n'}`;
  const next = `settle it with\n  aftercall apply --pending keep|migrate|cancel${flags}\n`;
  const nothing = 'nothing to settle: what waits is sent the same by either rules\n';
  return [head, body, ...(isSame ? (waiting === 0 ? [] : [nothing]) : [next])].join('\n');
}

function describeRule({ rule, change, what, actions }: RuleChangeView, colours: Colours): string {
  const paint = paintFor(change, colours);
  const line = (indent: string, name: string, one: Pick<RuleChangeView, 'change' | 'what'>) =>
    `${indent}${name}  ${one.change}${one.what.length === 0 ? '' : `: ${one.what.join(', ')}`}`;
  const rows = [
    line('  ', rule, { change, what }),
    ...actions.map((each) => line('    ', each.action, each)),
  ];
  return rows.map((row) => `${paint(printable(row))}\n`).join('');
}

function paintFor(change: RuleChangeView['change'], colours: Colours): (text: string) => string {
  if (change === 'added') return colours.green;
  return change === 'removed' ? colours.red : colours.yellow;
}

function describeGroup(group: PendingGroupView, colours: Colours): string {
  const { rule, action, waiting, unchanged, changed, gone, stays } = group;
  const parts: [number, string][] = [
    [unchanged, 'unchanged'],
    [changed, 'changed'],
    [gone, 'gone'],
    [stays, 'only by their old rules'],
  ];
  const words = parts.flatMap(([amount, word]) => (amount === 0 ? [] : [`${amount} ${word}`]));
  const head = `  ${rule}.${action}  ${waiting} wait${waiting === 1 ? 's' : ''}: ${words.join(', ')}`;
  return `${colours.bold(printable(head))}\n${unchanged === waiting ? '' : whatChoicesMean(group)}${describeExamples(group.examples)}`;
}

function whatChoicesMean({ waiting, changed, gone, stays, unchanged }: PendingGroupView): string {
  const left = unchanged + stays;
  const migrate = [
    ...(changed > 0 ? [`${changed} by the new rules`] : []),
    ...(gone > 0 ? [`${gone} canceled`] : []),
    ...(left > 0 ? [`${left} as planned`] : []),
  ];
  const cancel = [
    `${changed + gone + stays} canceled`,
    ...(unchanged > 0 ? [`${unchanged} as planned`] : []),
  ];
  return table([
    ['    keep', `${waiting} as planned`],
    ['    migrate', migrate.join(', ')],
    ['    cancel', cancel.join(', ')],
  ]);
}

function describeExamples(examples: readonly PendingExampleView[]): string {
  return table(examples.map((example) => cellsOf(example).map(printable)));
}

function cellsOf({ id, contact, due_at, is, why, new_due_at }: PendingExampleView): string[] {
  const due = due_at === null ? 'due behind another action' : `due ${localTime(Date.parse(due_at))}`;
  const moves = new_due_at !== null && new_due_at !== due_at;
  const then = moves ? `, then ${localTime(Date.parse(new_due_at))}` : '';
  return [`    ${id}`, contact ?? '', `${due}${then}`, is === 'stays' ? `stays: ${why}` : `${is}: ${why}`];
}

/** What will be done, before it is: `10 follow-ups will go on by the rules in force, 2 will be canceled`. */
export function foretellApply({ migrated, canceled, kept }: AppliedView): string {
  const parts = [
    ...(migrated > 0 ? [`${count(migrated, 'follow-up')} will go on by the rules in force`] : []),
    ...(canceled > 0 ? [`${count(canceled, 'follow-up')} will be canceled`] : []),
    `${count(kept, 'follow-up')} will stay as planned`,
  ];
  return parts.join(', ');
}

export function describeApplied({ migrated, canceled, kept }: AppliedView): string {
  return `migrated ${count(migrated, 'follow-up')}, canceled ${canceled}, left ${kept} as planned\n`;
}
