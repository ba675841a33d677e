import { checkInput } from '../../adapters/check-input.js';
import { type Operation } from '../../adapters/adapter.js';
import { type Json } from '../../lib/json.js';
import { type ActionContent, type RuleContent, type To } from '../../rules/rule.js';
import { type DestinationConfig } from '../config.js';
import { type ConfigFile } from '../config-file.js';
import { type Findings } from '../findings.js';
import { followWords, type Path } from '../path.js';
import { describeUnknownName } from '../schema/describe-issue.js';
import { type ActionFile, actionSchema } from '../schema/rule-file.js';
import { parseAs } from '../schema/parse-as.js';
import { checkConditionAt } from './conditions.js';
import { addIssues, type World } from './context.js';
import { type PlacedAction } from './needs.js';
import { checkTiming, timingOf } from './timing.js';

export interface ActionPlace {
  file: ConfigFile;
  path: Path;
  findings: Findings;
  world: World;
  missing: RuleContent['missing'];
}

/** One action of a rule with its operation, or null when its form has faults, which are reported. */
export function checkAction(content: unknown, place: ActionPlace): PlacedAction | null {
  const parsed = parseAs(actionSchema, content);
  if (!parsed.ok) {
    addIssues(place.findings, place.file, place.path, parsed.issues);
    return null;
  }
  const action = parsed.data;
  const operation = checkTarget(action, place);
  checkTiming(action, place);
  if (action.cancel_when?.later_call)
    checkConditionAt(action.cancel_when.later_call, place.missing, {
      ...place,
      path: [...place.path, 'cancel_when', 'later_call'],
    });
  if (action.only_if)
    checkConditionAt(action.only_if, place.missing, { ...place, path: [...place.path, 'only_if'] });
  return { path: place.path, operation, action: toActionContent(action) };
}

function toActionContent(action: ActionFile): ActionContent {
  return {
    id: action.id,
    to: action.to,
    do: action.do ?? null,
    with: action.with,
    onlyIf: action.only_if ?? null,
    ifMissing: action.if_missing ?? null,
    onRevision: action.on_revision,
    ifUnknown: action.if_unknown ?? null,
    retryWaitsMs: action.retry?.waits ?? null,
    timeoutMs: action.timeout ?? null,
    ordered: action.ordered ?? null,
    needs: action.needs,
    ...timingOf(action),
  };
}

/** The operation and its input must fit every destination the action may go to. Answers it where there is one. */
function checkTarget(action: ActionFile, place: ActionPlace): Operation | null {
  if (place.world.destinations === null) return null;
  const operations = new Set<Operation>();
  for (const name of targetNames(action.to, place)) {
    const destination = place.world.destinations.get(name);
    const operation = destination && operationOf(action, destination, place);
    if (operation) operations.add(operation);
  }
  for (const operation of operations) {
    checkAudience(operation, action, place);
    checkWith(operation, action, place);
  }
  const [only = null] = operations;
  return operations.size === 1 ? only : null;
}

/** Calling or texting people waits for the gate that says whether and when. */
function checkAudience(
  { audience }: Operation,
  action: ActionFile,
  { file, path, findings }: ActionPlace,
): void {
  if (audience !== 'contact') return;
  const at = action.do === undefined ? path : [...path, 'do'];
  findings.error(
    file,
    at,
    'reaches a contact, which no rule may do in this version: quiet hours and the do-not-contact list are not there yet; expected an operation that writes to colleagues or systems',
  );
}

function checkWith(
  operation: Operation,
  action: ActionFile,
  { file, path, findings, world }: ActionPlace,
): void {
  for (const { path: words, message } of checkInput(operation, action.with, world.templates))
    findings.error(file, [...path, 'with', ...followWords(action.with, words)], message);
}

function operationOf(
  action: ActionFile,
  destination: DestinationConfig,
  place: ActionPlace,
): Operation | null {
  const { file, path, findings } = place;
  const known = Object.keys(destination.operations);
  const wanted = action.do ?? destination.defaultOperation;
  if (wanted === null) {
    findings.error(
      file,
      path,
      `do is missing; ${destination.name} (${destination.adapter.kind}) can ${known.join(', ')}`,
    );
    return null;
  }
  if (Object.hasOwn(destination.operations, wanted)) return destination.operations[wanted] ?? null;
  const what = `operation of kind ${destination.adapter.kind}`;
  findings.error(file, [...path, 'do'], describeUnknownName(what, wanted, known));
  return null;
}

/** Names of every destination that `to` may lead to; those that are none are reported and left out. */
function targetNames(to: To, place: ActionPlace): string[] {
  const path = [...place.path, 'to'];
  if (typeof to === 'string') return isDestination(to, path, place) ? [to] : [];
  const names = tableTargets(to.table, path, place);
  checkKey(to.key, path, place);
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

function checkKey(key: string, path: Path, { file, findings, world }: ActionPlace): void {
  try {
    world.templates.parse(key, 'text');
  } catch (error) {
    findings.error(file, [...path, 'key'], error instanceof Error ? error.message : String(error));
  }
}
