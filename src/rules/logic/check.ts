import { nearest } from '../../lib/nearest.js';
import { type LogicFinding } from './errors.js';
import { FURTHER } from './further.js';
import { contextOf, type LogicContext, type LogicOptions } from './node.js';
import { OPERATORS } from './operators.js';
import { forbiddenSegment } from './path.js';
import { patternProblem } from './pattern.js';
import { listOf } from './people.js';
import { operandPath, operandsOf, operatorOf } from './shape.js';
import { isZone } from './time.js';
import { warnings } from './warn.js';

/** Operations and lists inside each other. Rules written by people reach 6; evaluation recurses this deep. */
const MAX_DEPTH = 32;

/**
 * Operations, lists and operands of one rule, where a list of mere values counts as one. More is a table or
 * several rules; it also bounds what one step of a loop can cost.
 */
const MAX_NODES = 500;

const REFUSED: Record<string, string> = {
  log: 'is refused: it would print personal data of calls; `aftercall explain` shows every value',
  method: 'is refused: it would run methods of objects',
};

/**
 * Everything wrong with a rule, and warnings where it would hold just because data is missing. Paths lead from
 * the top of the rule. Never throws.
 */
export function checkLogic(rule: unknown, options?: LogicOptions): LogicFinding[] {
  const checker = new Checker(contextOf(options));
  checker.visit(rule, '', 1);
  const isSound = checker.findings.length === 0;
  return isSound ? warnings(rule, options?.missing ?? 'undecided') : checker.findings;
}

class Checker {
  readonly findings: LogicFinding[] = [];
  #nodes = 0;
  #isTooLarge = false;

  constructor(private readonly context: LogicContext) {}

  visit(rule: unknown, path: string, depth: number): void {
    if (this.#isTooLarge || this.#outgrows(path, depth)) return;
    if (Array.isArray(rule)) this.#list(rule, path, depth);
    else if (typeof rule === 'object' && rule !== null) this.#operation(rule, path, depth);
  }

  #outgrows(path: string, depth: number): boolean {
    this.#nodes += 1;
    this.#isTooLarge = depth > MAX_DEPTH || this.#nodes > MAX_NODES;
    if (depth > MAX_DEPTH) this.#error(path, `nested deeper than ${MAX_DEPTH}; split the rule`);
    else if (this.#isTooLarge)
      this.#error(path, `more than ${MAX_NODES} parts; use a table or several rules`);
    return this.#isTooLarge;
  }

  #list(items: unknown[], path: string, depth: number): void {
    if (items.every((item) => typeof item !== 'object' || item === null)) return;
    items.forEach((item, i) => this.visit(item, `${path}[${i}]`, depth + 1));
  }

  #operation(rule: object, path: string, depth: number): void {
    const keys = Object.keys(rule);
    const operator = operatorOf(rule);
    if (keys.length > 1) this.#error(path, severalKeys(keys));
    if (operator === null) return;
    const here = path === '' ? operator : `${path}.${operator}`;
    const problem = operatorProblem(operator);
    if (problem !== null) this.#error(here, problem);
    else this.#operands(rule, operator, here, depth);
  }

  #operands(rule: object, operator: string, here: string, depth: number): void {
    const operands = operandsOf(rule, operator);
    this.#arity(operator, operands, here);
    this.#written(operator, operands, (i) => here + operandPath(rule, operator, i));
    operands.forEach((operand, i) => this.visit(operand, here + operandPath(rule, operator, i), depth + 1));
  }

  #arity(operator: string, operands: unknown[], here: string): void {
    const further = FURTHER[operator];
    const [least, most] = further?.arity ?? (operator === '*' ? [1, Infinity] : [0, Infinity]);
    if (operands.length >= least && operands.length <= most) return;
    const usage = further?.usage ?? '{"*": [factor, …]}';
    this.#error(here, `has ${operands.length} operands; expected ${usage}`);
  }

  /** What can be told from operands that are written out. */
  #written(operator: string, operands: unknown[], placeOf: (index: number) => string): void {
    const [first, second] = operands;
    if (operator === 'var') this.#path(first, placeOf(0));
    else if (operator === 'exists') this.#exists(operands, placeOf);
    else if (operator === 'missing') operands.flat().forEach((path, i) => this.#path(path, placeOf(i)));
    else if (operator === 'missing_some') [second].flat().forEach((path) => this.#path(path, placeOf(1)));
    else if (operator === 'matches') this.#patterns(second, placeOf(1));
    else if (operator === 'lookup') this.#known(first, Object.keys(this.context.tables), 'table', placeOf(0));
    else if (operator === 'inside')
      this.#known(second, Object.keys(this.context.calendars), 'calendar', placeOf(1));
    else if (operator === 'hour' || operator === 'weekday') this.#zone(second, placeOf(1));
  }

  #path(path: unknown, place: string): void {
    const segment = typeof path === 'string' ? forbiddenSegment(path) : null;
    if (segment !== null)
      this.#error(
        place,
        `\`${segment}\` leads out of the data; expected a path such as lead.variables.email`,
      );
  }

  #exists([path, how]: unknown[], placeOf: (index: number) => string): void {
    this.#path(path, placeOf(0));
    if (typeof path !== 'string' || path === '')
      this.#error(placeOf(0), 'expected a path in quotes, as in {"exists": ["lead.variables.email"]}');
    if (how !== undefined && how !== 'not_empty')
      this.#error(placeOf(1), 'expected nothing, or "not_empty" to take empty text for missing');
  }

  #patterns(patterns: unknown, place: string): void {
    for (const pattern of listOf(patterns)) {
      const problem = patternProblem(pattern);
      if (problem !== null) this.#error(place, problem);
    }
  }

  #known(name: unknown, names: string[], what: string, place: string): void {
    if (typeof name === 'string' && names.includes(name)) return;
    if (typeof name !== 'string') {
      this.#error(place, `expected the name of a ${what} in quotes`);
      return;
    }
    const near = nearest(name, names);
    this.#error(
      place,
      `no ${what} is called \`${name}\`${near === null ? '' : `; did you mean \`${near}\`?`}`,
    );
  }

  #zone(zone: unknown, place: string): void {
    if (typeof zone === 'string' && !isZone(zone))
      this.#error(place, `\`${zone}\` is no time zone; expected an IANA zone such as Europe/Vienna`);
  }

  #error(path: string, message: string): void {
    this.findings.push({ path, message, severity: 'error' });
  }
}

function severalKeys(keys: string[]): string {
  const shown = keys.slice(0, 3).map((key) => `\`${key}\``);
  return `an object with ${keys.length} keys (${shown.join(', ')}${keys.length > 3 ? ', …' : ''}) is no operation: JSON Logic takes it for data, which is always true; write one operation per object and join them by \`and\``;
}

function operatorProblem(operator: string): string | null {
  if (OPERATORS.has(operator)) return null;
  if (Object.hasOwn(REFUSED, operator)) return REFUSED[operator] as string;
  const near = nearest(operator, OPERATORS.keys());
  return `unknown operator \`${operator}\`${near === null ? '' : `; did you mean \`${near}\`?`}`;
}
