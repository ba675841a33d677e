import { canonicalJson, type Json } from '../lib/json.js';
import { type ActionContent, type RuleContent, type RuleSetContent } from '../rules/rule.js';

/** How one rule or action of a rule set became another. `what` names the parts that differ. */
interface Change {
  change: 'added' | 'removed' | 'changed';
  what: string[];
}

export interface ActionChangeView extends Change {
  action: string;
}

export interface RuleChangeView extends Change {
  rule: string;
  actions: ActionChangeView[];
}

/** What an action says, in the words of rule files; null: that cannot differ, or makes no difference. */
const ACTION_WORDS: Record<keyof ActionContent, string | null> = {
  id: null,
  to: 'destination',
  do: 'operation',
  with: 'text',
  onlyIf: 'only_if',
  ifMissing: 'if_missing',
  onRevision: 'on_revision',
  ifUnknown: 'if_unknown',
  retryWaitsMs: 'retry',
  timeoutMs: 'timeout',
  ordered: 'ordered',
  timing: 'time',
  during: 'window',
  cancelWhen: 'cancel_when',
  late: 'if_late',
  needs: 'needs',
  audience: 'audience',
  oncePer: 'once_per',
  onRepeat: 'on_repeat',
  callTries: 'call_tries',
  digest: 'digest',
};

/** Rule sets of older versions lack some of the keys; absent means the default. */
const ACTION_DEFAULTS: Partial<ActionContent> = { needs: [], during: [] };

const RULE_WORDS: Record<keyof RuleContent, string | null> = {
  id: null,
  file: 'file',
  title: null,
  state: 'state',
  sources: 'sources',
  condition: 'condition',
  missing: 'missing',
  stop: 'stop',
  catchAll: 'catch_all',
  order: 'order',
  maxAgeMs: 'max_age',
  onOwnCalls: 'on_own_calls',
  actions: null,
};

const RULE_DEFAULTS: Partial<RuleContent> = { onOwnCalls: 'ignore' };

/** Rules and actions that were added, removed or changed, in the order of the rule set that comes. */
export function compareRuleSets(before: RuleSetContent, after: RuleSetContent): RuleChangeView[] {
  const [old, now] = [byId(before.rules), byId(after.rules)];
  const changes = after.rules.map((rule) => compareRule(old.get(rule.id), rule, { before, after }));
  const removed = before.rules.filter(({ id }) => !now.has(id));
  return [
    ...changes.flatMap((change) => change ?? []),
    ...removed.map(({ id }): RuleChangeView => ({ rule: id, change: 'removed', what: [], actions: [] })),
  ];
}

interface Sets {
  before: RuleSetContent;
  after: RuleSetContent;
}

function compareRule(old: RuleContent | undefined, rule: RuleContent, sets: Sets): RuleChangeView | null {
  if (old === undefined) return { rule: rule.id, change: 'added', what: [], actions: [] };
  const what = ruleDifferences(old, rule, sets);
  const actions = compareActions(old.actions, rule.actions, sets);
  return what.length + actions.length === 0 ? null : { rule: rule.id, change: 'changed', what, actions };
}

function compareActions(before: ActionContent[], after: ActionContent[], sets: Sets): ActionChangeView[] {
  const [old, now] = [byId(before), byId(after)];
  const changes = after.map((action): ActionChangeView => {
    const then = old.get(action.id);
    if (then === undefined) return { action: action.id, change: 'added', what: [] };
    return { action: action.id, change: 'changed', what: actionDifferences(then, action, sets) };
  });
  const removed = before.filter(({ id }) => !now.has(id));
  return [
    ...changes.filter(({ change, what }) => change === 'added' || what.length > 0),
    ...removed.map(({ id }): ActionChangeView => ({ action: id, change: 'removed', what: [] })),
  ];
}

/** Names what two versions of a rule differ in, its actions aside. */
export function ruleDifferences(old: RuleContent, rule: RuleContent, sets: Sets): string[] {
  const written = [old.condition, rule.condition];
  return [
    ...partsThatDiffer({ ...RULE_DEFAULTS, ...old }, { ...RULE_DEFAULTS, ...rule }, RULE_WORDS),
    ...surroundings(written, sets),
  ];
}

/** Names what two versions of an action differ in, with everything that its text and time are made from. */
export function actionDifferences(old: ActionContent, action: ActionContent, sets: Sets): string[] {
  return [
    ...partsThatDiffer({ ...ACTION_DEFAULTS, ...old }, { ...ACTION_DEFAULTS, ...action }, ACTION_WORDS),
    ...surroundings([old, action], sets),
    ...(usesTemplates([old, action], sets) && differ(sets.before.templates, sets.after.templates)
      ? ['templates']
      : []),
  ];
}

function partsThatDiffer<Content extends object>(
  old: Content,
  now: Content,
  words: Record<keyof Content, string | null>,
): string[] {
  const keys = Object.keys(words) as (keyof Content)[];
  return keys.flatMap((key) => {
    const word = words[key];
    return word !== null && differ(old[key], now[key]) ? [word] : [];
  });
}

/** Tables and calendars that are named there, and the zone of every time. */
function surroundings(written: readonly unknown[], { before, after }: Sets): string[] {
  const text = JSON.stringify(written);
  const named = <T>(all: Record<string, T>) => Object.entries(all).filter(([name]) => text.includes(name));
  return [
    ...(differ(named(before.tables), named(after.tables)) ? ['tables'] : []),
    ...(differ(named(before.calendars), named(after.calendars)) ? ['calendars'] : []),
    ...(before.timezone === after.timezone ? [] : ['timezone']),
  ];
}

/** A template may include any other one, so naming one means all of them. */
function usesTemplates(written: readonly unknown[], { before, after }: Sets): boolean {
  const text = JSON.stringify(written);
  const files = [...Object.keys(before.templates), ...Object.keys(after.templates)];
  return files.some((file) => text.includes(file.replace(/\.liquid$/, '')));
}

/** Rule sets are plain JSON by definition; their types say more. */
function differ(old: unknown, now: unknown): boolean {
  return canonicalJson((old ?? null) as Json) !== canonicalJson((now ?? null) as Json);
}

function byId<T extends { id: string }>(all: readonly T[]): Map<string, T> {
  return new Map(all.map((one) => [one.id, one]));
}
