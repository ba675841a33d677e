import { type LogicFinding } from './errors.js';
import { operandPath, operandsOf, operatorOf } from './shape.js';

/** False on a missing value, whatever they compare it with; so `!` over them is true. */
const FALSE_ON_MISSING = new Set([
  '==',
  '===',
  'in',
  'same',
  'contains',
  'starts_with',
  'ends_with',
  'matches',
]);

/**
 * Where a rule would hold just because a path is missing: `!=`, `!==`, `!` over a path or an equality, and in
 * rules with `missing: as-null` also `not_same`. An `exists` of the same path in an `and` around it settles it.
 */
export function warnings(rule: unknown, missing: 'undecided' | 'as-null'): LogicFinding[] {
  const findings: LogicFinding[] = [];
  visit(rule, '', new Set());
  return findings;

  function visit(part: unknown, path: string, settled: ReadonlySet<string>): void {
    if (Array.isArray(part)) part.forEach((item, i) => visit(item, `${path}[${i}]`, settled));
    const operator = operatorOf(part);
    if (operator === null) return;
    const here = path === '' ? operator : `${path}.${operator}`;
    const operands = operandsOf(part, operator);
    const unsettled = trueWhenMissing(operator, operands, missing).filter((one) => !settled.has(one));
    for (const one of unsettled) findings.push({ path: here, message: warning(one), severity: 'warning' });
    const known = operator === 'and' ? new Set([...settled, ...operands.flatMap(existing)]) : settled;
    operands.forEach((operand, i) => visit(operand, here + operandPath(part, operator, i), known));
  }
}

function warning(path: string): string {
  return `holds also when \`${path}\` is missing; if that is not meant, add {"exists": ["${path}"]} in an \`and\``;
}

/** Paths whose absence alone makes the operation true. */
function trueWhenMissing(operator: string, operands: unknown[], missing: 'undecided' | 'as-null'): string[] {
  if (operator === '!=' || operator === '!==') return comparedPaths(operands);
  if (operator === 'not_same') return missing === 'as-null' ? comparedPaths(operands) : [];
  if (operator !== '!') return [];
  const inner = operatorOf(operands[0]);
  if (inner === null) return [];
  if (inner === 'var') return pathsOf(operands[0]);
  return FALSE_ON_MISSING.has(inner) ? comparedPaths(operandsOf(operands[0], inner)) : [];
}

/** Bare paths that are compared with something written out other than null. */
function comparedPaths([first, second]: unknown[]): string[] {
  const isWritten = (value: unknown) => value !== null && operatorOf(value) === null;
  if (isWritten(second)) return pathsOf(first);
  return isWritten(first) ? pathsOf(second) : [];
}

/** The path of a `var` without a default. */
function pathsOf(part: unknown): string[] {
  if (operatorOf(part) !== 'var') return [];
  const [path, otherwise] = operandsOf(part, 'var');
  return typeof path === 'string' && path !== '' && otherwise === undefined ? [path] : [];
}

function existing(part: unknown): string[] {
  if (operatorOf(part) !== 'exists') return [];
  const [path] = operandsOf(part, 'exists');
  return typeof path === 'string' ? [path] : [];
}
