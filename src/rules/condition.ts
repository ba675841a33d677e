import { type Because } from '../domain/decision.js';
import { type Json } from '../lib/json.js';
import { becauseOf } from './logic/because.js';
import { checkLogic } from './logic/check.js';
import { compileNode } from './logic/compile.js';
import { LogicError, type LogicFinding } from './logic/errors.js';
import { type ExplainNode, explainNode } from './logic/explain.js';
import { inFrame } from './logic/frame.js';
import { type LogicNode, type LogicOptions, type Run } from './logic/node.js';
import { isTruthy, UNDECIDED } from './logic/undecided.js';
import { checkMatch, matchToLogic } from './match.js';
import { type ConditionContent, type Logic } from './rule.js';

export { type ExplainNode } from './logic/explain.js';

/** What conditions are read with: `missing`, `tables`, `calendars`, `timezone`. All have defaults. */
export type ConditionContext = LogicOptions;

/** A compiled condition. Pure and synchronous. */
export interface Condition {
  /** Truth as in JSON Logic. @throws LogicBudgetError */
  test(data: unknown): boolean | 'undecided';
  /** The paths, as written in the condition, that make it undecided; empty when it is decided. */
  because(data: unknown): Because[];
  /** Every part with its value, the deciding one marked. */
  explain(data: unknown): ExplainNode;
  /** The JSON Logic that it stands for. */
  logic: Logic;
  /** Compiled form, for the rule index. */
  node: LogicNode;
}

/** The JSON Logic of a condition: `match` and `when` joined by one `and`. @throws LogicError */
export function conditionToLogic({ match, when }: ConditionContent): Logic {
  const parts: Logic[] = [];
  if (match !== undefined) parts.push(...conjuncts(matchToLogic(match)));
  if (when !== undefined) parts.push(when);
  return parts.length === 1 ? (parts[0] as Json) : { and: parts };
}

function conjuncts(logic: Logic): Logic[] {
  const isAnd =
    typeof logic === 'object' && logic !== null && !Array.isArray(logic) && Array.isArray(logic.and);
  return isAnd ? (logic.and as Json[]) : [logic];
}

/** @throws LogicError when {@link checkCondition} finds errors */
export function compileCondition(content: ConditionContent, context: ConditionContext): Condition {
  const errors = checkCondition(content, context).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new LogicError(errors.map(({ path, message }) => ({ path, message })));
  const logic = conditionToLogic(content);
  const node = compileNode(logic, context);
  return {
    test: testerOf(node, context),
    because: (data) => becauseOf(node, data, context),
    explain: (data) => explainNode(node, data),
    logic,
    node,
  };
}

function testerOf(node: LogicNode, context: ConditionContext): Condition['test'] {
  const isAnd = node.operator === 'and' && node.operands.length > 0 && context.missing !== 'as-null';
  const test = isAnd ? testAll(node.operands) : testOne(node.run);
  return node.isCostly || node.readsRoot ? (data) => inFrame(data, () => test(data)) : test;
}

function testOne(run: Run): Condition['test'] {
  return (data) => {
    const value = run(data);
    return value === UNDECIDED ? 'undecided' : isTruthy(value);
  };
}

/**
 * A condition is only asked for its truth, so the parts of its outermost `and` may run in any order: those that
 * loop come last, and mostly need not run at all.
 */
function testAll(parts: LogicNode[]): Condition['test'] {
  const runs = parts.toSorted((a, b) => Number(a.isCostly) - Number(b.isCostly)).map(({ run }) => run);
  return (data) => {
    let undecided = false;
    for (const run of runs) {
      const value = run(data);
      if (value === UNDECIDED) undecided = true;
      else if (value !== true && !isTruthy(value)) return false;
    }
    return undecided ? 'undecided' : true;
  };
}

/** Everything wrong with a condition. Paths such as `match.status` or `when.and[0]`. */
export function checkCondition(content: ConditionContent, context: ConditionContext = {}): LogicFinding[] {
  const { match, when } = content;
  if (match === undefined && when === undefined)
    return [
      {
        path: '',
        message: 'has neither `match` nor `when`; for every call write `match: everything`',
        severity: 'error',
      },
    ];
  const ofMatch = match === undefined ? [] : below('match', checkMatch(match, context));
  const ofWhen = when === undefined ? [] : below('when', checkLogic(when, context));
  const findings = [...ofMatch, ...ofWhen];
  if (match === undefined || findings.some(({ severity }) => severity === 'error')) return findings;
  const together = checkLogic(conditionToLogic(content), context).filter(
    ({ severity }) => severity === 'error',
  );
  return [...findings, ...together.map((finding) => ({ ...finding, path: 'match' }))];
}

function below(top: string, findings: LogicFinding[]): LogicFinding[] {
  return findings.map((finding) => ({ ...finding, path: joinPaths(top, finding.path) }));
}

function joinPaths(top: string, path: string): string {
  if (path === '') return top;
  return path.startsWith('[') ? top + path : `${top}.${path}`;
}
