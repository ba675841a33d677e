import { isJsonObject, type Json, ownProperty } from '../../lib/json.js';
import { type ActionContent } from '../../rules/rule.js';
import { type Path, pathInWords } from '../path.js';
import { expectSchema } from '../schema/follow-up-keys.js';
import { parseAs } from '../schema/parse-as.js';
import { type ActionPlace, type Waiting } from './action-place.js';
import { checkAction } from './actions.js';
import { checkConditionAt } from './conditions.js';
import { checkNeeds, type PlacedAction } from './needs.js';
import { checkDuring } from './timing.js';

type RulePlace = Omit<ActionPlace, 'waiting'>;

const THEN: Path = ['then'];
const ELSE: Path = ['expect', 'else'];

/**
 * The actions of a rule: those of `then`, and behind them those under `else` of `expect`, which wait for their time as
 * any other follow-up does.
 */
export function checkActions(rule: Json, place: RulePlace): ActionContent[] {
  const placed = [
    ...checkList(rule, THEN, { ...place, waiting: null }),
    ...checkList(rule, ELSE, { ...place, waiting: waitingOf(rule, place) }),
  ];
  checkIds(placed, place);
  checkNeeds(placed, place);
  return placed.map(({ action }) => action);
}

/** Ids of all actions that stand in a rule, also of those with faults. */
export function actionIds(rule: Json): string[] {
  const actions = [...listAt(rule, THEN), ...listAt(rule, ELSE)];
  return actions.flatMap((action) =>
    isJsonObject(action) && typeof action.id === 'string' ? [action.id] : [],
  );
}

function checkList(rule: Json, at: Path, place: ActionPlace): PlacedAction[] {
  return listAt(rule, at).flatMap(
    (item, i) => checkAction(item, { ...place, path: [...place.path, ...at, i] }) ?? [],
  );
}

function listAt(rule: Json, path: Path): Json[] {
  const list = path.reduce<Json | undefined>((value, key) => ownProperty(value, String(key)), rule);
  return Array.isArray(list) ? list : [];
}

/** Without `call` any later call will do. What is wrong with the form of `expect` is reported with that of its rule. */
function waitingOf(rule: Json, place: RulePlace): Waiting | null {
  const content = ownProperty(rule, 'expect');
  if (content === undefined) return null;
  const parsed = parseAs(expectSchema, content);
  if (!parsed.ok) return { ...NO_TIME, during: undefined };
  const { within: after, call, during } = parsed.data;
  const path = [...place.path, 'expect'];
  checkDuring(during, path, place);
  if (call) checkConditionAt(call, place.missing, { ...place, path: [...path, 'call'] });
  return { after, laterCall: call ?? NO_TIME.laterCall, during };
}

/** Stands in where `expect` has faults, so that its actions are checked as well. */
const NO_TIME: Pick<Waiting, 'after' | 'laterCall'> = {
  after: { in: 'ms', ms: 0 },
  laterCall: { match: 'everything' },
};

function checkIds(placed: readonly PlacedAction[], { path: rule, file, findings }: RulePlace): void {
  const seen = new Map<string, Path>();
  for (const { action, path } of placed) {
    const first = seen.get(action.id);
    if (first === undefined) {
      seen.set(action.id, path);
      continue;
    }
    const where = pathInWords(first.slice(rule.length));
    const message = `the action ${action.id} exists already in this rule, at ${where}`;
    findings.error(file, [...path, 'id'], message);
  }
}
