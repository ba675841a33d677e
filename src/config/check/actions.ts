import { checkInput } from '../../adapters/check-input.js';
import { type Operation } from '../../adapters/adapter.js';
import { type Json, ownProperty } from '../../lib/json.js';
import { type To } from '../../rules/rule.js';
import { type DestinationConfig } from '../config.js';
import { followWords, type Path } from '../path.js';
import { describeUnknownName } from '../schema/describe-issue.js';
import { type ActionFile, actionSchema } from '../schema/rule-file.js';
import { parseAs } from '../schema/parse-as.js';
import { toActionContent } from './action-content.js';
import { type ActionPlace, checkTemplateText } from './action-place.js';
import { checkConditionAt } from './conditions.js';
import { checkContactChange, hintAtContactChange, isContactChangeAction } from './contact-changes.js';
import { addIssues } from './context.js';
import { checkRepeating } from './follow-ups.js';
import { type PlacedAction } from './needs.js';
import { checkReaching, checkStaff, type Target } from './reaching.js';
import { checkDuring, checkTiming } from './timing.js';

/** One action of a rule with its operation, or null when its form has faults, which are reported. */
export function checkAction(content: unknown, place: ActionPlace): PlacedAction | null {
  if (isContactChangeAction(content)) return checkContactChange(content, place);
  const parsed = parseAs(actionSchema, content);
  if (!parsed.ok) {
    const isChange = hintAtContactChange(content, place);
    const issues = isChange ? parsed.issues.filter(({ path }) => path[0] !== 'to') : parsed.issues;
    addIssues(place.findings, place.file, place.path, issues);
    checkReadableNames(content, place);
    return null;
  }
  const action = parsed.data;
  const operation = checkTarget(action, place);
  checkTiming(action, place);
  checkRepeating(action, place);
  if (action.only_if)
    checkConditionAt(action.only_if, place.missing, { ...place, path: [...place.path, 'only_if'] });
  return { path: place.path, operation, action: toActionContent(action, place.waiting) };
}

/** Of an action whose form has faults, the names that can be read: one run finds everything. */
function checkReadableNames(content: unknown, place: ActionPlace): void {
  const { to, do: operation, during } = actionSchema.shape;
  const [target, wanted, windows] = [
    to.safeParse(ownProperty(content, 'to')),
    operation.safeParse(ownProperty(content, 'do')),
    during.safeParse(ownProperty(content, 'during')),
  ];
  if (target.success && wanted.success) targetsOf({ to: target.data, do: wanted.data }, place);
  if (windows.success) checkDuring(windows.data, place.path, place);
}

/** The operation and its input must fit every destination the action may go to. Answers it where there is one. */
function checkTarget(action: ActionFile, place: ActionPlace): Operation | null {
  const targets = targetsOf(action, place);
  for (const target of targets.values()) {
    checkReaching(target, action, place);
    if (checkWith(target.operation, action, place)) checkStaff(target, action, place);
  }
  const [only = null] = targets.keys();
  return targets.size === 1 ? only : null;
}

/** What an action may come to; what is wrong with the names of it is reported. */
function targetsOf(action: Pick<ActionFile, 'to' | 'do'>, place: ActionPlace): Map<Operation, Target> {
  const targets = new Map<Operation, Target>();
  if (place.world.destinations === null) return targets;
  for (const name of targetNames(action.to, place)) {
    const destination = place.world.destinations.get(name);
    const target = destination && targetOf(action, destination, place);
    if (target && !targets.has(target.operation)) targets.set(target.operation, target);
  }
  return targets;
}

function checkWith(
  operation: Operation,
  action: ActionFile,
  { file, path, findings, world }: ActionPlace,
): boolean {
  const problems = checkInput(operation, action.with, world.templates);
  for (const { path: words, message } of problems)
    findings.error(file, [...path, 'with', ...followWords(action.with, words)], message);
  return problems.length === 0;
}

function targetOf(
  action: Pick<ActionFile, 'do'>,
  { name, adapter, operations, defaultOperation }: DestinationConfig,
  { file, path, findings }: ActionPlace,
): Target | null {
  const known = Object.keys(operations);
  const wanted = action.do ?? defaultOperation;
  if (wanted === null) {
    findings.error(file, path, `do is missing; ${name} (${adapter.kind}) can ${known.join(', ')}`);
    return null;
  }
  const operation = Object.hasOwn(operations, wanted) ? operations[wanted] : undefined;
  if (operation) return { operation, words: `${wanted} (${name})` };
  const what = `operation of kind ${adapter.kind}`;
  findings.error(file, [...path, 'do'], describeUnknownName(what, wanted, known));
  return null;
}

/** Names of every destination that `to` may lead to; those that are none are reported and left out. */
function targetNames(to: To, place: ActionPlace): string[] {
  const path = [...place.path, 'to'];
  if (typeof to === 'string') return isDestination(to, path, place) ? [to] : [];
  const names = tableTargets(to.table, path, place);
  checkTemplateText(to.key, [...path, 'key'], place);
  if (to.default !== undefined && isDestination(to.default, [...path, 'default'], place))
    names.push(to.default);
  return names;
}

function isDestination(name: string, path: Path, { file, findings, world }: ActionPlace): boolean {
  if (world.destinations?.has(name) === true) return true;
  const known = [...(world.destinations?.keys() ?? [])];
  findings.error(file, path, describeUnknownName('destination', name, known));
  return false;
}

function tableTargets(table: string, path: Path, { file, findings, world }: ActionPlace): string[] {
  const rows = Object.hasOwn(world.tables, table) ? world.tables[table] : undefined;
  if (rows === undefined) {
    findings.error(file, [...path, 'table'], describeUnknownName('table', table, Object.keys(world.tables)));
    return [];
  }
  const known = world.destinations;
  const isKnown = (value: Json): value is string => typeof value === 'string' && known?.has(value) === true;
  const wrong = Object.entries(rows).filter(([, value]) => !isKnown(value));
  for (const [key] of wrong)
    findings.error(
      file,
      [...path, 'table'],
      `the row "${key}" of table ${table} names no destination; every value must be one`,
    );
  return [...new Set(Object.values(rows).filter(isKnown))];
}
