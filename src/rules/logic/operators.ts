import { ARITHMETIC } from './arithmetic.js';
import { BASICS } from './basics.js';
import { CONTROL } from './control.js';
import { eager } from './eager.js';
import { FURTHER } from './further.js';
import { type FurtherOperator, type Operator } from './node.js';

function standing({ prepare, ...rest }: FurtherOperator): Operator {
  return { ...rest, build: (operands, context) => eager(operands, prepare(context, operands)) };
}

/** Every operator that a rule may use, by name. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ...Object.entries(BASICS),
  ...Object.entries(ARITHMETIC),
  ...Object.entries(CONTROL),
  ...Object.entries(FURTHER).map(([name, operator]): [string, Operator] => [name, standing(operator)]),
]);
