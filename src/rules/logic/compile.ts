import { asNullRun } from './as-null.js';
import { checkLogic } from './check.js';
import { eager } from './eager.js';
import { LogicError } from './errors.js';
import { inFrame } from './frame.js';
import { contextOf, type LogicContext, type LogicNode, type LogicOptions, type Run } from './node.js';
import { OPERATORS } from './operators.js';
import { operandsOf, operatorOf } from './shape.js';

/**
 * Compiles a JSON Logic rule into a function of the data. It gives what json-logic-js gives, or `UNDECIDED`
 * where a comparison or a calculation lacks its data (see `missing`). The function throws LogicBudgetError
 * when a rule with loops outgrows its budget.
 * @throws LogicError naming everything that is wrong with the rule
 */
export function compile(rule: unknown, options?: LogicOptions): Run {
  return framed(compileNode(rule, options));
}

/** Compiles and keeps the parts. @throws LogicError */
export function compileNode(rule: unknown, options?: LogicOptions): LogicNode {
  const problems = checkLogic(rule, options).filter(({ severity }) => severity === 'error');
  if (problems.length > 0) throw new LogicError(problems.map(({ path, message }) => ({ path, message })));
  return buildNode(rule, contextOf(options));
}

/** Gives a rule its budget, where it needs one. */
export function framed(node: LogicNode): Run {
  const { run, isCostly, readsRoot } = node;
  return isCostly || readsRoot ? (data) => inFrame(data, () => run(data)) : run;
}

function buildNode(rule: unknown, context: LogicContext): LogicNode {
  if (Array.isArray(rule)) return listNode(rule, context);
  const name = operatorOf(rule);
  const operator = name === null ? undefined : OPERATORS.get(name);
  if (name === null || !operator) return literalNode(rule);
  const operands = operandsOf(rule, name).map((operand) => buildNode(operand, context));
  return {
    operator: name,
    operands,
    run:
      context.missing === 'as-null' ? asNullRun(name, operands, context) : operator.build(operands, context),
    path: writtenPath(name, operands),
    ...traitsOf(operands),
    ...(operator.isCostly ? { isCostly: true } : {}),
    ...(operator.readsRoot ? { readsRoot: true } : {}),
  };
}

function listNode(rule: unknown[], context: LogicContext): LogicNode {
  const operands = rule.map((item) => buildNode(item, context));
  if (operands.every((operand) => operand.literal)) return literalNode(rule);
  const run = eager(operands, (...values) => values);
  return { operator: null, operands, run, path: null, ...traitsOf(operands) };
}

function literalNode(value: unknown): LogicNode {
  return {
    operator: null,
    operands: [],
    run: () => value,
    literal: { value },
    path: null,
    isCostly: false,
    readsRoot: false,
  };
}

function traitsOf(operands: LogicNode[]): Pick<LogicNode, 'isCostly' | 'readsRoot'> {
  return {
    isCostly: operands.some((operand) => operand.isCostly),
    readsRoot: operands.some((operand) => operand.readsRoot),
  };
}

function writtenPath(name: string, operands: LogicNode[]): string | null {
  const written = operands[0]?.literal?.value;
  if (name !== 'var' && name !== 'exists') return null;
  return typeof written === 'string' || typeof written === 'number' ? String(written) : null;
}
